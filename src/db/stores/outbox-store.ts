import { randomUUID } from 'node:crypto';
import type { Ports } from '../../ports/index.ts';
import type { Message, Messages, Outbox, ReadMessage, Topic, WaitingMessage } from '../../ports/outbox.ts';
import type { Secrets } from '../../ports/platform.ts';
import type { Database, RawRow } from '../database.ts';
import { claimIn, mustStillHold } from '../leases.ts';
import { numberOf, textOf, dateOf } from '../rows/values.ts';
import { isId, raw, sql, type Sql } from '../sql.ts';

/** Longer than any delivery: an instance that died gives its message back after this. */
const claimMs = 30_000;
/** Several, as another instance may take the first of them. */
const candidates = 8;
const maxListed = 1000;
/** How long a message that we did not write is left alone, so that it stands in nobody's way. */
const refusedMs = 86_400_000;

export const outboxStore = (
  database: Database,
  { clock, secrets, log }: Pick<Ports, 'clock' | 'secrets' | 'log'>,
): Outbox => {
  const { select, change, insert, dialect } = database;
  const claims = claimIn({ holder: 'claim', until: 'claimedUntil' }, clock);

  const due = async (): Promise<readonly number[]> => {
    const rows = await select(
      sql`SELECT id FROM civitas_outbox WHERE dueAt <= ${clock.now()} AND ${claims.isFree()} ORDER BY dueAt, id LIMIT ${raw(String(candidates))}`,
    );
    return rows.map((row) => numberOf(row['id']) ?? 0);
  };
  const named = (topic: Topic, key: string): Sql => sql`topic = ${topic} AND \`key\` = ${key}`;

  const take = async (which: Sql): Promise<Message | null> => {
    const claim = randomUUID();
    const taken = await change(
      sql`UPDATE civitas_outbox SET ${claims.taken(claim, claimMs)} WHERE ${which} AND ${claims.isFree()}`,
    );
    if (taken === 0) return null;
    const [row] = await select(
      sql`SELECT ${messageColumns} FROM civitas_outbox WHERE ${which} AND ${claims.isHeldBy(claim)}`,
    );
    if (row === undefined) return null;
    if (isOurs(secrets, row)) return claimedMessageOf(row, claim);
    await refuse(row, claim);
    return null;
  };

  const refuse = async (row: RawRow, claim: string): Promise<void> => {
    const id = numberOf(row['id']);
    log.error(
      { messageId: id, topic: textOf(row['topic'])?.slice(0, 64) },
      'a message of the outbox was not written by this program, or was changed: it is not carried out',
    );
    await change(
      sql`UPDATE civitas_outbox SET ${claims.givenBack}, dueAt = ${new Date(clock.now().getTime() + refusedMs)}, lastError = 'not-written-by-us'
          WHERE id = ${id} AND ${claims.isHeldBy(claim)}`,
    );
  };
  const macOf = (topic: string, key: string, payload: string): string =>
    secrets.mac('outbox message', authenticText(topic, key, payload));

  const findLocked = async <T extends Topic>(topic: T, key: string): Promise<Messages[T] | null> => {
    const [row] = await select(
      sql`SELECT ${messageColumns} FROM civitas_outbox WHERE topic = ${topic} AND \`key\` = ${key}${raw(dialect.forUpdate)}`,
    );
    // The topic names the payload's type, and only this store writes it. Anything else is as good as nothing.
    return row === undefined || !isOurs(secrets, row) ? null : (JSON.parse(String(row['payload'])) as Messages[T]);
  };

  const add: Outbox['add'] = async ({ topic, key, payload }, dueAt) => {
    const now = clock.now();
    const text = JSON.stringify(payload);
    const names = ['payload', 'mac', 'dueAt', 'attempts', 'claim', 'claimedUntil', 'lastError', 'createdAt'];
    const replaced = names.map((name) => `\`${name}\` = ${dialect.brought(name)}`).join(', ');
    await change(
      sql`INSERT INTO civitas_outbox (topic, \`key\`, payload, mac, dueAt, attempts, claim, claimedUntil, lastError, createdAt)
            VALUES (${topic}, ${key}, ${text}, ${macOf(topic, key, text)}, ${dueAt ?? now}, 0, NULL, NULL, NULL, ${now})
            ${raw(dialect.onConflictUpdate(['topic', 'key']))} ${raw(replaced)}`,
    );
  };
  const addMerged: Outbox['addMerged'] = async (message, merged, addedAs, dueAt) => {
    const { topic, key, payload } = message;
    const now = clock.now();
    const claim = addedAs === 'claimed' ? randomUUID() : null;
    const text = JSON.stringify(payload);
    const until = claim === null ? null : claims.end(claimMs);
    const id = await insert(
      sql`${raw(dialect.insertUnlessThere)} civitas_outbox (topic, \`key\`, payload, mac, dueAt, attempts, claim, claimedUntil, createdAt)
          VALUES (${topic}, ${key}, ${text}, ${macOf(topic, key, text)}, ${dueAt ?? now}, 0, ${claim}, ${until}, ${now})`,
    );
    if (id > 0)
      return {
        payload,
        claimed: claim === null ? null : { ...message, id, attempts: 0, createdAt: now, claim, isJustWritten: true },
      };
    const earlier = await findLocked(topic, key);
    // Delivered between the two statements: then there is nothing to keep.
    const together = earlier === null ? payload : merged(earlier);
    await add({ ...message, payload: together }, dueAt);
    return { payload: together, claimed: null };
  };

  return {
    add,
    addMerged,

    claim: async (wanted) => {
      if (wanted !== undefined) return take(named(wanted.topic, wanted.key));
      for (const id of await due()) {
        const message = await take(sql`id = ${id}`);
        if (message !== null) return message;
      }
      return null;
    },

    holdOn: async ({ id, claim }, forMs) => {
      mustStillHold(
        await change(
          sql`UPDATE civitas_outbox SET ${claims.taken(claim, forMs)} WHERE id = ${id} AND ${claims.isHeldBy(claim)}`,
        ),
      );
    },

    settle: async ({ id, claim }) => {
      mustStillHold(await change(sql`DELETE FROM civitas_outbox WHERE id = ${id} AND ${claims.isHeldBy(claim)}`));
    },

    postpone: async ({ id, claim }, dueAt, error) => {
      mustStillHold(
        await change(
          sql`UPDATE civitas_outbox SET ${claims.givenBack}, attempts = attempts + 1, dueAt = ${dueAt}, lastError = ${error.slice(0, 64)}
              WHERE id = ${id} AND ${claims.isHeldBy(claim)}`,
        ),
      );
    },

    findLocked,

    cancel: async (topic, key) => {
      await change(sql`DELETE FROM civitas_outbox WHERE topic = ${topic} AND \`key\` = ${key}`);
    },

    cancelUnchanged: async ({ topic, key, payload }) => {
      const text = JSON.stringify(payload);
      const same = sql`payload = ${text} AND mac = ${macOf(topic, key, text)}`;
      return (await change(sql`DELETE FROM civitas_outbox WHERE ${named(topic, key)} AND ${same}`)) > 0;
    },

    awaitedOperations: async () => {
      const operations = new Set<string>();
      for (let last = Number.MIN_SAFE_INTEGER, isLast = false; !isLast;) {
        const rows = await select(
          sql`SELECT ${messageColumns} FROM civitas_outbox WHERE topic IN ('person.remove', 'person.withdraw-values') AND id > ${last}
              ORDER BY id LIMIT ${raw(String(maxListed))}`,
        );
        for (const row of rows) {
          last = numberOf(row['id']) ?? last;
          if (!isOurs(secrets, row)) continue;
          const { operations: own } = JSON.parse(String(row['payload'])) as Messages['person.remove'];
          for (const operation of own) operations.add(operation);
        }
        isLast = rows.length < maxListed;
      }
      return operations;
    },

    waiting: async () => {
      const rows = await select(
        sql`SELECT ${waitingColumns} FROM civitas_outbox ORDER BY dueAt, id LIMIT ${raw(String(maxListed))}`,
      );
      return rows.map(waitingMessageOf);
    },

    page: async ({ topic, after, limit }) => {
      const rows = await select(
        sql`SELECT ${readColumns} FROM civitas_outbox
            WHERE ${topic === null ? raw('1 = 1') : sql`topic = ${topic}`} AND id > ${after ?? Number.MIN_SAFE_INTEGER}
            ORDER BY id LIMIT ${raw(String(limit))}`,
      );
      return rows.map((row) => readMessageOf(secrets, row));
    },

    one: async (id) => {
      if (!isId(id)) return null;
      const [row] = await select(sql`SELECT ${readColumns} FROM civitas_outbox WHERE id = ${id}`);
      return row === undefined ? null : readMessageOf(secrets, row);
    },

    retry: async (id) => {
      if (id !== undefined && !isId(id)) return 0;
      const which = id === undefined ? raw('1 = 1') : sql`id = ${id}`;
      return change(sql`UPDATE civitas_outbox SET dueAt = ${clock.now()} WHERE ${which}`);
    },
  };
};

