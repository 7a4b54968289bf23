/**
 * One login at one site, as it is kept. Its site is that of its user row. `http/auth/authenticate.ts` makes the token that names it
 * by `jti`. Source: oauth-server.md §3 and §4.
 */
export interface Session {
  /** Random, 32 bytes in base64url. */
  readonly jti: string;
  readonly userId: number;
  /** The name of the OAuth settings in the site's config that the login went through. */
  readonly provider: string;
  /** The OAuth server's; null: none was given, or it is not kept any more. At rest it is sealed. */
  readonly accessToken: string | null;
  /** null: not said. */
  readonly accessTokenExpiresAt: Date | null;
  /** The OAuth server's own name for the login (oidc's `sid`), as a fingerprint; null where it has none. */
  readonly sid: string | null;
  /** When the OAuth server last answered for this session; the login itself counts. */
  readonly checkedAt: Date;
  readonly createdAt: Date;
  /** When the session token runs out. */
  readonly expiresAt: Date;
  /** Of a session at the console; absent: a site's. */
  readonly console?: ConsoleLogin;
}

/** What a session at the console is besides: a person's, who hangs it on one of their user rows. Source: docs/adr/0027. */
export interface ConsoleLogin {
  readonly personId: number;
  /** Whose OAuth settings the login went through; null: the global ones. */
  readonly siteId: number | null;
}

/** How long a session at the console lasts, whatever is done with it. Source: people.md §6. */
export const consoleSeconds = 43_200;
