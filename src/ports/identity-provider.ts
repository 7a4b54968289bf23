import type { OauthClient } from '../domain/oauth-client.ts';
import type { Profile, ProfileChange } from '../domain/oauth-profile.ts';

/** Each random and made for this login; an adapter uses what its server understands. */
interface LoginSecrets {
  readonly state: string;
  readonly nonce: string;
  /** PKCE. */
  readonly codeVerifier: string;
}
export interface LoginWish extends LoginSecrets {
  readonly redirectUri: string;
  /** The server's way in for administrators. */
  readonly privileged: boolean;
}
export interface LoginAnswer extends LoginSecrets {
  /** As it was sent. */
  readonly redirectUri: string;
  /** The address that the browser came back to, query included. */
  readonly address: string;
}
export interface LoggedIn {
  readonly profile: Profile;
  readonly accessToken: string | null;
  readonly accessTokenUntil: Date | null;
  /** The server's own name for this login (`sid`); null where it has none. */
  readonly sid: string | null;
}

/**
 * An OAuth server, in our words. Every call ends within the time limit (default 3 s, retries included) or throws a typed Fault:
 * `oauth-unreachable`, `oauth-refused`, `oauth-too-slow` (with `mayHaveHappened`), `oauth-circuit-open`, `oauth-cannot`.
 * None of its words reach a Fault. `client` says which server, and who we are there.
 */
export interface IdentityProvider {
  /** Null: the server is well and does not know the person. `clientIds`: for which of our OAuth clients roles are asked. */
  find(client: OauthClient, externalId: string, clientIds: readonly string[]): Promise<Profile | null>;
  /** Null unless exactly one person has this address (after trim and lower case). Never asks with an empty one. */
  findByEmail(client: OauthClient, email: string, clientIds: readonly string[]): Promise<Profile | null>;
  create(client: OauthClient, person: ProfileChange & { readonly email: string }): Promise<Profile>;
  /** Answers the person as they are afterwards (roles not said). Fault `oauth-refused` for somebody unknown. */
  update(client: OauthClient, externalId: string, change: ProfileChange): Promise<Profile>;
  /** Safe to ask twice: somebody who is gone already counts as removed. */
  remove(client: OauthClient, externalId: string): Promise<void>;
  /** Whether the person has a role at an OAuth client that is none of these, or above member at one that is not in `leaving`. */
  isNeededElsewhere(
    client: OauthClient,
    externalId: string,
    ours: readonly string[],
    leaving: readonly string[],
  ): Promise<boolean>;
  /** How our `state` survives the server's login pages: as its own parameter, or only inside `redirect_uri`. */
  stateTravelsIn(client: OauthClient): 'state' | 'redirect-uri';
  /** Where to send a browser so that it comes back to `redirectUri` with a code. */
  authorizationAddress(client: OauthClient, wish: LoginWish): Promise<string>;
  /** Who came back. Fault `login-refused` for a code (or what stands for it) that does not count. */
  exchange(client: OauthClient, answer: LoginAnswer): Promise<LoggedIn>;
  /** Whose access token this is, with the role at the token's client. Null: it counts no more (401); anything else that is no good answer is a Fault. */
  holder(client: OauthClient, accessToken: string): Promise<Profile | null>;
  /** Where to send a browser to be logged out there, and then to `redirectUrl`; null where the server has no such address. */
  logoutAddress(client: OauthClient, redirectUrl: string): Promise<string | null>;
  /** Why the server cannot hold this text, or null when it can. */
  refusesText(text: string): string | null;
}
