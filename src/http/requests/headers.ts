import type { Request, Response } from 'express';
import { malformed } from './validate.ts';

/** What a request shows of itself, before anything is believed. */
export type Credential =
  | { readonly kind: 'none' }
  | { readonly kind: 'malformed' }
  /** `raw`: sent as `X-Authorization: <token>`, which only fixed tokens may be. */
  | { readonly kind: 'token'; readonly token: string; readonly raw: boolean };

interface Headers {
  readonly authorization: string | undefined;
  readonly xAuthorization: string | undefined;
}

/**
 * `X-Authorization` wins over `Authorization`; an empty header says nothing. `Authorization: Basic` is for a proxy before us.
 * Source: user-api.md §1.
 */
export const credentialOf = ({ authorization, xAuthorization }: Headers): Credential => {
  const own = (xAuthorization ?? '').trim();
  if (own !== '') return tokenOf(own, true);
  const standard = (authorization ?? '').trim();
  return standard === '' || /^basic(?:\s|$)/i.test(standard) ? { kind: 'none' } : tokenOf(standard, false);
};

const tokenOf = (value: string, mayBeRaw: boolean): Credential => {
  const bearer = /^bearer(?:\s(.*))?$/is.exec(value);
  const token = bearer === null ? (mayBeRaw ? value : '') : (bearer[1] ?? '').trimStart();
  // No token holds white space or commas: what does is two headers joined, or another scheme.
  if (token === '' || token.length > 8192 || /[\s,]/.test(token)) return { kind: 'malformed' };
  return { kind: 'token', token, raw: bearer === null };
};

/** What `If-Match` or `If-None-Match` lists: anything at all, or these tags (quotes and `W/` taken off). */
export type EntityTags = '*' | readonly string[];

/** What binds a plan to the digest that was seen: `If-Match: *` binds to nothing, and so is no preview. Source: anonymization.md §4. */
export const boundByDigest = (
  ifMatch: EntityTags | undefined,
): { readonly stillMatches?: (digest: string) => boolean } =>
  ifMatch === undefined || ifMatch === '*' ? {} : { stillMatches: (digest) => isAmongTags(ifMatch, digest) };

interface Conditions {
  readonly ifMatch: EntityTags | undefined;
  readonly ifNoneMatch: EntityTags | undefined;
}

/**
 * The conditions of a request. One that would be overlooked is refused wherever something is done, as then what was not wanted would
 * be: `If-Match` where the call is not `conditional`, `If-None-Match`, and a date, which says less than a tag (beside one it is
 * for nobody). Fault `malformed-request` naming the header.
 */
export const conditionsIn = (
  { method, conditional = false }: { readonly method: string; readonly conditional?: boolean },
  header: (name: string) => string | undefined,
): Conditions => {
  const ifMatch = entityTagsOf('If-Match', header('if-match'));
  const ifNoneMatch = entityTagsOf('If-None-Match', header('if-none-match'));
  if (method === 'get') return { ifMatch, ifNoneMatch };
  if (ifMatch !== undefined && !conditional) throw malformed('If-Match', 'is not supported by this call');
  if (ifNoneMatch !== undefined) throw malformed('If-None-Match', 'is not supported by this call');
  if (header('if-unmodified-since') !== undefined && ifMatch === undefined)
    throw malformed(
      'If-Unmodified-Since',
      conditional
        ? 'is not supported: send If-Match with the ETag that you read'
        : 'is not supported, nor is If-Match here',
    );
  return { ifMatch, ifNoneMatch };
};

/** One element of the list with its comma; it may be empty. Source: RFC 9110 §5.6.1.2, §8.8.3. */
const element = /\s*(?:(?:W\/)?"([\x21\x23-\x7e\x80-\xff]*)"\s*)?(?:,|$)/y;

/** Fault `malformed-request` naming the header. Undefined: not said. */
const entityTagsOf = (header: string, value: string | undefined): EntityTags | undefined => {
  if (value === undefined) return undefined;
  if (value.trim() === '*') return '*';
  const tags: string[] = [];
  for (element.lastIndex = 0; element.lastIndex < value.length;) {
    const found = value.length > 8192 ? null : element.exec(value);
    if (found === null) throw malformed(header, 'is no list of entity tags');
    if (found[1] !== undefined) tags.push(found[1]);
  }
  // Nothing listed is nothing said, which no caller means.
  if (tags.length === 0) throw malformed(header, 'is no list of entity tags');
  return tags;
};

/** Whether a tag (without quotes) is among them. Weak ones count, as proxies weaken what they compress; others mark the tag. */
export const isAmongTags = (tags: EntityTags, tag: string): boolean =>
  tags === '*' || tags.some((given) => given === tag || given.replace(compressed, '') === tag);

const compressed = /[-;](?:gzip|br)$/;

/** Fault `malformed-request` for what is no key: 1 to 255 visible characters. Undefined: not said. */
export const repeatKeyOf = (value: string | undefined): string | undefined => {
  if (value === undefined) return undefined;
  if (!/^[\x21-\x7e]{1,255}$/.test(value)) throw malformed('Idempotency-Key', 'must be 1 to 255 visible characters');
  return value;
};

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
  /** It names CSV before JSON. */
  readonly wantsTable: boolean;
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
  get wantsTable() {
    return isShort(request, 'accept') && request.accepts(['application/json', 'text/csv', 'html']) === 'text/csv';
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
export const originOf = (request: Request): string | null => {
  const given = `${request.protocol}://${request.get('host') === undefined ? '' : request.host}`;
  if (!/^https?:\/\/(?:[a-z0-9.-]+|\[[0-9a-f:]+\])(?::\d{1,5})?$/i.test(given) || !URL.canParse(given)) return null;
  return new URL(given).origin;
};

const cookiesIn = (header: string): ReadonlyMap<string, string> => new Map(pairsIn(header));

const pairsIn = (header: string): readonly (readonly [string, string])[] =>
  header.split(';').flatMap((pair): [string, string][] => {
    const at = pair.indexOf('=');
    return at === -1 ? [] : [[pair.slice(0, at).trim(), pair.slice(at + 1).trim()]];
  });

/** Every value that was sent under this name. */
export const cookiesNamed = (header: string, name: string): readonly string[] =>
  pairsIn(header).flatMap(([one, value]) => (one === name ? [value] : []));

/** No form sends it, and no page of another origin may: CORS never allows it. */
export const consoleHeader = 'X-Civitas-Console';

/** Whether a request shows a session that `consoleReader` looks at: counted by whose it is, and what is wrong as a wrong token. */
export const showsConsole = (request: Request): boolean =>
  request.path.startsWith('/api/') &&
  request.get(consoleHeader) !== undefined &&
  (request.get('cookie') ?? '').includes('civitas-console=');
