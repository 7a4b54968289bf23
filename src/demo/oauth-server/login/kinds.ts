import type { AuthType, ClientSpec } from '../options.ts';
import { parse, stringify } from 'node:querystring';
import type { Request } from 'express';

/** The ways to log in, with the words of the choice page. */
const kinds: Readonly<Record<Exclude<AuthType, 'Phonenumber'>, { readonly path: string; readonly label: string }>> = {
  UniqueCode: { path: '/auth/code/login', label: 'Mijn stemcode' },
  Local: { path: '/auth/local/login', label: 'Inlog via Wachtwoord' },
  Url: { path: '/auth/url/login', label: 'E-mail een inloglink' },
  Anonymous: { path: '/auth/anonymous/login', label: 'Anoniem inloggen' },
};

export interface Choice {
  readonly path: string;
  readonly label: string;
}
export const choicesOf = ({ authTypes = [] }: ClientSpec): readonly Choice[] =>
  authTypes.flatMap((type) => (type === 'Phonenumber' ? [] : [kinds[type]]));

/** For administrators, whatever the client allows to others. */
export const adminChoices: readonly Choice[] = [kinds.Local, kinds.Url].map(({ path, label }) => ({
  path: `${path}/admin`,
  label,
}));

export const isPrivileged = (role: string | undefined): boolean =>
  ['admin', 'moderator', 'editor'].includes(role ?? '');

/** Their pages are there for clients that allow the kind, and for administrators; what is posted is not asked. */
export const assertKind = (client: ClientSpec, type: AuthType, route: unknown): void => {
  if (route !== undefined && route !== 'admin') throw new Error('Priviliged route is not properly set');
  if (route === undefined && client.authTypes?.includes(type) !== true) throw new Error('Auth types not allowed');
};

/** As their templates write it: where there is none, the word `undefined`. */
export const rawRedirectUri = ({ query }: Request): string =>
  typeof query['redirect_uri'] === 'string' ? query['redirect_uri'] : 'undefined';
export const redirectUriIn = (request: Request): string => encodeURIComponent(rawRedirectUri(request));

export const toAuthorize = (client: ClientSpec, redirectUri: string): string =>
  `/dialog/authorize?redirect_uri=${redirectUri}&response_type=code&client_id=${client.clientId}&scope=offline`;

export const toPage = (path: string, client: ClientSpec, redirectUri: string): string =>
  `${path}?clientId=${client.clientId}&redirect_uri=${redirectUri}`;

/** To `/login`, which carries a redirect_uri on only where there is one. */
export const toLogin = (path: string, client: ClientSpec, request: Request): string =>
  request.query['redirect_uri'] === undefined
    ? `${path}?clientId=${client.clientId}`
    : toPage(path, client, redirectUriIn(request));

/**
 * Some pages ask whether an address, decoded once already, changes when decoded once more, and take it for encoded then: one with a
 * percent sign is put into the next address as it is, and cut there at its first `&`; a bare percent sign falls over.
 */
export const encodedUnlessItSeemsSo = (request: Request): string => {
  const given = rawRedirectUri(request);
  return decodeURIComponent(given) === given ? encodeURIComponent(given) : given;
};

/** The address with these parameters set; its own are read and written anew. Throws for what is no address. */
export const withParameters = (address: string, parameters: Readonly<Record<string, string>>): string => {
  const { href, search, hash } = new URL(address);
  const query = stringify({ ...parse(search.slice(1)), ...parameters });
  return `${href.split(/[?#]/)[0] ?? ''}?${query}${hash}`;
};

/** Only the host's name is compared: any port, any scheme. A client that names no domains allows all. */
export const isAllowed = ({ allowedDomains }: ClientSpec, address: unknown): address is string =>
  typeof address === 'string' &&
  URL.canParse(address) &&
  (allowedDomains === undefined || allowedDomains.includes(new URL(address).hostname));
