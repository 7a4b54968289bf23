import { mustBeOwnerOrModerator } from '../domain/user-rules.ts';
import type { Ports } from '../ports/index.ts';
import { actorNow } from './actor-now.ts';
import { personToPlan, planAnonymization } from './anonymization-plan.ts';
import { shownSummary } from './anonymization-view.ts';
import { receiptAddress, tellOfDeed } from './audit-names.ts';
import { callOf, carryOutPlan, type CarriedOut } from './carry-out-plan.ts';
import type { Anonymized, AnonymizeCommand } from './commands.ts';
import type { DeliverMessage } from './deliver-message.ts';
import { awaitParting } from './parting.ts';
import { replayOf } from './replay.ts';

type Needs = Pick<
  Ports,
  | 'users'
  | 'clients'
  | 'sessions'
  | 'activities'
  | 'sideTables'
  | 'sites'
  | 'settings'
  | 'clock'
  | 'startDigest'
  | 'identity'
  | 'outbox'
  | 'replays'
  | 'audit'
  | 'secrets'
  | 'tally'
  | 'log'
  | 'inOneTransaction'
>;
type Outcome = Extract<Anonymized, { kind: 'replayed' }> | (CarriedOut & { readonly kind: 'done' });

/**
 * Everywhere or not at all: one transaction over all chosen rows, whatever the number of sites. Answers with what was there
 * before. The OAuth server hears of it after the commit, by the outbox. Faults: those of the plan, `plan-changed` and
 * `preview-required` (nothing is done), `busy`. Source: anonymization.md.
 */
export const anonymizeUser =
  (ports: Needs, deliver: DeliverMessage) =>
  async (asked: AnonymizeCommand): Promise<Anonymized> => {
    const replay = replayOf(ports, asked);
    /** To whoever may still act on the user: a body may have come slowly, and the locks late. */
    const answeredBefore = async (): Promise<Extract<Outcome, { kind: 'replayed' }> | null> => {
      const before = await replay.find();
      if (before !== null) mustBeOwnerOrModerator(await actorNow(ports, asked.actor), asked.site.id, asked.userId);
      return before;
    };
    const before = await answeredBefore();
    if (before !== null) return before;
    const outcome = await ports.inOneTransaction(async (): Promise<Outcome> => {
      const held = await personToPlan(ports, asked, 'locked');
      // Behind the locks: the same call may have been carried out while this one waited for them, and the right be gone.
      const meanwhile = await answeredBefore();
      if (meanwhile !== null) return meanwhile;
      const command = { ...asked, actor: await actorNow(ports, asked.actor) };
      const plan = await planAnonymization(ports, command, held, 'locked');
      const done = await carryOutPlan(ports, command, plan, 'claimed');
      await replay.remember(shownSummary(done.view.summary));
      await asked.alongside?.();
      return { kind: 'done', ...done };
    });
    if (outcome.kind === 'replayed') return outcome;
    const { view, parting, deed } = outcome;
    if (deed !== null) {
      ports.tally.did(callOf(asked));
      tellOfDeed(ports, deed, view.summary.users);
    }
    const receipt = deed === null ? null : receiptAddress(ports, deed);
    const oauth = await awaitParting(ports, deliver, parting);
    return { kind: 'done', view, oauth: view.summary.oauth === null ? null : oauth, operation: deed, receipt };
  };
