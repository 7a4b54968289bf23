import { roleAt, type Actor } from '../../domain/actor.ts';
import { isFault } from '../../domain/fault.ts';
import type { Site } from '../../domain/sites/site.ts';
import { mustBeAdmin } from '../../domain/refusals.ts';
import type { Ports } from '../../ports/index.ts';
import { ClaimLost } from '../../ports/outbox.ts';
import type { ClaimedRun, PauseReason, NextPerson, RunPerson } from '../../ports/runs.ts';
import { actorNamed, actorNow } from '../actor-now.ts';
import type { AnonymizeCommand } from '../anonymization/commands.ts';
import { callOf, executePlan } from '../anonymization/execute-plan.ts';
import { personToPlan, planAnonymization } from '../anonymization/plan.ts';
import { refusalOf } from '../anonymization/rights.ts';
import { reportOperation } from '../audit/entries.ts';
import { disown } from './run-status.ts';
import { endedSite } from './preview-site.ts';

/** Ends early, at a good place, once `stopping` says so. */
export type WorkOnRuns = (stopping: () => boolean) => Promise<void>;
/** Waits about as long as the last person took, so that others have their turn. */
export type Rest = (tookMs: number) => Promise<void>;

/** People who are visited, one after the other and one transaction each, before another run has its turn. */
const peopleATurn = 25;

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
    for (let visited = 0; visited < peopleATurn && !stopping(); visited += 1) {
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

type RunPersonNeeds = Pick<
  Ports,
  | 'users'
  | 'facts'
  | 'clients'
  | 'sessions'
  | 'activities'
  | 'sideTables'
  | 'sites'
  | 'runs'
  | 'settings'
  | 'clock'
  | 'startDigest'
  | 'identity'
  | 'outbox'
  | 'audit'
  | 'secrets'
  | 'metrics'
  | 'log'
  | 'inOneTransaction'
>;
type PersonResult = Omit<RunPerson, 'userId'>;
const maxAttempts = 5;

/**
 * One person of a site: what `do-anonymize` does, by the same use case, and what came of it, in one transaction. Whoever may not be
 * anonymized is left out, and what fails is tried again later; answers why the whole run must not go on, or null.
 * Throws `ClaimLost`, and a database that is away (`not-ready`): neither is about this person.
 */
const runPerson = async (
  ports: RunPersonNeeds,
  run: ClaimedRun,
  { actor, site }: { readonly actor: Actor; readonly site: Site },
  { userId, attempts }: Extract<NextPerson, { kind: 'person' }>,
  tookMs: number,
): Promise<PauseReason | null> => {
  // The plan of the whole site was seen when the run began; each person's is their own by now.
  const stillMatches = (): boolean => true;
  const command: AnonymizeCommand = {
    ...{ actor, site, userId, extent: 'this-site', view: 'summary', wholeSite: true, stillMatches },
    ...(run.statedReason === null ? {} : { reason: run.statedReason }),
  };
  try {
    const done = await ports.inOneTransaction(async () => {
      const held = await personToPlan(ports, command, 'locked');
      // Behind the locks: whoever asked may be no admin any more, and the site may have begun again.
      const now = { ...command, actor: await actorNow(ports, actor) };
      mustBeAdmin(now.actor, site.id);
      const plan = await planAnonymization(ports, now, held, 'locked');
      endedSite(plan.rowStatus.site(site.id));
      const { operation } = await executePlan(ports, now, plan, 'free');
      const result: PersonResult = operation !== null ? anonymized : leftOut('anonymized-already');
      await ports.runs.record(run, { userId, ...result }, { tookMs, retryAt: null });
      return operation === null ? null : { operation, rows: plan.rows.length };
    });
    if (done !== null) {
      ports.metrics.did(callOf(command));
      reportOperation(ports, done.operation, done.rows);
    }
    return null;
  } catch (error) {
    if (error instanceof ClaimLost || isFault(error, 'not-ready')) throw error;
    const unfit = pauseReasonOf(error);
    if (unfit !== null) return unfit;
    const refusal = refusalOf(error);
    const result = refusal !== null ? leftOut(refusal) : isFault(error, 'user-not-found') ? leftOut('gone') : null;
    await ports.runs.record(
      run,
      { userId, ...(result ?? failed(error)) },
      { tookMs, retryAt: result === null ? retryAt(ports, attempts + 1) : null },
    );
    if (result === null) reportFailure(ports, run, userId, error);
    return null;
  }
};

/** Why nobody more is visited, rather than this one being left out; null: it is about this person. */
const pauseReasonOf = (error: unknown): PauseReason | null => {
  if (isFault(error, 'unauthenticated')) return 'asker-is-no-admin';
  if (isFault(error, 'site-not-found')) return 'site-is-gone';
  const rule = refusalOf(error);
  if (rule === 'admin-needed') return 'asker-is-no-admin';
  return rule === 'incomplete' || rule === 'site-has-not-ended' ? rule : null;
};

const anonymized: PersonResult = { outcome: 'anonymized', reason: null };
const leftOut = (reason: string): PersonResult => ({ outcome: 'left-out', reason });
/** A code or a class, never somebody's words. */
const failed = (error: unknown): PersonResult => ({
  outcome: 'failed',
  reason: isFault(error) ? error.code : error instanceof Error ? error.name : 'unknown',
});

/** 2 s, 8 s, 32 s, 128 s; null: not any more in this run. */
const retryAt = ({ clock }: RunPersonNeeds, attempts: number): Date | null =>
  attempts >= maxAttempts ? null : new Date(clock.now().getTime() + 500 * 4 ** attempts);

const reportFailure = ({ log }: RunPersonNeeds, { id, siteId }: ClaimedRun, userId: number, error: unknown): void => {
  const facts = { runId: id, siteId, userId };
  // Somebody else who held the person is nothing to look at; anything else is.
  if (isFault(error)) log.warn({ ...facts, reason: error.code }, 'somebody of a site could not be anonymized');
  else log.error({ ...facts, err: error }, 'somebody of a site could not be anonymized');
};
