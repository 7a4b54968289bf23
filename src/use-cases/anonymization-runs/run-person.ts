import type { Actor } from '../../domain/actor.ts';
import { Fault, isFault } from '../../domain/fault.ts';
import type { Site } from '../../domain/sites/site.ts';
import { refuse } from '../../domain/refusals.ts';
import type { Ports } from '../../ports/index.ts';
import { ClaimLost } from '../../ports/outbox.ts';
import type { AnonymizationRun, ClaimedRun, PauseReason, NextPerson, RunPerson, RunTrial } from '../../ports/runs.ts';
import { actorNow } from '../actor-now.ts';
import type { AnonymizeCommand } from '../anonymization/commands.ts';
import { callOf, executePlan } from '../anonymization/execute-plan.ts';
import { takeLate } from '../anonymization/late-contributions.ts';
import { personToPlan, planAnonymization, type CommandPlan } from '../anonymization/plan.ts';
import { refusalOf } from '../anonymization/rights.ts';
import { reportOperation } from '../audit/entries.ts';
import { mayStillRunAt } from './asker.ts';
import { chosenBy, keptOffLists, personDigest } from './plan-people.ts';
import { endedSite } from './preview-site.ts';
import { factsOf } from './run-status.ts';

export type RunPersonNeeds = Pick<
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
  | 'isOneOfSeveralNodes'
>;
type PersonResult = Omit<RunPerson, 'userId'>;
const maxAttempts = 5;

/** What came of a visit: the run goes on, or was stopped as too many failed; or why it must stand still. */
type Visited = 'anonymized' | 'settled' | 'stopped' | PauseReason;

/**
 * One person: what `do-anonymize` or `do-anonymizeall` does, by the same use case, and what came of it, in one transaction. Whoever may not
 * be anonymized is left out, and so is whose plan is not the one that was written down; what fails is tried again later, and stops the run
 * where it is too much. Throws `ClaimLost`, and a database that is away (`not-ready`): neither is about this person.
 */
export const runPerson = async (
  ports: RunPersonNeeds,
  run: ClaimedRun,
  { actor, site }: { readonly actor: Actor; readonly site: Site | null },
  next: Extract<NextPerson, { kind: 'person' }>,
  tookMs: number,
): Promise<Visited> => {
  const { userId, attempts } = next;
  try {
    if (site === null) throw new Fault('site-not-found', {});
    const command = commandFor(run, actor, site, userId);
    const done = await ports.inOneTransaction(async () => {
      const held = await personToPlan(ports, command, 'locked');
      // Behind the locks: whoever asked may be no admin any more, and the site may have begun again.
      const now = { ...command, actor: await actorNow(ports, actor) };
      if (!mayStillRunAt(now.actor, run, site.id)) refuse(now.actor, 'admin-needed');
      const plan = await planAnonymization(ports, now, held, 'locked');
      mustStand(run, plan.rowStatus.site(site.id));
      const kept = keptNow(run, now.actor, plan) ?? (isAsPlanned(ports, next, plan) ? null : 'plan-changed');
      if (kept !== null) {
        await ports.runs.record(run, { userId, ...leftOut(kept) }, { tookMs, retryAt: null });
        return null;
      }
      const { operation, rows } = await executePlan(ports, now, plan, 'free');
      const result = operation !== null ? anonymized : leftOut('anonymized-already');
      const how = { tookMs, retryAt: null, ...(operation === null ? {} : { operation }) };
      await ports.runs.record(run, { userId, ...result }, how);
      return operation === null ? null : { operation, rows };
    });
    if (done === null) return 'settled';
    ports.metrics.did(callOf(command));
    reportOperation(ports, done.operation, done.rows.length);
    if (ports.isOneOfSeveralNodes()) await takeLate(ports, done.operation, done.rows);
    return 'anonymized';
  } catch (error) {
    if (error instanceof ClaimLost || isFault(error, 'not-ready')) throw error;
    const unfit = pauseReasonOf(run, error);
    if (unfit !== null) return unfit;
    const reason = reasonToLeaveOut(error);
    if (reason !== null) {
      await ports.inOneTransaction(() =>
        ports.runs.record(run, { userId, ...leftOut(reason) }, { tookMs, retryAt: null }),
      );
      return 'settled';
    }
    reportFailure(ports, run, userId, error);
    return recordFailure(ports, run, { userId, ...failed(error) }, { tookMs, retryAt: retryAt(ports, attempts + 1) });
  }
};

const commandFor = (run: ClaimedRun, actor: Actor, site: Site, userId: number): AnonymizeCommand => ({
  // What was seen of the whole was compared when the run began; each person's plan is their own by now.
  ...{ actor, site, userId, view: 'summary', stillMatches: () => true },
  ...(run.kind === 'site' ? { extent: 'this-site', wholeSite: true } : { extent: run.extent }),
  ...(run.statedReason === null ? {} : { reason: run.statedReason }),
});

