import type { Session } from '../domain/session.ts';
import type { Client, Scope } from '../domain/actor.ts';

/**
 * The only writer of `civitas_sessions`. A session ends by being removed: a token whose `jti` names none is refused. Those of a deleted
 * user row go with it. That one is there is read with the actor's rows (`UserStore.actorRows`, `rowsOfConsole`), in one statement. One at
 * the console is its person's: it hangs on one of their rows, and ends with the last.
 */
export interface SessionStore {
  /** Ends the oldest of its row where there are more than `mostSessions`. Two statements, and a third for that. */
  open(session: Session): Promise<void>;
  /** With its access token opened (null when DATA_KEY does not open it any more); null when it has ended or run out. */
  find(jti: string): Promise<Session | null>;
  /** The OAuth server has just answered for it. */
  setCheckedAt(jti: string, checkedAt: Date): Promise<void>;
  /** Ending again does nothing. */
  end(jti: string): Promise<void>;
  /** Of all these user rows; one at the console only with its person's last. Two statements; joins a running transaction. */
  endOfUsers(userIds: readonly number[]): Promise<void>;
  /**
   * Before these user rows are removed, and their sessions with them: those at the console hang on another row of their person from now
   * on, where there is one that counts. One statement; joins a running transaction.
   */
  keepOfPersons(userIds: readonly number[]): Promise<void>;
  /** Of all rows of a person. One statement. */
  endOfPerson(personId: number): Promise<void>;
  /** The login that the OAuth server calls so (a fingerprint), at whatever sites. One statement. */
  endOfSid(sid: string): Promise<void>;
  /**
   * Seals anew what another key of DATA_KEY sealed, at most so many; what no key opens any more is not kept. Answers how many: none,
   * and the old keys are not needed for sessions any more. Two statements.
   */
  reseal(limit: number): Promise<number>;
  /**
   * Those of these user rows, oldest first, behind one of them: without what opens anything, for who asks what is kept of them. One
   * statement.
   */
  ofUsers(
    userIds: readonly number[],
    part: { readonly after: SessionPosition | null; readonly limit: number },
  ): Promise<readonly ListedSession[]>;
  /** Of each of these user rows that has any at its site: how many have not run out, and when the last of them began. One statement. */
  countsOf(
    userIds: readonly number[],
    now: Date,
  ): Promise<readonly { readonly userId: number; readonly n: number; readonly last: Date }[]>;
  /** Removes what ran out before this moment. */
  forgetExpired(now: Date): Promise<void>;
}

export type ListedSession = Pick<Session, 'jti' | 'userId' | 'provider' | 'createdAt' | 'expiresAt' | 'console'>;
export type SessionPosition = Pick<Session, 'jti' | 'createdAt'>;
/** A user row has so many open at most, more than anybody has browsers: the oldest ends. */
export const mostSessions = 1000;

/** Fingerprints only: what they are of was shown once and is kept nowhere. */
export interface ClientSecrets {
  readonly secret: string;
  /** The one before the last rotation, until its overlap is over. */
  readonly previous: string | null;
  readonly previousExpiresAt: Date | null;
}
export interface NewClient extends Omit<Client, 'id' | 'lastUsedAt'> {
  readonly secret: string;
}
export interface NewClientToken {
  /** Of the 32 random bytes. */
  readonly fingerprint: string;
  readonly clientId: number;
  readonly scopes: readonly Scope[];
  readonly createdAt: Date;
  readonly expiresAt: Date;
}
/** A token that counts, with its client as it is now. */
interface ClientToken extends Pick<NewClientToken, 'scopes' | 'createdAt' | 'expiresAt'> {
  readonly client: Client;
}

/** The only writer of `clients`, `civitas_client_sites` and `civitas_client_tokens`. Revoked clients and expired tokens do not exist here. */
export interface ClientStore {
  /** With its sites, in one transaction; answers its id. */
  add(client: NewClient): Promise<number>;
  /** One statement. */
  byId(id: number): Promise<Client | null>;
  /** One statement. */
  byKey(key: string): Promise<(Client & ClientSecrets) | null>;
  /** One statement. */
  byToken(fingerprint: string): Promise<ClientToken | null>;
  /** In id order. One statement. */
  all(): Promise<readonly Client[]>;
  /** The secret until now counts until `previousExpiresAt`; one that was waiting to end before it ends at once. False: no such client. */
  rotate(id: number, secret: string, previousExpiresAt: Date): Promise<boolean>;
  /** Its key, secrets and tokens count no more; its row stays, so that the audit names somebody. False: no such client. */
  revoke(id: number, at: Date): Promise<boolean>;
  addToken(token: NewClientToken): Promise<void>;
  /** A client's own token; ending again does nothing. */
  endToken(fingerprint: string, clientId: number): Promise<void>;
  /** When the client was last heard of; nothing is written while what is known is not older than a minute. */
  noteUse(client: Pick<Client, 'id' | 'lastUsedAt'>, at: Date): Promise<void>;
  /** Removes tokens that ran out before this moment. */
  forgetExpired(now: Date): Promise<void>;
}
