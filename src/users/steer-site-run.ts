import { Fault } from '../domain/fault.ts';
import { mustBeAdmin } from '../domain/user-rules.ts';
import type { Actor } from '../domain/actor.ts';
import type { Ports } from '../ports/index.ts';
import { actorNow } from './actor-now.ts';
import { inTheNameOf } from './begin-site-run.ts';
import { mustBeOurs } from './disowned-run.ts';
import { mustHaveEnded } from './ended-site.ts';
import type { OneRun, RunStatus, SiteStories } from './site-commands.ts';
import { statusOf, theRun } from './site-run-status.ts';

type Needs = Pick<Ports, 'siteRuns' | 'sites' | 'users' | 'clients' | 'clock' | 'log' | 'inOneTransaction'>;

/** After it nobody more is anonymized, also by an instance that was just at it. Pausing twice is pausing once. Faults: `forbidden`, `not-found`, `conflict`. */
export const pauseSiteRun =
  (ports: Needs): SiteStories['pauseSiteRun'] =>
  (command) =>
    steer(ports, command, 'paused', () => ports.siteRuns.pause(command.runId, 'asked'));

/** Goes on where it stood, in the name of whoever resumes it. Faults: as for pausing, and a site that has not ended (any more). */
export const resumeSiteRun =
  (ports: Needs): SiteStories['resumeSiteRun'] =>
  (command) =>
    steer(ports, command, 'running', async (actor) => {
      await mustHaveEnded(ports, command.site.id);
      return ports.siteRuns.resume(command.runId, inTheNameOf(actor));
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