/** As it stands now. Faults: `site-not-found`, `conflict` where everybody at a site is meant and it has not ended. */
const mustStand = (run: ClaimedRun, site: Site | null): void => {
  if (run.kind === 'site') endedSite(site);
  else if (site === null) throw new Fault('site-not-found', {});
};

/** The rule of lists that keeps somebody by now; null: none does. */
const keptNow = (run: ClaimedRun, actor: Actor, { held, rows }: CommandPlan): ReturnType<typeof keptOffLists> =>
  run.kind === 'site'
    ? null
    : keptOffLists(actor, chosenBy(run), { all: held.rows, chosen: rows.map(({ user }) => user) });

/** Whether the person is who was written down, and the same rows go. Of whom nothing is left there is nothing to compare. */
const isAsPlanned = (
  { startDigest }: RunPersonNeeds,
  { userId, planned }: Extract<NextPerson, { kind: 'person' }>,
  { held, rows }: CommandPlan,
): boolean => {
  if (planned === null || rows.length === 0) return true;
  const personId = held.person?.id ?? null;
  const now = { userId, personId, refusal: null, rows: rows.map(({ user }) => user) };
  return personDigest(startDigest, now) === planned.digest;
};

/** With what it does to the run, in one transaction: else a second instance could go on meanwhile. */
const recordFailure = async (
  ports: RunPersonNeeds,
  run: ClaimedRun,
  visited: RunPerson,
  how: { readonly tookMs: number; readonly retryAt: Date | null },
): Promise<Visited> => {
  const brake = await ports.inOneTransaction(async () => {
    await ports.runs.record(run, visited, how);
    const reason = brakeOf(run, await ports.runs.trial(run, canarySize));
    if (reason === null || !(await isSomebodyLeft(ports, run))) return null;
    await ports.runs.pause(run.id, reason);
    return reason;
  });
  if (brake === null) return 'settled';
  ports.log.error({ ...factsOf(run), reason: brake }, 'a run was stopped, as too many people could not be anonymized');
  return 'stopped';
};

/** Whether anybody was not visited yet: else there is nobody whom stopping would spare. */
const isSomebodyLeft = async ({ runs }: RunPersonNeeds, run: ClaimedRun): Promise<boolean> => {
  const next = await runs.next(run);
  return next.kind === 'forged' || (next.kind === 'person' && next.attempts === 0);
};

/** Why nobody more is visited, rather than this one being left out; null: it is about this person. */
const pauseReasonOf = ({ kind }: ClaimedRun, error: unknown): PauseReason | null => {
  if (isFault(error, 'unauthenticated')) return 'asker-is-no-admin';
  const rule = refusalOf(error);
  if (rule === 'admin-needed') return 'asker-is-no-admin';
  // The people of a list may be at many sites.
  if (kind === 'people') return null;
  if (isFault(error, 'site-not-found')) return 'site-is-gone';
  return rule === 'incomplete' || rule === 'site-has-not-ended' ? rule : null;
};

const reasonToLeaveOut = (error: unknown): string | null => {
  if (isFault(error, 'user-not-found')) return 'gone';
  return isFault(error, 'site-not-found') ? 'site-is-gone' : refusalOf(error);
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

const reportFailure = ({ log }: RunPersonNeeds, run: ClaimedRun, userId: number, error: unknown): void => {
  const facts = { ...factsOf(run), userId };
  // Somebody else who held the person is nothing to look at; anything else is.
  if (isFault(error)) log.warn({ ...facts, reason: error.code }, 'somebody could not be anonymized by a run');
  else log.error({ ...facts, err: error }, 'somebody could not be anonymized by a run');
};

/** So many people are anonymized before a run is trusted: until then one failure stops it. */
export const canarySize = 5;
/** Afterwards more failures than these, or than this part of the people, stop it. */
const [mostFailures, mostFailuresIn100] = [3, 2] as const;

/** Whether the first few are still to show that all goes well. */
export const isCanary = ({ planned }: Pick<AnonymizationRun, 'planned'>, { anonymized }: RunTrial): boolean =>
  anonymized < Math.min(canarySize, planned);

/** Why so many failures stop a run; null: they do not. Who is left out by a rule is no failure. Source: people.md §1. */
export const brakeOf = (
  run: Pick<AnonymizationRun, 'planned'>,
  trial: RunTrial,
): 'canary-failed' | 'too-many-failures' | null => {
  if (trial.failed === 0) return null;
  if (isCanary(run, trial)) return 'canary-failed';
  return trial.failed > Math.max(mostFailures, (run.planned * mostFailuresIn100) / 100) ? 'too-many-failures' : null;
};
