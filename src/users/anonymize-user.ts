import { Fault } from '../domain/fault.ts';
import type { DeedCall } from '../ports/audit.ts';
import type { Ports } from '../ports/index.ts';
import { planAnonymization, type AnonymizationPlan } from './anonymization-plan.ts';
import { shownSummary, viewOf } from './anonymization-view.ts';
import { anonymizeRows } from './anonymize-rows.ts';
import { anonymizedRows, newDeed, recordDeed } from './audit-deed.ts';
import type { AnonymizationView, Anonymized, AnonymizeCommand } from './commands.ts';
import type { DeliverMessage } from './deliver-message.ts';
import { awaitParting, partFrom, type Parting } from './parting.ts';
import { replayOf } from './replay.ts';

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
  | 'replays'
  | 'audit'
  | 'receipts'
  | 'secrets'
  | 'tally'
  | 'inOneTransaction'
>;
interface Done {
  readonly kind: 'done';
  readonly view: AnonymizationView;
  readonly parting: Parting;
  readonly receipt: string | null;
}
type Outcome = Extract<Anonymized, { kind: 'replayed' }> | Done;

/**
 * Everywhere or not at all: one transaction over all chosen rows, whatever the number of sites. Answers with what was there
 * before. The OAuth server hears of it after the commit, by the outbox. Faults: those of the plan, `plan-changed` and
 * `preview-required` (nothing is done), `busy`. Source: anonymization.md.
 */
export const anonymizeUser =
  (ports: Needs, deliver: DeliverMessage) =>
  async (command: AnonymizeCommand): Promise<Anonymized> => {
    const replay = replayOf(ports, command);
    const before = await replay.find();
    if (before !== null) return before;
    const outcome = await ports.inOneTransaction(async (): Promise<Outcome> => {
      const plan = await planAnonymization(ports, command, 'locked');
      // Behind the locks: the same call may have been carried out while this one waited for them.
      const meanwhile = await replay.find();
      if (meanwhile !== null) return meanwhile;
      const view = viewOf(plan);
      mustBeWhatWasSeen(command, plan, view);
      await anonymizeRows(ports, plan);
      await replay.remember(shownSummary(view.summary));
      const gone = plan.rows.map(({ user }) => user);
      const deed = newDeed(ports);
      const parting = await partFrom(ports, plan.held, gone, plan.standing, deed.name);
      await recordDeed(ports, deed, { call: callOf(command), actor: command.actor, parting }, anonymizedRows(plan));
      return { kind: 'done', view, parting, receipt: gone.length === 0 ? null : deed.address };
    });
    if (outcome.kind === 'replayed') return outcome;
    const { view, parting, receipt } = outcome;
    if (receipt !== null) ports.tally.did(callOf(command));
    return { kind: 'done', view, oauth: await awaitParting(ports, deliver, parting), receipt };
  };

const callOf = ({ reach }: AnonymizeCommand): DeedCall => (reach === 'all-sites' ? 'do-anonymizeall' : 'do-anonymize');

/** With `If-Match` exactly the previewed plan is done; sites may make that compulsory. Source: anonymization.md §4. */
const mustBeWhatWasSeen = (
  { seen, site }: AnonymizeCommand,
  plan: AnonymizationPlan,
  { summary }: AnonymizationView,
): void => {
  if (seen === undefined) {
    const isRequired = [site, ...plan.rows.map((row) => row.site)].some(
      (one) => one?.config.anonymize.requirePreview === true,
    );
    if (!isRequired) return;
    throw new Fault('preview-required', {}, 'A site that is concerned wants the preview’s digest in If-Match.');
  }
  if (seen(plan.digest)) return;
  throw new Fault(
    'plan-changed',
    { current: shownSummary(summary) },
    'What would be done is no longer what was previewed: nothing was done.',
  );
};
