import { roleAt, type Actor } from '../../domain/actor.ts';
import type { Site } from '../../domain/site.ts';
import { ClaimLost } from '../../ports/outbox.ts';
import type { ClaimedRun, PauseReason } from '../../ports/runs.ts';
import { actorNamed } from '../actor-now.ts';
import { disown } from './disowned-run.ts';
import { runPerson, type RunPersonNeeds } from './run-person.ts';

/** Ends early, at a good place, once `stopping` says so. */
export type WorkOnRuns = (stopping: () => boolean) => Promise<void>;
/** Waits about as long as the last person took, so that others have their turn. */
export type Rest = (tookMs: number) => Promise<void>;

/** People before another run has its turn. */
const turn = 25;

/**
 * Carries on with the anonymizations of whole sites that are running, turn by turn, as long as somebody is left to visit. Each is
 * held by one instance at a time; one that died is carried on with by another where it stood. Source: docs/adr/0007.
 */
export const workOnRuns =
  (ports: RunPersonNeeds, rest: Rest): WorkOnRuns =>
  async (stopping) => {
    const waiting: number[] = [];
    while (!stopping()) {
      const run = await ports.runs.claim(waiting);
      if (run === null) return;
      if ((await oneTurn(ports, run, rest, stopping)) === 'waits') waiting.push(run.id);
    }
  };

const oneTurn = async (
  ports: RunPersonNeeds,
  run: ClaimedRun,
  rest: Rest,
  stopping: () => boolean,
): Promise<'over' | 'waits'> => {
  try {
    let since = ports.clock.now().getTime();
    for (let visited = 0; visited < turn && !stopping(); visited += 1) {
      const asker = await whoAsks(ports, run);
      if (typeof asker === 'string') return await stand(ports, run, asker);
      const next = await ports.runs.next(run);
      if (next.kind === 'nobody') return await finish(ports, run);
      if (next.kind === 'later') return await giveBack(ports, run, 'waits');
      const began = ports.clock.now().getTime();
      const unfit = await runPerson(ports, run, asker, next, began - since);
      if (unfit !== null) return await stand(ports, run, unfit);
      since = began;
      await rest(ports.clock.now().getTime() - began);
    }
    return await giveBack(ports, run, 'over');
  } catch (error) {
    // Paused, or taken over by another instance: neither is anything to do for this one.
    if (error instanceof ClaimLost) return 'over';
    throw error;
  }
};

/** The admin who asked, as they stand now, and the site; or why the run must not go on. */
const whoAsks = async (
  ports: RunPersonNeeds,
  { siteId, actorId, everywhere, isOurs }: ClaimedRun,
): Promise<{ readonly actor: Actor; readonly site: Site } | PauseReason> => {
  // Of the run as it was claimed: what is written over it meanwhile is not heard before the next turn.
  if (!isOurs) return 'not-written-by-us';
  const [site] = await ports.sites.readNow([siteId]);
  if (site === undefined) return 'site-is-gone';
  if (!site.config.projectHasEnded) return 'site-has-not-ended';
  const actor = await actorNamed(ports, { userId: actorId, reach: everywhere ? 'everywhere' : 'one-site' });
  return actor === null || roleAt(actor, siteId) !== 'admin' ? 'asker-is-no-admin' : { actor, site };
};

const stand = async (ports: RunPersonNeeds, run: ClaimedRun, reason: PauseReason): Promise<'over'> => {
  if (reason === 'not-written-by-us') {
    await disown(ports, run);
    return 'over';
  }
  await ports.runs.pause(run.id, reason);
  ports.log.warn({ runId: run.id, siteId: run.siteId, reason }, 'the anonymization of a site was paused');
  return 'over';
};

const finish = async (ports: RunPersonNeeds, run: ClaimedRun): Promise<'over'> => {
  await ports.runs.finish(run);
  ports.log.info({ runId: run.id, siteId: run.siteId }, 'the anonymization of a site is done');
  return 'over';
};

const giveBack = async <T>({ runs }: RunPersonNeeds, run: ClaimedRun, answer: T): Promise<T> => {
  await runs.release(run);
  return answer;
};
