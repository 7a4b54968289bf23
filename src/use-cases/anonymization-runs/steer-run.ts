import { Fault } from '../../domain/fault.ts';
import { mustBeAdmin } from '../../domain/refusals.ts';
import type { Actor } from '../../domain/actor.ts';
import type { Ports } from '../../ports/index.ts';
import { actorNow } from '../actor-now.ts';
import { inTheNameOf } from './begin-run.ts';
import { mustBeOurs, statusOf, theRun } from './run-status.ts';
import { mustHaveEnded } from './preview-site.ts';
import type { OneRun, RunStatus } from './commands.ts';

type Needs = Pick<Ports, 'runs' | 'sites' | 'users' | 'clients' | 'clock' | 'log' | 'inOneTransaction'>;

/**
 * After it nobody more is anonymized, also by an instance that was just at it. Pausing twice is pausing once. Faults:
 * `forbidden`, `not-found`, `conflict`.
 */
export const pauseRun =
  (ports: Needs) =>
  (command: OneRun): Promise<RunStatus> =>
    steer(ports, command, 'paused', () => ports.runs.pause(command.runId, 'asked'));

/** Goes on where it stood, in the name of whoever resumes it. Faults: as for pausing, and a site that has not ended (any more). */
export const resumeRun =
  (ports: Needs) =>
  (command: OneRun): Promise<RunStatus> =>
    steer(ports, command, 'running', async (actor) => {
      await mustHaveEnded(ports, command.site.id);
      return ports.runs.resume(command.runId, inTheNameOf(actor));
    });

const steer = async (
  ports: Needs,
  { actor, site, runId }: OneRun,
  wanted: 'paused' | 'running',
  change: (by: Actor) => Promise<boolean>,
): Promise<RunStatus> => {
  await ports.inOneTransaction(async () => {
    const by = await actorNow(ports, actor);
    mustBeAdmin(by, site.id);
    const before = await theRun(ports, site.id, runId);
    if (before.state !== wanted && before.state !== 'done') await change(by);
  });
  const after = await theRun(ports, site.id, runId);
  await mustBeOurs(ports, after);
  // Somebody else may have been quicker: what counts is how it stands.
  if (after.state === 'done') throw new Fault('conflict', { rule: 'run-is-done' }, 'This anonymization is done.');
  return statusOf(ports, after);
};
