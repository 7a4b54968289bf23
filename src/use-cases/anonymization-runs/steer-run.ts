import type { Actor } from '../../domain/actor.ts';
import { Fault } from '../../domain/fault.ts';
import { mustBeAdmin } from '../../domain/refusals.ts';
import type { Ports } from '../../ports/index.ts';
import type { AnonymizationRun } from '../../ports/runs.ts';
import { actorNow } from '../actor-now.ts';
import { inTheNameOf, seenRun, userAsking } from './asker.ts';
import type { NamedRun, OneRun, RunStatus } from './commands.ts';
import { mustHaveEnded } from './preview-site.ts';
import { isTooOld, mustBeOurs, mustNotBeOver, statusOf, theRun } from './run-status.ts';

type Needs = Pick<
  Ports,
  'runs' | 'sites' | 'users' | 'clients' | 'audit' | 'secrets' | 'clock' | 'log' | 'inOneTransaction'
>;
/** By its site's address, or as addresses call runs of either kind. */
type SteeredRun = OneRun | NamedRun;
type Steer = (ports: Needs) => (command: SteeredRun) => Promise<RunStatus>;

/**
 * After it nobody more is anonymized, also by an instance that was just at it. Pausing twice is pausing once. Faults:
 * `forbidden`, `not-found`, `conflict`.
 */
export const pauseRun: Steer = (ports) => (command) =>
  steer(ports, command, 'paused', (run) => ports.runs.pause(run.id, 'asked'));

/**
 * Goes on where it stood, in the name of whoever resumes it, and reaches no further by that. Faults: as for pausing, a site that has not
 * ended (any more), and a list that is too old (`conflict`).
 */
export const resumeRun: Steer = (ports) => (command) =>
  steer(ports, command, 'running', async (run, by) => {
    if (run.kind === 'site') await mustHaveEnded(ports, run.siteId);
    else if (isTooOld(ports, run)) throw tooOld();
    return ports.runs.resume(run.id, run.kind === 'site' ? userAsking(by) : inTheNameOf(by));
  });

const tooOld = (): Fault =>
  new Fault(
    'conflict',
    { rule: 'run-is-too-old' },
    'This list was started too long ago to be carried on: cancel it, and plan another.',
  );

const steer = async (
  ports: Needs,
  command: SteeredRun,
  wanted: 'paused' | 'running',
  change: (run: AnonymizationRun, by: Actor) => Promise<boolean>,
): Promise<RunStatus> => {
  const by = await ports.inOneTransaction(async () => {
    const actor = await actorNow(ports, command.actor);
    const before = await steered(ports, actor, command);
    if (before.state === 'planned') throw notStarted();
    if (before.state === 'running' || before.state === 'paused')
      if (before.state !== wanted) await change(before, actor);
    return actor;
  });
  const after = await steered(ports, by, command);
  await mustBeOurs(ports, after);
  // Somebody else may have been quicker: what counts is how it stands.
  mustNotBeOver(after);
  return statusOf(ports, by, after);
};

const notStarted = (): Fault =>
  new Fault('conflict', { rule: 'run-is-planned' }, 'This anonymization was not started yet: start or cancel it.');

const steered = async (ports: Needs, actor: Actor, command: SteeredRun): Promise<AnonymizationRun> => {
  if ('name' in command) return seenRun(ports, actor, command.name);
  mustBeAdmin(actor, command.site.id);
  return theRun(ports, command.site.id, command.runId);
};

/**
 * Ends it for good: whoever was not visited is not any more. What was planned only is gone with its list. Cancelling twice is cancelling
 * once. Faults: `forbidden`, `not-found`, `conflict` (rule `run-is-done`).
 */
export const cancelRun: Steer = (ports) => async (command) => {
  const { by, gone } = await ports.inOneTransaction(async () => {
    const actor = await actorNow(ports, command.actor);
    const before = await steered(ports, actor, command);
    if (before.state === 'planned') {
      const status = { ...(await statusOf(ports, actor, before)), run: { ...before, state: 'cancelled' as const } };
      if (await ports.runs.removePlan(before.id)) return { by: actor, gone: status };
    }
    // Whatever it is by now: somebody may start, pause or resume it at this very moment.
    for (let tries = 0; tries < mostTries && !(await ports.runs.cancel(before.id)); tries += 1);
    return { by: actor, gone: null };
  });
  if (gone !== null) return gone;
  const after = await steered(ports, by, command);
  await mustBeOurs(ports, after);
  if (after.state === 'cancelled') return statusOf(ports, by, after);
  mustNotBeOver(after);
  throw new Fault('busy', { retryAfterSeconds: 1 }, 'Somebody else is steering this anonymization just now.');
};

const mostTries = 3;
