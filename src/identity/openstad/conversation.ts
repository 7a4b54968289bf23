import type { OauthClient } from '../../domain/sites/oauth-client.ts';
import type { HttpReply, Send } from '../../platform/http-client.ts';
import { HttpFailure } from '../../platform/http-exchange.ts';
import type { Address } from '../addresses.ts';
import { jsonOf } from '../bounded-json.ts';

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
