import type { OauthClient } from '../../domain/sites/oauth-client.ts';
import type { HttpReply, Send } from '../../platform/http-client.ts';
import { HttpFailure } from '../../platform/http-exchange.ts';
import { type Address, jsonOf, CredentialsRefused, OddAnswer } from '../oauth-operation.ts';
import { isJsonObject, type JsonObject } from '../../domain/json.ts';

export interface Answer {
  readonly status: number;
  /** undefined: the body is no JSON (a page of HTML, half an answer), or too much of it. */
  readonly json: unknown;
}

/** The calls of one operation, and whether they may have changed something at the server. */
export interface Conversation {
  readonly server: string;
  readonly clientId: string;
  /** `pick`: as `HttpRequest` says. */
  read(path: string, query?: Readonly<Record<string, string>>, pick?: readonly string[]): Promise<Answer>;
  write(path: string, body: object): Promise<Answer>;
  /** A call beside `/api/admin`: a token's question, or as who we are by what the body says. Never sends the Basic credentials. */
  ask(method: 'GET' | 'POST', path: string, how: { readonly bearer?: string; readonly body?: object }): Promise<Answer>;
  /** The answer to the last write is one of those that tell that nothing was done. */
  nothingHappened(): void;
  mayHaveHappened(): boolean;
}

/**
 * Paths are below `/api/admin`; `?client_id=` (our own, unless the query names another) and Basic credentials are on all of them.
 * Source: oauth-server.md §1.
 */
export const conversation = (send: Send, { origin, base }: Address, client: OauthClient): Conversation => {
  let done = false;
  let inDoubt = false;
  const headers = {
    accept: 'application/json',
    authorization: `Basic ${Buffer.from(`${client.clientId}:${client.clientSecret}`).toString('base64')}`,
    'content-type': 'application/json',
  };
  const pathOf = (path: string, query: Readonly<Record<string, string>> = {}): string =>
    `${base}/api/admin${path}?${new URLSearchParams({ client_id: client.clientId, ...query }).toString()}`;
  return {
    server: origin + base,
    clientId: client.clientId,
    read: async (path, query, pick) =>
      answerOf(
        await send({
          method: 'GET',
          path: pathOf(path, query),
          headers,
          ...(pick === undefined ? {} : { pick }),
        }),
      ),
    write: async (path, body) => {
      inDoubt = true;
      try {
        const reply = await send({ method: 'POST', path: pathOf(path), headers, body: JSON.stringify(body) });
        inDoubt = reply.status < 400 || reply.status >= 500;
        if (reply.status >= 200 && reply.status < 300) done = true;
        return answerOf(reply);
      } catch (error) {
        if (error instanceof HttpFailure && !error.sent) inDoubt = false;
        throw error;
      }
    },
    ask: async (method, path, { bearer, body }) =>
      answerOf(
        await send({
          method,
          path: base + path,
          headers: {
            accept: 'application/json',
            ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
            ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        }),
      ),
    nothingHappened: () => {
      inDoubt = false;
    },
    mayHaveHappened: () => done || inDoubt,
  };
};

/** Judged by what the body is, not by what its header calls it. */
const answerOf = ({ status, text }: HttpReply): Answer => ({ status, json: jsonOf(text) });

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

/**
 * Of those refusals: somebody else has the address, as their collation compares (`José@` is `jose@`). The words stand at the
 * end, behind what people wrote.
 */
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
