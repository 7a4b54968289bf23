import { isJsonObject, type JsonObject } from '../../domain/json.ts';
import type { OauthClient } from '../../domain/sites/oauth-client.ts';
import type { HttpReply, HttpRequest, Send } from '../../platform/http-client.ts';
import { type Address, jsonOf, OddAnswer } from '../oauth-operation.ts';
import { withoutTrailingSlashes } from '../../domain/sites/oauth-client.ts';

/** The calls of one operation. Nothing is ever written there. */
export interface Conversation {
  /** Below the issuer, as we reach it. */
  readonly root: string;
  /** A JSON object from one of the server's addresses; `status` 401 is handed on, all else that is no 2xx is odd. */
  read(address: string, headers?: Readonly<Record<string, string>>): Promise<JsonObject | 'unauthorized'>;
  /** The text of a 2xx, whatever it is; null for a 401. */
  readText(address: string, headers: Readonly<Record<string, string>>): Promise<string | null>;
  /** A form to one of its addresses. What comes back is JSON, or it throws; a 4xx is handed on. */
  post(address: string, headers: Readonly<Record<string, string>>, form: string): Promise<HttpReply>;
  mayHaveHappened(): boolean;
}

/** `isAllowed`: whether a host that the server names beside its own may be called. Source: oauth-server.md §1 "Addresses". */
export const conversation =
  (isAllowed: (host: string) => boolean) =>
  (send: Send, { origin, base }: Address, client: OauthClient): Conversation => {
    const issuer = new URL(client.issuer);
    const call = (address: string, request: Omit<HttpRequest, 'path' | 'origin'>): Promise<HttpReply> => {
      const url = httpAddress(address, issuer);
      if (url.origin === issuer.origin) return send({ ...request, path: insidePath(url, issuer, base) });
      if (url.origin !== origin && !isAllowed(url.host))
        throw new OddAnswer('it names an address on a host that is not an allowed one', { status: 200, unwell: false });
      return send({ ...request, origin: url.origin, path: url.pathname + url.search });
    };
    return {
      root: client.issuer,
      read: async (address, headers = {}) => {
        const reply = await call(address, { method: 'GET', headers: { accept: 'application/json', ...headers } });
        if (reply.status === 401) return 'unauthorized';
        return objectOf(reply);
      },
      readText: async (address, headers) => {
        const reply = await call(address, { method: 'GET', headers });
        return reply.status === 401 ? null : textOfSuccess(reply);
      },
      post: async (address, headers, form) => {
        const reply = await call(address, { method: 'POST', headers, body: form });
        if (reply.status < 400 || reply.status >= 500) objectOf(reply);
        return reply;
      },
      mayHaveHappened: () => false,
    };
  };

/**
 * An address that the server names: http(s), without credentials, and no step down from https. Throws OddAnswer for any other;
 * a browser that is sent there, and we ourselves, go nowhere else.
 */
export const httpAddress = (address: string, issuer: URL): URL => {
  const url = URL.canParse(address) ? new URL(address) : null;
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && issuer.protocol === 'http:');
  if (url === null || !isSafe || url.username !== '' || url.password !== '')
    throw new OddAnswer('it names an address that is not to be used', { status: 200, unwell: false });
  return url;
};

/** An address as browsers know it, by the way we reach the server. */
const insidePath = (url: URL, issuer: URL, base: string): string => {
  const outside = withoutTrailingSlashes(issuer.pathname);
  const isBelow = url.pathname === outside || url.pathname.startsWith(`${outside}/`);
  return (isBelow ? base + url.pathname.slice(outside.length) : url.pathname) + url.search;
};

/** Judged by what the body is, not by what its header calls it. */
const objectOf = (reply: HttpReply): JsonObject => {
  const json = jsonOf(textOfSuccess(reply));
  if (!isJsonObject(json)) throw new OddAnswer('no JSON where JSON belongs', { status: reply.status, unwell: true });
  return json;
};

const textOfSuccess = ({ status, text }: HttpReply): string => {
  if (status < 200 || status >= 300) throw new OddAnswer('refused', { status, unwell: status >= 500 });
  return text;
};
