import { activityTypes } from '../../activity-types/index.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { Site } from '../../domain/sites/site.ts';
import { Fault } from '../../domain/fault.ts';
import { isLive, type User } from '../../domain/users/user.ts';
import type { OperationCall } from '../../ports/audit.ts';
import type { Ports } from '../../ports/index.ts';
import type { AddedAs } from '../../ports/outbox.ts';
import type { Applied } from '../../ports/activity-store.ts';
import type { PersonRows } from '../../ports/user-store.ts';
import { newOperation } from '../audit/entries.ts';
import { enqueueIdentityCleanup, type IdentityCleanup } from '../outbox/identity-cleanup.ts';
import type { AnonymizationView, AnonymizeCommand } from './commands.ts';
import { rowAfter, sitesLoggedInTo, type CommandPlan, type AnonymizationPlan } from './plan.ts';
import { remainingRows } from '../row-status.ts';
import { anonymizedRows, recordOperation } from './record-operation.ts';
import { shownSummary, viewOf } from './view.ts';
import { changeSetOf, executeSideRows, mustBeAsPlanned } from './planned-side-rows.ts';

type Needs = Pick<
  Ports,
  | 'users'
  | 'facts'
  | 'sessions'
  | 'activities'
  | 'sideTables'
  | 'sites'
  | 'settings'
  | 'clock'
  | 'startDigest'
  | 'outbox'
  | 'audit'
  | 'secrets'
>;
export interface ExecutedPlan {
  /** What there was before. */
  readonly view: AnonymizationView;
  readonly cleanup: IdentityCleanup;
  /** The name of the operation; null where nothing was left to do. */
  readonly operation: string | null;
  /** The rows that it has in the audit: also those that the actor is not shown. */
  readonly rows: CommandPlan['rows'];
}

/**
 * The operation itself, in the transaction that made the plan: rows and contributions, the wish to the OAuth server (`addedAs`: who
 * delivers it), the audit.
 * Faults: `plan-changed` and `preview-required`, before anything is written. Source: anonymization.md §2–5.
 */
export const executePlan = async (
  ports: Needs,
  command: AnonymizeCommand,
  plan: CommandPlan,
  addedAs: AddedAs,
): Promise<ExecutedPlan> => {
  const view = await viewOf(ports, command, plan);
  const sites = [command.site, ...sitesLoggedInTo(plan.selected, plan.rowStatus)];
  assertPrecondition(command.stillMatches, plan.digest, sites, () => shownSummary(view.summary));
  await anonymizeRows(ports, plan);
  const gone = plan.rows.map(({ user }) => user);
  await forgetFacts(ports, plan.held, gone);
  const operation = newOperation(ports);
  const cleanup = await enqueueIdentityCleanup(ports, plan.held, gone, plan.rowStatus, operation, addedAs);
  const { actor, reason } = command;
  await recordOperation(ports, operation, { call: callOf(command), actor, cleanup, reason }, anonymizedRows(plan));
  return { view, cleanup, operation: gone.length === 0 ? null : operation, rows: plan.rows };
};

/**
 * With `If-Match` (`stillMatches`) exactly the previewed plan is done; sites may make that compulsory. `current` is told with the
 * refusal: the summary of the plan as it is now. Faults `plan-changed`, `preview-required`. Source: anonymization.md §4.
 */
export const assertPrecondition = (
  stillMatches: ((digest: string) => boolean) | undefined,
  digest: string,
  sites: readonly (Site | null)[],
  current: () => JsonObject,
): void => {
  mustSayPreview(stillMatches, sites);
  if (stillMatches?.(digest) !== false) return;
  throw new Fault(
    'plan-changed',
    { current: current() },
    'What would be done is no longer what was previewed: nothing was done.',
  );
};

/** Asked before a plan is made as well, as making it may cost much. Fault `preview-required`. */
export const mustSayPreview = (
  stillMatches: ((digest: string) => boolean) | undefined,
  sites: readonly (Site | null)[],
): void => {
  if (stillMatches !== undefined || !sites.some((one) => one?.config.anonymize.requirePreview === true)) return;
  throw new Fault('preview-required', {}, 'A site that is concerned wants the preview’s digest in If-Match.');
};

/** As the audit and the metrics call it. */
export const callOf = ({ extent, wholeSite }: AnonymizeCommand): OperationCall => {
  if (wholeSite === true) return 'do-anonymize-all-users';
  return extent === 'all-sites' ? 'do-anonymizeall' : 'do-anonymize';
};

/** Carries out a plan, inside the transaction that made it: what changes must be what was planned, else the unit runs again. */
export const anonymizeRows = async (
  ports: Pick<Ports, 'users' | 'sessions' | 'activities' | 'sideTables' | 'settings' | 'clock'>,
  plan: AnonymizationPlan,
): Promise<void> => {
  if (plan.rows.length === 0) return;
  for (const type of activityTypes) {
    const planned = plannedFor(plan, type);
    if (planned.removed + planned.anonymized === 0) continue;
    mustBeAsPlanned(type, planned, await ports.activities.applyChangeSet(type, changeSetOf(type, plan.rows)));
  }
  await executeSideRows(ports, plan);
  const now = ports.clock.now();
  await ports.users.save(plan.rows.map((row) => ({ before: row.user, after: rowAfter(ports, row, now) })));
  const userIds = plan.rows.map(({ user }) => user.id);
  await ports.sessions.endOfUsers(userIds);
  await ports.sideTables.clearUndeclared(userIds);
};

type Type = (typeof activityTypes)[number];

const plannedFor = ({ counts }: AnonymizationPlan, type: Type): Applied =>
  [...counts[type.plural].values()].reduce(
    (total, one) => ({
      removed: total.removed + one.goes + one.hiddenGoes,
      anonymized: total.anonymized + one.anonymized,
    }),
    { removed: 0, anonymized: 0 },
  );

/**
 * What clients kept of a person goes with the last row at that client's sites to which they came, in the transaction in which rows
 * go: else whoever comes again, and lives on elsewhere, would be given the points of who was forgotten; and so would somebody whom a
 * neighbour added by their address. One statement; none where nothing is kept of them, or they stay at every site at which rows went.
 */
export const forgetFacts = async (
  { facts }: Pick<Ports, 'facts'>,
  { person, rows, hasFacts }: PersonRows,
  gone: readonly Pick<User, 'id' | 'siteId'>[],
): Promise<void> => {
  if (person === null || hasFacts === false) return;
  // A row keeps them whose site is gone, too, and none that is anonymized.
  const retainsPerson = (row: User): boolean => isLive(row) && row.anonymizedAt === null;
  const staying = remainingRows(rows, gone, { retainsPerson });
  const stayingAt = sitesOf(staying.filter((row) => !row.profileWithheld));
  if (gone.every(({ siteId }) => siteId !== null && stayingAt.includes(siteId))) return;
  // A neighbour who takes back somebody whom they only added takes nothing of other clients along.
  await facts.removeOfPerson(person.id, { stayingAt, goneFrom: staying.length === 0 ? 'everywhere' : sitesOf(gone) });
};

const sitesOf = (rows: readonly Pick<User, 'siteId'>[]): readonly number[] => [
  ...new Set(rows.flatMap(({ siteId }) => (siteId === null ? [] : [siteId]))),
];
