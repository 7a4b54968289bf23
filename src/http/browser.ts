import type { Request, Response } from 'express';

/** The languages that a page of ours speaks; the first where a browser names none of them. */
export const pageLanguages = ['en', 'nl'] as const;
export type PageLanguage = (typeof pageLanguages)[number];

/** What logins and pages need to know of the browser that asks, and may leave there. */
export interface Browser {
  /** As the request says it reached us; null when it says nothing that can be an address. Not to be believed by itself. */
  readonly origin: string | null;
  readonly cookies: ReadonlyMap<string, string>;
  /** It names HTML before everything else; whoever takes anything gets what programs get. */
  readonly wantsPage: boolean;
  readonly language: PageLanguage;
  /** A whole `Set-Cookie`; stays on the answer also when the request fails after it. */
  readonly setCookie: (cookie: string) => void;
}

/** Looked at when it is asked for: few do. */
export const browserOf = (request: Request, response: Response): Browser => ({
  get origin() {
    return originOf(request);
  },
  get cookies() {
    return cookiesIn(request.get('cookie') ?? '');
  },
  get wantsPage() {
    return wantsPage(request);
  },
  get language() {
    return languageOf(request);
  },
  setCookie: (cookie) => {
    response.append('Set-Cookie', cookie);
  },
});

export const wantsPage = (request: Request): boolean =>
  isShort(request, 'accept') &&
  request.accepts(['application/problem+json', 'application/json', 'application/jose', 'html']) === 'html';

export const languageOf = (request: Request): PageLanguage => {
  const wanted = isShort(request, 'accept-language') ? request.acceptsLanguages([...pageLanguages]) : false;
  return pageLanguages.find((language) => language === wanted) ?? pageLanguages[0];
};

/** Browsers send some hundred characters; what reads these headers looks at a quoted comma again from each comma on. */
const isShort = (request: Request, header: string): boolean => (request.get(header) ?? '').length <= 2048;

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
