import type { Request, Response } from 'express';

/** What a login needs to know of the browser that asks, and may leave there. */
export interface Browser {
  /** As the request says it reached us; null when it says nothing that can be an address. Not to be believed by itself. */
  readonly origin: string | null;
  readonly cookies: ReadonlyMap<string, string>;
  /** A whole `Set-Cookie`; stays on the answer also when the request fails after it. */
  readonly setCookie: (cookie: string) => void;
}

/** Looked at when it is asked for: only logins do. */
export const browserOf = (request: Request, response: Response): Browser => ({
  get origin() {
    return originOf(request);
  },
  get cookies() {
    return cookiesIn(request.get('cookie') ?? '');
  },
  setCookie: (cookie) => {
    response.append('Set-Cookie', cookie);
  },
});

/** Express heeds `X-Forwarded-Proto` and `X-Forwarded-Host` from the proxies that the settings name, and from nobody else. */
const originOf = (request: Request): string | null => {
  const given = `${request.protocol}://${request.get('host') === undefined ? '' : request.host}`;
  if (!/^https?:\/\/(?:[a-z0-9.-]+|\[[0-9a-f:]+\])(?::\d{1,5})?$/i.test(given) || !URL.canParse(given)) return null;
  return new URL(given).origin;
};

const cookiesIn = (header: string): ReadonlyMap<string, string> =>
  new Map(
    header.split(';').flatMap((pair): [string, string][] => {
      const at = pair.indexOf('=');
      return at === -1 ? [] : [[pair.slice(0, at).trim(), pair.slice(at + 1).trim()]];
    }),
  );
