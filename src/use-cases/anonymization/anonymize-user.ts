import { mustBeOwnerOrModerator } from '../../domain/users/user-rules.ts';
import { Fault } from '../../domain/fault.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { Ports } from '../../ports/index.ts';
import { actorNow } from '../actor-now.ts';
import { receiptAddress, reportOperation } from '../audit/entries.ts';
import type { DeliverMessage } from '../outbox/deliver-message.ts';
import { awaitIdentityCleanup } from '../outbox/identity-cleanup.ts';
import type { AnonymizationView, Anonymized, AnonymizeCommand } from './commands.ts';
import { assertPrecondition, callOf, executePlan, mustSayPreview, type ExecutedPlan } from './execute-plan.ts';
import { takeLate } from './late-contributions.ts';
import { muchInTurn } from './planned-contributions.ts';
import { personToPlan, planAnonymization } from './plan.ts';
import { planAsOfNow } from './preview-anonymization.ts';
import { shownSummary, viewOf } from './view.ts';

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
  | 'inOneSnapshot'
  | 'inOneTransaction'
  | 'isOneOfSeveralNodes'
>;
type Outcome = Replayed | (ExecutedPlan & { readonly kind: 'done' });

/**
 * Everywhere or not at all: one transaction over all chosen rows, whatever the number of sites. Answers with what was there
 * before. The OAuth server hears of it after the commit, by the outbox. Faults: those of the plan, `plan-changed` and
 * `preview-required` (nothing is done), `busy`. Source: anonymization.md.
 */
export const anonymizeUser =
  (ports: Needs, deliver: DeliverMessage) =>
  async (command: AnonymizeCommand): Promise<Anonymized> => {
    const answeredBefore = earlierAnswer(ports, command);
    // Whoever waits for the OAuth server is in no turn any more: others have theirs.
    const outcome =
      (await answeredBefore()) ??
      (await mustFit(ports, command, answeredBefore)) ??
      (await muchInTurn(command, anonymize(ports, answeredBefore)));
    if (outcome.kind === 'replayed') return outcome;
    const { cleanup, operation, rows } = outcome;
    if (operation !== null) {
      ports.metrics.did(callOf(command));
      reportOperation(ports, operation, rows.length);
    }
    const view = withLate(
      outcome,
      operation === null || !ports.isOneOfSeveralNodes() ? 0 : await takeLate(ports, operation, rows),
    );
    const receipt = operation === null ? null : receiptAddress(ports, operation);
    const oauth = await awaitIdentityCleanup(ports, deliver, cleanup);
    return { kind: 'done', view, oauth: view.summary.oauth === null ? null : oauth, operation, receipt };
  };

/** Told where every row is: whose contributions came late is not written down. */
const withLate = ({ view, rows }: ExecutedPlan, late: number): AnonymizationView =>
  late === 0 || view.summary.users !== rows.length ? view : { ...view, summary: { ...view.summary, late } };

type Replayed = Extract<Anonymized, { kind: 'replayed' }>;
type AnsweredBefore = () => Promise<Replayed | null>;

/** To whoever may still act on the user: a body may have come slowly, and the locks late. */
const earlierAnswer = (ports: Needs, command: AnonymizeCommand): AnsweredBefore => {
  const replay = replayOf(ports, command);
  return async () => {
    const before = await replay.find();
    if (before !== null) mustBeOwnerOrModerator(await actorNow(ports, command.actor), command.site.id, command.userId);
    return before;
  };
};

/**
 * With `If-Match` the plan is made once before the locks, in flat memory: one that fits nothing is said as often as one likes, and who
 * has contributed much would keep others waiting behind them. What fits is made and compared again there. Null: go on. Faults as behind the locks.
 */
const mustFit = async (
  ports: Needs,
  command: AnonymizeCommand,
  answeredBefore: AnsweredBefore,
): Promise<Replayed | null> => {
  if (command.stillMatches === undefined) return null;
  try {
    await planAsOfNow(ports, { ...command, view: 'summary' }, async (now, plan) => {
      const { summary } = await viewOf(ports, now, plan);
      assertPrecondition(now.stillMatches, plan.digest, [], () => shownSummary(summary));
    });
    return null;
  } catch (error) {
    // The same call may have been executed meanwhile: then it is the plan no more.
    const meanwhile = await answeredBefore();
    if (meanwhile === null) throw error;
    return meanwhile;
  }
};

const anonymize =
  (ports: Needs, answeredBefore: AnsweredBefore) =>
  (command: AnonymizeCommand): Promise<Outcome> =>
    ports.inOneTransaction(async (): Promise<Outcome> => {
      const held = await personToPlan(ports, command, 'locked');
      // Behind the locks: the same call may have been executed while this one waited for them, and the right be gone.
      const meanwhile = await answeredBefore();
      if (meanwhile !== null) return meanwhile;
      const commandNow = { ...command, actor: await actorNow(ports, command.actor) };
      const plan = await planAnonymization(ports, commandNow, held, 'locked', (sites) => {
        mustSayPreview(commandNow.stillMatches, sites);
      });
      const done = await executePlan(ports, commandNow, plan, 'claimed');
      await replayOf(ports, command).remember(shownSummary(done.view.summary));
      await command.alongside?.();
      return { kind: 'done', ...done };
    });

interface Replay {
  /** What was answered to this very call; null when it is the first. Fault `invalid-values` when the key came with another body. */
  readonly find: () => Promise<Replayed | null>;
  /** In the transaction of the operation. */
  readonly remember: (summary: JsonObject) => Promise<void>;
}

/**
 * The memory behind `Idempotency-Key`, scoped to actor (a fixed token of the same user is another) and path; without a key it
 * neither knows nor keeps. Source: anonymization.md §4.
 */
export const replayOf = (
  { replays, secrets, log }: Pick<Ports, 'replays' | 'secrets' | 'log'>,
  { actor, repeat }: Pick<AnonymizeCommand, 'actor' | 'repeat'>,
): Replay => {
  if (repeat === undefined) return { find: () => Promise.resolve(null), remember: () => Promise.resolve() };
  const scope = secrets.fingerprint(
    'repeat',
    JSON.stringify([actor.userId, actor.reach.kind, repeat.path, repeat.key]),
  );
  const body = secrets.fingerprint('repeated body', repeat.body);
  return {
    find: async () => {
      const kept = await replays.find(scope);
      if (kept === null) return null;
      if (kept.body !== body) throw anotherBody();
      const opened = secrets.open('repeat', kept.summary);
      // What opens was sealed by us; it says which call it answers.
      const [of, summary] = opened === null ? [] : (JSON.parse(opened) as readonly [string, JsonObject]);
      if (of === scope && summary !== undefined) return { kind: 'replayed', summary };
      log.error(
        {},
        'an answer that was kept for repeats was not written by this program, or was changed: it is not given',
      );
      throw changed();
    },
    remember: (summary) =>
      replays.remember(scope, { body, summary: secrets.seal('repeat', JSON.stringify([scope, summary])) }),
  };
};

const changed = (): Fault =>
  new Fault(
    'conflict',
    { rule: 'kept-answer-was-changed' },
    'What was answered under this Idempotency-Key is not what was kept. Nothing was done again: look how far the operation is, or take a new key.',
  );

const anotherBody = (): Fault => {
  const detail = 'was used for this call with another body: take a new key';
  return new Fault(
    'invalid-values',
    { errors: [{ pointer: 'Idempotency-Key', detail }] },
    `Idempotency-Key ${detail}.`,
  );
};
