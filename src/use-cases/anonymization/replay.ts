import { Fault } from '../../domain/fault.ts';
import type { JsonObject } from '../../domain/json/json.ts';
import type { Ports } from '../../ports/index.ts';
import type { Anonymized, AnonymizeCommand } from './commands.ts';

interface Replay {
  /** What was answered to this very call; null when it is the first. Fault `invalid-values` when the key came with another body. */
  readonly find: () => Promise<Extract<Anonymized, { kind: 'replayed' }> | null>;
  /** In the transaction of the operation. */
  readonly remember: (summary: JsonObject) => Promise<void>;
}

/** The memory behind `Idempotency-Key`, scoped to actor (a fixed token of the same user is another) and path; without a key it neither knows nor keeps. Source: anonymization.md §4. */
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
