import { isPlatformAdmin, roleAt, type Actor } from '../../domain/actor.ts';
import { Fault, invalidValues, type FieldError } from '../../domain/fault.ts';
import type { JsonObject } from '../../domain/json.ts';
import { mustBePlatformAdmin, mustBeSiteAdmin } from '../../domain/refusals.ts';
import { namingAt } from '../../domain/users/user-visibility.ts';
import type { Ports } from '../../ports/index.ts';
import type { AnonymizationRun, PlannedFor } from '../../ports/runs.ts';
import type { ListQuery, Position } from '../../ports/user-store.ts';
import { actorNow } from '../actor-now.ts';
import { replayOf } from '../anonymization/anonymize-user.ts';
import { shownTotals } from '../anonymization/view.ts';
import { inTheNameOf, plannedFor, reachOf, seenRun } from './asker.ts';
import type { BegunRun, Choice, PlanRunCommand, PlanSummary } from './commands.ts';
import { planPeople, type PeoplePlan } from './plan-people.ts';
import type { PlanNeeds } from './preview-site.ts';
import { statusOf } from './run-status.ts';

type Needs = PlanNeeds &
  Pick<Ports, 'clients' | 'runs' | 'replays' | 'secrets' | 'log' | 'audit' | 'inOneSnapshot' | 'inOneTransaction'>;

/** As many people as one list holds: whom more are to be, has a whole site. */
export const maxPeople = 10_000;
/** Lists that are planned, under way or paused at a time: of one site, or of those that somebody is admin of, and of whoever acts on the whole platform. */
const [mostOfSite, mostOfPlatform] = [20, 100] as const;
const foundAtOnce = 1000;
const maxSeconds = 15;

/**
 * Writes down whom a run is to be over, and what it would do. Nobody is anonymized: `startRun` begins it. Faults: `forbidden`,
 * `invalid-values` (naming ids that select nobody; a filter that finds nobody or too many; a choice of whom all are left out), `conflict` (rule `too-many-runs`),
 * `not-found` for a repeat whose run is gone. Source: people.md §1, docs/adr/0007.
 */
export const planRun =
  (ports: Needs) =>
  async (command: PlanRunCommand): Promise<BegunRun> => {
    const { choice, everywhere, reason } = command;
    const extent = everywhere ? 'all-sites' : 'this-site';
    // A body may have come slowly, and planning takes long: asked before anything is told, and again before it is done.
    const stillMay = async (): Promise<Actor> => {
      const actor = await actorNow(ports, command.actor);
      mayPlan(actor, command);
      return actor;
    };
    const actor = await stillMay();
    const replay = replayOf(ports, command);
    const answered = async (by: Actor, run: AnonymizationRun, replayed: boolean): Promise<BegunRun> => ({
      status: await statusOf(ports, by, run),
      replayed,
    });
    const answeredBefore = async (by: Actor): Promise<BegunRun | null> => {
      const name = (await replay.find())?.summary['run'];
      return typeof name === 'string' ? answered(by, await seenRun(ports, by, name), true) : null;
    };
    const before = await answeredBefore(actor);
    if (before !== null) return before;

    const plan = await ports.inOneSnapshot(
      async () => {
        const userIds = await idsOf(ports, actor, choice);
        return planPeople(ports, { actor, extent, by: choice.by, userIds }, 'whole');
      },
      { hadTurn: true },
    );
    if (plan.persons === 0) throw nobodyLeft(choice);
    return ports.inOneTransaction(async () => {
      const by = await stillMay();
      // The same call may have been executed meanwhile.
      const meanwhile = await answeredBefore(by);
      if (meanwhile !== null) return meanwhile;
      const reach = reachOf(by);
      await mustBeFew(ports, plannedFor(reach));
      const asked = { ...inTheNameOf(by), ...reach, extent, statedReason: reason ?? null } as const;
      const run = await ports.runs.plan({ ...asked, plan: { ...shownPlan(plan), chosenBy: choice.by } }, plan.people);
      await replay.remember({ run: run.name });
      return answered(by, run, false);
    });
  };

