import type { Session } from '../domain/session.ts';

/**
 * The only writer of `civitas_sessions`. A session ends by being removed: a token whose `jti` names none is refused. Those of a deleted
 * user row go with it. That one is there is read with the actor's rows (`UserStore.actorRows`), in one statement.
 */
export interface SessionStore {
  open(session: Session): Promise<void>;
  /** With its access token opened (null when DATA_KEY does not open it any more); null when it has ended or run out. */
  find(jti: string): Promise<Session | null>;
  /** The OAuth server has just answered for it. */
  setCheckedAt(jti: string, checkedAt: Date): Promise<void>;
  /** Ending again does nothing. */
  end(jti: string): Promise<void>;
  /** Of all these user rows. One statement; joins a running transaction. */
  endOfUsers(userIds: readonly number[]): Promise<void>;
  /** Of all rows of a person. One statement. */
  endOfPerson(personId: number): Promise<void>;
  /** The login that the OAuth server calls so (a fingerprint), at whatever sites. One statement. */
  endOfSid(sid: string): Promise<void>;
  /**
   * Seals anew what another key of DATA_KEY sealed, at most so many; what no key opens any more is not kept. Answers how many: none,
   * and the old keys are not needed for sessions any more. Two statements.
   */
  reseal(limit: number): Promise<number>;
  /** Those of these user rows, oldest first, without what opens anything: for who asks what is kept of them. One statement. */
  ofUsers(
    userIds: readonly number[],
  ): Promise<readonly Pick<Session, 'userId' | 'provider' | 'createdAt' | 'expiresAt'>[]>;
  /** Removes what ran out before this moment. */
  forgetExpired(now: Date): Promise<void>;
}
