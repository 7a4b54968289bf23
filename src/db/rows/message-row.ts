import type { Message, Messages, Topic, WaitingMessage } from '../../ports/outbox.ts';
import type { Secrets } from '../../ports/secrets.ts';
import type { RawRow } from '../database.ts';
import { raw, type Sql } from '../sql.ts';
import { dateOf, numberOf, textOf } from './values.ts';

export const messageColumns: Sql = raw('id, topic, `key`, payload, mac, attempts, createdAt');
export const waitingColumns: Sql = raw('id, topic, `key`, attempts, dueAt, createdAt, lastError');

/** What a message's MAC is over. */
export const authenticText = (topic: string, key: string, payload: string): string =>
  JSON.stringify([topic, key, payload]);

/** Whether we wrote it: whoever writes the database must not have us remove people, nor say that we did. */
export const isOurs = ({ macKey }: Pick<Secrets, 'macKey'>, row: RawRow): boolean => {
  const [topic, key, payload, mac] = [row['topic'], row['key'], row['payload'], row['mac']].map(textOf);
  if (typeof topic !== 'string' || typeof key !== 'string' || typeof payload !== 'string') return false;
  return typeof mac === 'string' && macKey('outbox message', authenticText(topic, key, payload), mac) !== null;
};

/** Of a row that we wrote: topic and payload are of each other's kind. */
export const claimedMessageOf = (row: RawRow, claim: string): Message => ({
  id: numberOf(row['id']) ?? 0,
  topic: row['topic'] as Topic,
  key: textOf(row['key']) ?? '',
  payload: JSON.parse(textOf(row['payload']) ?? '{}') as Messages[Topic],
  attempts: numberOf(row['attempts']) ?? 0,
  createdAt: dateOf(row['createdAt']) ?? new Date(0),
  claim,
});

export const waitingMessageOf = (row: RawRow): WaitingMessage => ({
  id: numberOf(row['id']) ?? 0,
  topic: textOf(row['topic']) ?? '',
  key: textOf(row['key']) ?? '',
  attempts: numberOf(row['attempts']) ?? 0,
  dueAt: dateOf(row['dueAt']) ?? new Date(0),
  createdAt: dateOf(row['createdAt']) ?? new Date(0),
  lastError: textOf(row['lastError']),
});
