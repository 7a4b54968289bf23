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
