import type { Actor } from '../../domain/actor.ts';
import type { Site } from '../../domain/sites/site.ts';
import { ClaimLost } from '../../ports/outbox.ts';
import type { AnonymizationRun, ClaimedRun, NextPerson, PauseReason, RunTrial } from '../../ports/runs.ts';
import { actorNamed } from '../actor-now.ts';
import { askerName, mayStillRun } from './asker.ts';
import { canarySize, isCanary, runPerson, type RunPersonNeeds } from './run-person.ts';
import { disown, factsOf, isTooOld } from './run-status.ts';

/** Ends early, at a good place, once `stopping` says so. */
export type WorkOnRuns = (stopping: () => boolean) => Promise<void>;
/** Waits about as long as the last person took, so that others have their turn. */
export type Rest = (tookMs: number) => Promise<void>;

/** People who are visited, one after the other and one transaction each, before another run has its turn. */
const peopleATurn = 25;

/**
 * Carries on with the anonymizations of many people that are running, turn by turn, as long as somebody is left to visit. Each is
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
    let trial = await ports.runs.trial(run, canarySize);
    for (let visited = 0; visited < peopleATurn && !stopping(); visited += 1) {
      const asker = await whoAsks(ports, run);
      if (typeof asker === 'string') return await stand(ports, run, asker);
      const next = await nextPerson(ports, run, trial);
      if (next.kind === 'nobody') return await finish(ports, run);
      if (next.kind === 'later') return await giveBack(ports, run, 'waits');
      const began = ports.clock.now().getTime();
      const site = await siteOf(ports, run, next, asker.site);
      const came = await runPerson(ports, run, { actor: asker.actor, site }, next, began - since);
      if (came === 'stopped') return 'over';
      if (came !== 'anonymized' && came !== 'settled') return await stand(ports, run, came);
      if (came === 'anonymized') trial = { ...trial, anonymized: trial.anonymized + 1 };
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

/** While the first few are to show that all goes well, whoever was busy is waited for. What somebody else wrote stops the run. */
const nextPerson = async (
  ports: RunPersonNeeds,
  run: ClaimedRun,
  trial: RunTrial,
): Promise<Exclude<NextPerson, { kind: 'forged' }>> => {
  const next = await ports.runs.next(run, ...(isCanary(run, trial) ? (['busyFirst'] as const) : []));
  if (next.kind !== 'forged') return next;
  await disown(ports, run);
  throw new ClaimLost();
};

/** The admin who asked, as they stand now, and the site that the run is over; or why the run must not go on. */
const whoAsks = async (
  ports: RunPersonNeeds,
  run: ClaimedRun,
): Promise<{ readonly actor: Actor; readonly site: Site | null } | PauseReason> => {
  // Of the run as it was claimed: what is written over it meanwhile is not heard before the next turn.
  if (!run.isOurs) return 'not-written-by-us';
  if (isTooOld(ports, run)) return 'too-old';
  const site = run.kind === 'site' ? await readSite(ports, run.siteId) : null;
  if (run.kind === 'site' && site === null) return 'site-is-gone';
  if (site !== null && !site.config.projectHasEnded) return 'site-has-not-ended';
  const actor = await actorNamed(ports, askerName(run));
  return actor === null || !mayStillRun(actor, run) ? 'asker-is-no-admin' : { actor, site };
};

/** Where this person is anonymized; null: that site is gone. */
const siteOf = (
  ports: RunPersonNeeds,
  run: AnonymizationRun,
  { planned }: Extract<NextPerson, { kind: 'person' }>,
  site: Site | null,
): Promise<Site | null> =>
  run.kind === 'site' || planned === null ? Promise.resolve(site) : readSite(ports, planned.siteId);

const readSite = async ({ sites }: RunPersonNeeds, siteId: number): Promise<Site | null> =>
  (await sites.readNow([siteId]))[0] ?? null;

const stand = async (ports: RunPersonNeeds, run: ClaimedRun, reason: PauseReason): Promise<'over'> => {
  if (reason === 'not-written-by-us') {
    await disown(ports, run);
    return 'over';
  }
  await ports.runs.pause(run.id, reason);
  ports.log.warn({ ...factsOf(run), reason }, `${nameOf(run)} was paused`);
  return 'over';
};

const finish = async (ports: RunPersonNeeds, run: ClaimedRun): Promise<'over'> => {
  const isWhole = run.kind === 'site' || (await listedNow(ports, run)) === run.planned;
  await ports.runs.finish(run, ...(isWhole ? [] : (['people-are-missing'] as const)));
  if (isWhole) ports.log.info(factsOf(run), `${nameOf(run)} is done`);
  else
    ports.log.error(
      factsOf(run),
      `people are missing from the list of a run: somebody else took them out of the database`,
    );
  return 'over';
};

const listedNow = async ({ runs }: RunPersonNeeds, run: ClaimedRun): Promise<number> =>
  (await runs.counts(run)).reduce((sum, { people }) => sum + people, 0);

const nameOf = ({ kind }: AnonymizationRun): string =>
  kind === 'site' ? 'the anonymization of a site' : 'the anonymization of a list of people';

const giveBack = async <T>({ runs }: RunPersonNeeds, run: ClaimedRun, answer: T): Promise<T> => {
  await runs.release(run);
  return answer;
};
