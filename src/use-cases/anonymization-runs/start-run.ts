import { Fault } from '../../domain/fault.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { Ports } from '../../ports/index.ts';
import type { AnonymizationRun, PeopleRun } from '../../ports/runs.ts';
import { actorNow } from '../actor-now.ts';
import { inTheNameOf, mayStart, seenRun } from './asker.ts';
import type { RunStatus, StartRunCommand } from './commands.ts';
import { maxPeople, shownPlan } from './plan-run.ts';
import { chosenBy, planPeople, type PeoplePlan } from './plan-people.ts';
import type { PlanNeeds } from './preview-site.ts';
import { digestOf, mustBeOurs, mustNotBeOver, statusOf } from './run-status.ts';
import type { Actor } from '../../domain/actor.ts';

type Needs = PlanNeeds &
  Pick<Ports, 'clients' | 'runs' | 'secrets' | 'audit' | 'log' | 'inOneSnapshot' | 'inOneTransaction'>;

/**
 * Begins what was planned, if it still is that plan; a job carries it on. Of a run that is under way: how it stands. Faults: `forbidden`,
 * `not-found`, `preview-required` without the plan that was seen, `plan-changed`, `conflict` (rules `not-your-plan`, `run-is-paused`,
 * `run-is-done`, `run-is-cancelled`, `not-written-by-us`). Source: people.md §1.
 */
export const startRun =
  (ports: Needs) =>
  async ({ actor: asking, name, stillMatches }: StartRunCommand): Promise<RunStatus> => {
    // They may have waited for their turn.
    const actor = await actorNow(ports, asking);
    const run = await seenRun(ports, actor, name);
    if (stillMatches === undefined) throw planNotSaid();
    mustBeTheirs(actor, run);
    await mustBeOurs(ports, run);
    mustNotStand(run);
    const digest = digestOf(run);
    if (digest === null || !stillMatches(digest)) throw planChanged(await planNow(ports, actor, run));
    if (run.kind === 'site' || run.state === 'running') return statusOf(ports, actor, run);

    const now = await ports.inOneSnapshot(() => planAgain(ports, actor, run, 'only-whom'), { hadTurn: true });
    if (now.digest !== digest) throw planChanged(await planNow(ports, actor, run));
    return ports.inOneTransaction(async () => {
      const by = await actorNow(ports, actor);
      mustBeTheirs(by, await seenRun(ports, by, name));
      await ports.runs.start(run.id, inTheNameOf(by));
      // Somebody else may have been quicker: what counts is how it stands.
      const after = await seenRun(ports, by, name);
      mustNotStand(after);
      return statusOf(ports, by, after);
    });
  };

const planNotSaid = (): Fault =>
  new Fault(
    'preview-required',
    {},
    'Send the plan that you saw: the ETag of the run, or of its planning, as If-Match.',
  );

const mustBeTheirs = (actor: Actor, run: AnonymizationRun): void => {
  if (mayStart(actor, run)) return;
  throw new Fault(
    'conflict',
    { rule: 'not-your-plan' },
    'Whoever planned a run starts it. Plan one of your own, or cancel this one.',
  );
};

const mustNotStand = (run: AnonymizationRun): void => {
  mustNotBeOver(run);
  if (run.state === 'paused')
    throw new Fault('conflict', { rule: 'run-is-paused' }, 'This anonymization is paused: resume it.');
};

/** By the same rules, over the same list: whom a filter would find today is not asked. */
const planAgain = async (
  ports: Needs,
  actor: Actor,
  run: PeopleRun,
  depth: 'whole' | 'only-whom',
): Promise<PeoplePlan> => {
  const userIds = (await ports.runs.listed(run.id, 0, maxPeople)).map(({ userId }) => userId);
  return planPeople(ports, { actor, extent: run.extent, by: chosenBy(run), userIds }, depth);
};

/** For whoever is told that it is another one: what would be done now. */
const planNow = async (ports: Needs, actor: Actor, run: AnonymizationRun): Promise<JsonObject> =>
  run.kind === 'site' || run.state !== 'planned'
    ? run.plan
    : shownPlan(await ports.inOneSnapshot(() => planAgain(ports, actor, run, 'whole'), { hadTurn: true }));

const planChanged = (current: JsonObject): Fault =>
  new Fault(
    'plan-changed',
    { current },
    'What would be done is no longer what was planned: nothing was done. Plan another run.',
  );
