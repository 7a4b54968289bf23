import type { Message, Messages, Topic, WaitingMessage } from '../../ports/outbox.ts';
import type { RawRow } from '../database.ts';
import { raw, type Sql } from '../sql.ts';
import { dateOf, numberOf, textOf } from './values.ts';

export const messageColumns: Sql = raw('id, topic, `key`, payload, attempts, createdAt');
export const waitingColumns: Sql = raw('id, topic, `key`, attempts, dueAt, createdAt, lastError');

/** Only `add` writes these rows, so topic and payload are of each other's kind. */
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
