import { mustBeOwnerOrModerator } from '../../domain/users/user-rules.ts';
import type { Ports } from '../../ports/index.ts';
import { actorNow } from '../actor-now.ts';
import { receiptAddress, reportOperation } from '../audit/names.ts';
import type { DeliverMessage } from '../outbox/deliver-message.ts';
import { awaitIdentityCleanup } from '../outbox/identity-cleanup.ts';
import type { Anonymized, AnonymizeCommand } from './commands.ts';
import { callOf, executePlan, type ExecutedPlan } from './execute-plan.ts';
import { personToPlan, planAnonymization } from './plan.ts';
import { replayOf } from './replay.ts';
import { shownSummary } from './view.ts';

type Needs = Pick<
  Ports,
  | 'users'
  | 'facts'
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
  | 'metrics'
  | 'log'
  | 'inOneTransaction'
>;
type Outcome = Extract<Anonymized, { kind: 'replayed' }> | (ExecutedPlan & { readonly kind: 'done' });

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
      // Behind the locks: the same call may have been executed while this one waited for them, and the right be gone.
      const meanwhile = await answeredBefore();
      if (meanwhile !== null) return meanwhile;
      const command = { ...asked, actor: await actorNow(ports, asked.actor) };
      const plan = await planAnonymization(ports, command, held, 'locked');
      const done = await executePlan(ports, command, plan, 'claimed');
      await replay.remember(shownSummary(done.view.summary));
      await asked.alongside?.();
      return { kind: 'done', ...done };
    });
    if (outcome.kind === 'replayed') return outcome;
    const { view, cleanup, operation, rows } = outcome;
    if (operation !== null) {
      ports.metrics.did(callOf(asked));
      reportOperation(ports, operation, rows);
    }
    const receipt = operation === null ? null : receiptAddress(ports, operation);
    const oauth = await awaitIdentityCleanup(ports, deliver, cleanup);
    return { kind: 'done', view, oauth: view.summary.oauth === null ? null : oauth, operation, receipt };
  };