const messageColumns: Sql = raw('id, topic, `key`, payload, mac, attempts, createdAt');
const waitingColumns: Sql = raw('id, topic, `key`, attempts, dueAt, createdAt, lastError');
const readColumns: Sql = raw('id, topic, `key`, payload, mac, attempts, dueAt, createdAt, lastError');

/** What a message's MAC is over. */
const authenticText = (topic: string, key: string, payload: string): string => JSON.stringify([topic, key, payload]);

/** Whether we wrote it: whoever writes the database must not have us remove people, nor say that we did. */
const isOurs = ({ macKey }: Pick<Secrets, 'macKey'>, row: RawRow): boolean => {
  const [topic, key, payload, mac] = [row['topic'], row['key'], row['payload'], row['mac']].map(textOf);
  if (typeof topic !== 'string' || typeof key !== 'string' || typeof payload !== 'string') return false;
  return typeof mac === 'string' && macKey('outbox message', authenticText(topic, key, payload), mac) !== null;
};

/** Of a row that we wrote: topic and payload are of each other's kind. */
const claimedMessageOf = (row: RawRow, claim: string): Message => ({
  id: numberOf(row['id']) ?? 0,
  topic: row['topic'] as Topic,
  key: textOf(row['key']) ?? '',
  payload: JSON.parse(textOf(row['payload']) ?? '{}') as Messages[Topic],
  attempts: numberOf(row['attempts']) ?? 0,
  createdAt: dateOf(row['createdAt']) ?? new Date(0),
  claim,
});

const waitingMessageOf = (row: RawRow): WaitingMessage => ({
  id: numberOf(row['id']) ?? 0,
  topic: textOf(row['topic']) ?? '',
  key: textOf(row['key']) ?? '',
  attempts: numberOf(row['attempts']) ?? 0,
  dueAt: dateOf(row['dueAt']) ?? new Date(0),
  createdAt: dateOf(row['createdAt']) ?? new Date(0),
  lastError: textOf(row['lastError']),
});

const readMessageOf = (secrets: Pick<Secrets, 'macKey'>, row: RawRow): ReadMessage => ({
  ...waitingMessageOf(row),
  // The topic names the payload's type, and only this store writes it.
  payload: isOurs(secrets, row) ? (JSON.parse(String(row['payload'])) as Messages[Topic]) : null,
});
