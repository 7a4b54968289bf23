import type { Actor } from '../../domain/actor.ts';
import { isFault } from '../../domain/fault.ts';
import type { Site } from '../../domain/site.ts';
import { mustBeAdmin } from '../../domain/user-rules.ts';
import type { Ports } from '../../ports/index.ts';
import { ClaimLost } from '../../ports/outbox.ts';
import type { ClaimedRun, NextPerson, PauseReason, RunPerson } from '../../ports/runs.ts';
import { actorNow } from '../actor-now.ts';
import type { AnonymizeCommand } from '../anonymization/commands.ts';
import { callOf, executePlan } from '../anonymization/execute-plan.ts';
import { personToPlan, planAnonymization } from '../anonymization/plan.ts';
import { refusalOf } from '../anonymization/rights.ts';
import { reportOperation } from '../audit/names.ts';
import { endedSite } from './ended-site.ts';

export type RunPersonNeeds = Pick<
  Ports,
  | 'users'
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
export const runPerson = async (
  ports: RunPersonNeeds,
  run: ClaimedRun,
  { actor, site }: { readonly actor: Actor; readonly site: Site },
  { userId, attempts }: Extract<NextPerson, { kind: 'person' }>,
  tookMs: number,
): Promise<PauseReason | null> => {
  // The plan of the whole site was seen when the run began; each person's is their own by now.
  const stillMatches = (): boolean => true;
  const command: AnonymizeCommand = {
    ...{ actor, site, userId, reach: 'this-site', view: 'summary', wholeSite: true, stillMatches },
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
