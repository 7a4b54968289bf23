import { isFault } from '../../domain/fault.ts';
import type { Ports } from '../../ports/index.ts';
import type { DeliveryOutcome } from '../../ports/platform.ts';
import { ClaimLost, type Message, type Topic } from '../../ports/outbox.ts';

/** What executing came to, and what that changes here, in one transaction with the end of the message. */
export interface HandlerResult {
  readonly outcome: Exclude<DeliveryOutcome, 'later'>;
  readonly settle: () => Promise<void>;
  /** A transaction of the handler's own, which made the message needless, has ended it: then nothing is left to settle. */
  readonly endsItself?: true;
}
/** Carries out one kind of message; safe to run twice. A throw means: later again. */
export type MessageHandler<T extends Topic> = (message: Message<T>) => Promise<HandlerResult>;
export type MessageHandlers = { readonly [T in Topic]: MessageHandler<T> };
/**
 * Delivers the message that is given (claimed, by who added it) or named, or one that is due. Answers the outcome; `pending` when
 * it has to be tried again; null when there was nothing to take. Never throws.
 */
export type DeliverMessage = (
  which?: Message | { readonly topic: Topic; readonly key: string },
) => Promise<string | null>;

type Needs = Pick<Ports, 'outbox' | 'inOneTransaction' | 'clock' | 'log' | 'metrics' | 'settings'>;

/** Claim, call, settle: three steps, the call outside any transaction. Source: docs/adr/0003. */
export const deliverMessage =
  (ports: Needs, handlers: MessageHandlers): DeliverMessage =>
  async (which) => {
    let message: Message | null = null;
    try {
      message = which !== undefined && 'claim' in which ? which : await ports.outbox.claim(which);
      if (message === null) return null;
      return await handleMessage(ports, handlers, message);
    } catch (error) {
      if (message === null) {
        ports.log.warn({ reason: reasonOf(error) }, 'the outbox could not be read; the next round tries again');
        return which === undefined ? null : 'pending';
      }
      if (!(error instanceof ClaimLost)) await tryLater(ports, message, error);
      return 'pending';
    }
  };

/**
 * What was done at the other machine would be done once more if it could not be written down: so where the database is away or busy that
 * is waited for, while the message is still ours.
 */
const settlePatienceMs = 15_000;

const handleMessage = async (ports: Needs, handlers: MessageHandlers, message: Message): Promise<string> => {
  // The topic names the payload; the compiler cannot follow that through a union.
  const handler: MessageHandler<Topic> = handlers[message.topic] as MessageHandler<Topic>;
  const { outcome, settle, endsItself = false } = await handler(message);
  try {
    await ports.inOneTransaction(
      async () => {
        await settle();
        await ports.outbox.settle(message);
      },
      { patienceMs: settlePatienceMs },
    );
  } catch (error) {
    if (!endsItself || !(error instanceof ClaimLost)) throw error;
  }
  ports.metrics.delivered(message.topic, outcome);
  ports.log.info({ topic: message.topic, messageId: message.id, outcome }, 'delivered');
  return outcome;
};

const tryLater = async (
  { outbox, clock, log, metrics, settings }: Needs,
  message: Message,
  error: unknown,
): Promise<void> => {
  metrics.delivered(message.topic, 'later');
  const pause = pauseMs(isFault(error, 'busy') ? Math.min(message.attempts, 2) : message.attempts, clock.spread());
  const ageSeconds = Math.round((clock.now().getTime() - message.createdAt.getTime()) / 1000);
  const facts = { topic: message.topic, messageId: message.id, attempts: message.attempts + 1, ageSeconds };
  // A failed delivery is always tried again, and never silent; two kinds of message end by age in their handlers (docs/adr/0003).
  const tell = ageSeconds >= settings.outboxAlarmSeconds ? log.error.bind(log) : log.warn.bind(log);
  tell({ ...facts, reason: reasonOf(error), againInMs: pause }, 'not delivered yet');
  await outbox.postpone(message, new Date(clock.now().getTime() + pause), reasonOf(error)).catch((trouble: unknown) => {
    // The claim's lease ends by itself, and then the message is due again.
    log.warn({ messageId: message.id, reason: reasonOf(trouble) }, 'could not postpone');
  });
};

/**
 * 1 s, 2 s, 4 s … up to five minutes, a quarter more or less; at most 4 s, a quarter more or less, where somebody is at the person.
 * docs/adr/0003 and docs/reference/internals.md say so, too; the sweep has pauses of its own.
 */
const pauseMs = (attempts: number, spread: number): number =>
  Math.round(Math.min(1000 * 2 ** attempts, 300_000) * (0.75 + spread / 2));

/** A code or a class, never somebody's words. */
const reasonOf = (error: unknown): string => {
  if (isFault(error)) return error.code;
  return error instanceof Error ? error.name : 'unknown';
};

/** `X-OAuth-Removal`. Source: anonymization.md §3. */
export type RemovalOutcome =
  | 'done'
  | 'pending'
  | 'kept;reason=rows-elsewhere'
  | 'kept;reason=other-clients'
  | 'kept;reason=not-ours'
  | 'kept;reason=unsupported'
  | 'none';

/** `X-OAuth-Values`. */
export type ValuesOutcome = 'done' | 'pending' | 'none';

export interface OauthOutcome {
  readonly removal: RemovalOutcome;
  readonly values: ValuesOutcome;
}