/** Faults `forbidden`. By a filter whom the list of one site shows, at which the actor is admin. */
export const mayPlan = (actor: Actor, { choice, everywhere }: Pick<PlanRunCommand, 'choice' | 'everywhere'>): void => {
  reachOf(actor);
  if (everywhere) mustBePlatformAdmin(actor);
  if (choice.by === 'filter') mustBeSiteAdmin(actor, choice.site.id);
};

/** Until this transaction ends nobody else counts them: two at once would both find room for one more. */
const mustBeFew = async ({ runs }: Needs, planFor: PlannedFor): Promise<void> => {
  const most = planFor === 'all' ? mostOfPlatform : mostOfSite;
  await runs.lockLists(planFor);
  if ((await runs.countOpen(planFor)) < most) return;
  throw new Fault(
    'conflict',
    { rule: 'too-many-runs' },
    `${most} runs over lists of people are planned, under way or paused already: cancel one, or wait for one to end.`,
  );
};

/** The rows that are meant, in ascending order, each once. */
const idsOf = async (ports: Needs, actor: Actor, choice: Choice): Promise<readonly number[]> =>
  choice.by === 'id' ? namedIds(ports, actor, choice.userIds) : foundIds(ports, actor, choice);

/** An id that nobody has, and one that is not the actor's to choose, are told alike. */
const namedIds = async ({ users }: Needs, actor: Actor, wanted: readonly number[]): Promise<readonly number[]> => {
  const live = await users.liveAmong([...new Set(wanted)]);
  const isTheirs = (siteId: number): boolean => isPlatformAdmin(actor) || roleAt(actor, siteId) === 'admin';
  const ids = live.filter(({ siteId }) => isTheirs(siteId)).map(({ id }) => id);
  const known = new Set(ids);
  const errors = wanted.flatMap((id, at): FieldError[] =>
    known.has(id) ? [] : [{ pointer: `/users/${at}`, detail: 'is no user whom you may choose' }],
  );
  if (errors.length > 0) throw invalidValues(errors);
  return ids;
};

const foundIds = async (
  { users }: Needs,
  actor: Actor,
  { site, conditions, words }: Extract<Choice, { by: 'filter' }>,
): Promise<readonly number[]> => {
  const query: ListQuery = {
    ...{ siteId: site.id, actor, role: roleAt(actor, site.id), conditions, maxSeconds },
    ...(words.length === 0 ? {} : { search: { words, naming: namingAt(site.config) } }),
    ...{ sort: { field: 'id', direction: 'ASC' }, limit: foundAtOnce },
  };
  const ids: number[] = [];
  for (let after: Position | undefined; ids.length <= maxPeople;) {
    const found = await users.positionsIn({ ...query, ...(after === undefined ? {} : { after }) });
    ids.push(...found.map(({ id }) => id));
    after = found.at(-1);
    if (found.length < foundAtOnce) break;
  }
  if (ids.length === 0) throw invalidFilter('finds nobody');
  if (ids.length > maxPeople) {
    const detail = `finds more than ${maxPeople} people: choose fewer, or anonymize the whole site (do-anonymize-all-users) once it has ended`;
    throw invalidFilter(detail);
  }
  return ids;
};

/** Else lists of whom nothing is to be done would be written down again and again. */
const nobodyLeft = ({ by }: Choice): Fault =>
  invalidValues([
    { pointer: by === 'id' ? '/users' : '/filter', detail: 'chooses nobody who would be anonymized: all are left out' },
  ]);

const invalidFilter = (detail: string): Fault => invalidValues([{ pointer: '/filter', detail }]);

/** How many sites a plan names. */
const mostSitesShown = 100;

/** A plan as answers show it. */
export const shownPlan = ({ digest, users, persons, leftOut, sites, oauth }: PlanSummary | PeoplePlan): JsonObject => ({
  digest,
  users,
  persons,
  leftOut: Object.fromEntries(leftOut),
  sites: { number: sites.length, first: shownTotals(sites.slice(0, mostSitesShown)) },
  oauth,
});
