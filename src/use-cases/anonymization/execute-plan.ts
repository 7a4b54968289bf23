import type { OperationCall } from '../../ports/audit.ts';
import type { Ports } from '../../ports/index.ts';
import type { ForWhom } from '../../ports/outbox.ts';
import { newOperation } from '../audit/names.ts';
import { enqueueIdentityCleanup, type IdentityCleanup } from '../outbox/identity-cleanup.ts';
import { anonymizeRows } from './anonymize-rows.ts';
import type { AnonymizationView, AnonymizeCommand } from './commands.ts';
import { forgetFacts } from './forget-facts.ts';
import { sitesOfBeen, type CommandPlan } from './plan.ts';
import { assertPrecondition } from './precondition.ts';
import { anonymizedRows, recordOperation } from './record-operation.ts';
import { shownSummary, viewOf } from './view.ts';

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
  /** How many rows it has in the audit: also those that the actor is not shown. */
  readonly rows: number;
}

/**
 * The operation itself, in the transaction that made the plan: rows and contributions, the wish to the OAuth server (`forWhom`: who
 * delivers it), the audit.
 * Faults: `plan-changed` and `preview-required`, before anything is written. Source: anonymization.md §2–5.
 */
export const executePlan = async (
  ports: Needs,
  command: AnonymizeCommand,
  plan: CommandPlan,
  forWhom: ForWhom,
): Promise<ExecutedPlan> => {
  const view = viewOf(command.actor, plan);
  const sites = [command.site, ...sitesOfBeen(plan.asked, plan.rowStatus)];
  assertPrecondition(command.stillMatches, plan.digest, sites, () => shownSummary(view.summary));
  await anonymizeRows(ports, plan);
  const gone = plan.rows.map(({ user }) => user);
  await forgetFacts(ports, plan.held, gone);
  const operation = newOperation(ports);
  const cleanup = await enqueueIdentityCleanup(ports, plan.held, gone, plan.rowStatus, operation, forWhom);
  const { actor, reason } = command;
  await recordOperation(ports, operation, { call: callOf(command), actor, cleanup, reason }, anonymizedRows(plan));
  return { view, cleanup, operation: gone.length === 0 ? null : operation, rows: gone.length };
};

/** As the audit and the metrics call it. */
export const callOf = ({ reach, wholeSite }: AnonymizeCommand): OperationCall => {
  if (wholeSite === true) return 'do-anonymize-all-users';
  return reach === 'all-sites' ? 'do-anonymizeall' : 'do-anonymize';
};
