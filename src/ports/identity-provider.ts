import { Fault } from '../domain/fault.ts';
import type { Json } from '../domain/json.ts';
import type { OauthClient } from '../domain/sites/oauth-client.ts';
import type { Profile } from '../domain/people/oauth-profile.ts';
import type { CreatePermit, RemovePermit, UpdatePermit } from '../domain/permit.ts';

/** Each random and made for this login; an adapter uses what its server understands. */
interface LoginSecrets {
  readonly state: string;
  readonly nonce: string;
  /** PKCE. */
  readonly codeVerifier: string;
}
export interface LoginRequest extends LoginSecrets {
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
  readonly accessTokenExpiresAt: Date | null;
  /** The server's own name for this login (`sid`); null where it has none. */
  readonly sid: string | null;
}

/** A login that has ended at the server. One of `sid` (that login) and `externalId` (all logins of the person) is there. */
export interface EndedLogin {
  readonly sid: string | null;
  readonly externalId: string | null;
  /** The message's own name, to know a repeated one by. */
  readonly jti: string;
}

/** What not every OAuth server can do, as the API's answer calls it. Source: oauth-server.md §2. */
const capabilities = {
  find: 'find a person by id',
  findByEmail: 'find a person by e-mail address',
  isAddressFree: 'say whether an e-mail address is free',
  create: 'create a person',
  update: 'change a person',
  remove: 'remove a person',
  isNeededElsewhere: 'say where else a person is needed',
  holder: 'say whose access token this is',
  endedLogin: 'tell of logins that ended',
} as const satisfies Partial<Record<keyof IdentityProvider, string>>;
export type OauthCapability = keyof typeof capabilities;
export const oauthCapabilities = Object.keys(capabilities) as readonly OauthCapability[];

export const oauthUnsupported = (capability: OauthCapability): Fault<'oauth-unsupported'> =>
  new Fault(
    'oauth-unsupported',
    { what: capabilities[capability] },
    `The OAuth server of this user has no way to ${capabilities[capability]}.`,
  );

/**
 * An OAuth server, in our words. Every call ends within the time limit (default 3 s, retries included; `isNeededElsewhere` within
 * two) or throws a typed Fault: `oauth-unreachable`, `oauth-refused`, `oauth-timeout` (with `mayHaveHappened`),
 * `oauth-circuit-open`, `oauth-unsupported`. Of `oauth-refused`, `inRecord` says that what it says of this one person cannot be used.
 * None of its words reach a Fault. `client` says which server, and who we are there; a write takes a permit, which holds its client,
 * and which only a check of the right makes: what was asked about is what is written, once. Source: docs/reference/neighbours.md.
 */
export interface IdentityProvider {
  /** Whether the server has a way to do this at all. What it has not is Fault `oauth-unsupported`; whoever can do without asks here first. */
  can(client: OauthClient, capability: OauthCapability): boolean;
  /** Whether the server takes our id and secret; changes nothing there. Null: it answers, and has no way to say. */
  credentialsAccepted(client: OauthClient): Promise<boolean | null>;
  /** Null: the server is well and does not know the person. `clientIds`: for which of our OAuth clients roles are asked. */
  find(client: OauthClient, externalId: string, clientIds: readonly string[]): Promise<Profile | null>;
  /** Null unless exactly one person has this address (after trim and lower case). Never asks with an empty one. */
  findByEmail(client: OauthClient, email: string, clientIds: readonly string[]): Promise<Profile | null>;
  /**
   * Whether the server would take this address for the person: nobody else there has it, or one that it takes for the same.
   */
  isAddressFree(client: OauthClient, email: string, externalId: string): Promise<boolean>;
  /** As `update`, Fault `conflict` (rule `address-taken`) when somebody else there has the address, `invalid-values` when it is too much. */
  create(permit: CreatePermit): Promise<Profile>;
  /** Answers the person as they are afterwards (roles not said). Fault `oauth-refused` for somebody unknown. */
  update(permit: UpdatePermit): Promise<Profile>;
  /** Safe to ask twice: somebody who is gone already counts as removed. */
  remove(permit: RemovePermit): Promise<void>;
  /**
   * Whether the person has a role at an OAuth client that is none of these, or above member at one that is not in `leaving`.
   * A client is ours while the server takes its id and secret: Fault `oauth-refused` where the answer hangs on another.
   */
  isNeededElsewhere(
    client: OauthClient,
    externalId: string,
    ours: readonly OauthClient[],
    leaving: readonly string[],
  ): Promise<boolean>;
  /** How our `state` survives the server's login pages: as its own parameter, or only inside `redirect_uri`. */
  stateIsIn(client: OauthClient): 'state' | 'redirect-uri';
  /** Where to send a browser so that it comes back to `redirectUri` with a code. */
  authorizationAddress(client: OauthClient, request: LoginRequest): Promise<string>;
  /** Who came back. Fault `login-refused` for a code (or what stands for it) that does not count. */
  exchange(client: OauthClient, answer: LoginAnswer): Promise<LoggedIn>;
  /**
   * Whose access token this is, with the role at the token's client. Null: it counts no more (401); anything else that is no
   * good answer is a Fault.
   */
  holder(client: OauthClient, accessToken: string): Promise<Profile | null>;
  /** What a message of the server says (OIDC back-channel logout). Fault `login-refused` for one that does not hold. */
  endedLogin(client: OauthClient, message: string): Promise<EndedLogin>;
  /**
   * Where to send a browser to be logged out there, and then to `redirectUrl` ('': nowhere in particular); null where the
   * server has no such address.
   */
  logoutAddress(client: OauthClient, redirectUrl: string): Promise<string | null>;
  /** Why the server cannot hold this text in a column of its own, or null when it can. */
  refusesText(text: string): string | null;
  /** Why the server cannot hold a key of extraData with its value, or null when it can. */
  refusesEntry(key: string, value: Json): string | null;
}
