import { isJsonObject, type JsonObject } from '../../domain/json.ts';
import type { Answer, Conversation } from './conversation.ts';
import { CredentialsRefused, OddAnswer } from '../odd-answer.ts';

/**
 * Answers that mean something else than their status says, as recorded from the real server. Whoever meets a new one adds it here,
 * and to the recordings.
 */

/** Nobody has this id. Older Node words it "Cannot read property 'serialize' of null"; a 404 is what it should have been. */
export const saysMissing = ({ status, json }: Answer): boolean =>
  (status === 500 && /^cannot read propert.*null/i.test(messageOf(json))) || (status === 404 && isJsonObject(json));

/** No client has this id: a 500 of its own words. */
export const saysNoClient = ({ status, json }: Answer): boolean =>
  status === 500 && /^no client found/i.test(messageOf(json));

/**
 * The server's database refused the statement (address taken, a character it cannot hold), so nothing was done. A connection that
 * broke under the statement is told with the same words before it, and leaves it open.
 */
export const saysStatementRefused = ({ status, json }: Answer): boolean =>
  status === 500 &&
  /^(insert into|update) `users`/i.test(messageOf(json)) &&
  !/connection|econn|etimedout|epipe|protocol_/i.test(messageOf(json));

/** Of those refusals: somebody else has the address, as their collation compares (`José@` is `jose@`). The words stand at the end, behind what people wrote. */
export const saysAddressTaken = (answer: Answer): boolean =>
  saysStatementRefused(answer) &&
  /- ER_DUP_ENTRY: Duplicate entry '.*' for key '[\w.]*email[\w.]*'$/is.test(messageOf(answer.json));

/** Their body parser stops at 100 kB. */
export const saysTooLarge = ({ status }: Answer): boolean => status === 413;

/** Null and missing are the same 500 as a broken server; a well one answers this. Source: oauth-server.md §1 "delete". */
export const assertWell = async (talk: Conversation): Promise<void> => {
  const { status, json } = await talk.read('/roles');
  if (status === 401) throw new CredentialsRefused();
  if (status !== 200 || !Array.isArray(json)) throw new OddAnswer('the server is unwell', { status, unwell: true });
};

/** A 2xx with JSON; anything else is odd. */
export const successOf = (answer: Answer): JsonObject | readonly unknown[] => {
  const { status, json } = answer;
  if (status === 401) throw new CredentialsRefused();
  if (status < 200 || status >= 300) throw new OddAnswer('refused', { status, unwell: status >= 500 });
  if (isJsonObject(json)) return json;
  if (Array.isArray(json)) return json as readonly unknown[];
  throw new OddAnswer('no JSON where JSON belongs', { status, unwell: true });
};

const messageOf = (json: unknown): string =>
  isJsonObject(json) && typeof json['message'] === 'string' ? json['message'] : '';
