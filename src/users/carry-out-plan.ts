import type { DeedCall } from '../ports/audit.ts';
import type { Ports } from '../ports/index.ts';
import type { ForWhom } from '../ports/outbox.ts';
import type { AnonymizationPlan } from './anonymization-plan.ts';
import { shownSummary, viewOf } from './anonymization-view.ts';
import { anonymizeRows } from './anonymize-rows.ts';
import { anonymizedRows, recordDeed } from './audit-deed.ts';
import { newDeed } from './audit-names.ts';
import type { AnonymizationView, AnonymizeCommand } from './commands.ts';
import { partFrom, type Parting } from './parting.ts';
import { mustBeWhatWasSeen } from './seen-plan.ts';

type Needs = Pick<
  Ports,
  | 'users'
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
export interface CarriedOut {
  /** What there was before. */
  readonly view: AnonymizationView;
  readonly parting: Parting;
  /** The name of the deed; null where nothing was left to do. */
  readonly deed: string | null;
}

/**
 * The deed itself, in the transaction that made the plan: rows and contributions, the wish to the OAuth server (`forWhom`: who
 * delivers it), the audit.
 * Faults: `plan-changed` and `preview-required`, before anything is written. Source: anonymization.md §2–5.
 */
export const carryOutPlan = async (
  ports: Needs,
  command: AnonymizeCommand,
  plan: AnonymizationPlan,
  forWhom: ForWhom,
): Promise<CarriedOut> => {
  const view = viewOf(command.actor, plan);
  const sites = [command.site, ...plan.rows.map(({ site }) => site)];
  mustBeWhatWasSeen(command.seen, plan.digest, sites, () => shownSummary(view.summary));
  await anonymizeRows(ports, plan);
  const gone = plan.rows.map(({ user }) => user);
  const deed = newDeed(ports);
  const parting = await partFrom(ports, plan.held, gone, plan.standing, deed, forWhom);
  const { actor, reason } = command;
  await recordDeed(ports, deed, { call: callOf(command), actor, parting, reason }, anonymizedRows(plan));
  return { view, parting, deed: gone.length === 0 ? null : deed };
};

/** As the audit and the metrics call it. */
export const callOf = ({ reach, wholeSite }: AnonymizeCommand): DeedCall => {
  if (wholeSite === true) return 'do-anonymize-all-users';
  return reach === 'all-sites' ? 'do-anonymizeall' : 'do-anonymize';
};
