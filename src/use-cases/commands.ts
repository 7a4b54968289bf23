import type { Actor, Reach } from '../domain/actor.ts';
import { Fault } from '../domain/fault.ts';
import type { Site } from '../domain/sites/site.ts';
import type { UserField } from '../domain/users/user-fields.ts';

/** What a caller hands to a use case, and what comes back: the same whoever calls (site routes, the management API, the command line, jobs). */

export interface AtSite {
  readonly actor: Actor;
  readonly site: Site;
}
export interface OneUser extends AtSite {
  readonly userId: number;
}

/**
 * Runs what may be costly when it is the actor's turn, few at a time. `patient`: what has begun, and only goes on.
 * `isCheap`: an index leads to the rows, so that only what a site filled them with costs: `isLarge` tells whether that was much.
 * `hasWaited`: who may what is to be asked anew.
 */
export type InTurn = <T>(
  work: (hasWaited?: boolean) => Promise<T>,
  options?: { readonly patient?: boolean; readonly isCheap?: boolean; readonly isLarge?: (result: T) => boolean },
) => Promise<T>;

/** For whoever hands no `InTurn`: a command line, a job. */
export const atOnce: InTurn = (work) => work();

/** A cursor of another list, or none at all. `same`: by what one has to ask again. */
export const foreignCursor = (same: string): Fault<'malformed-request'> => {
  const detail = `is not a cursor of this list: take it from metadata.cursor, with the same ${same}`;
  return new Fault('malformed-request', { errors: [{ pointer: 'cursor', detail }] }, `cursor: ${detail}`);
};

export interface ActorQuestion {
  readonly userId: number;
  /** The session that the token names; absent for fixed tokens, and for those that an OpenStad API made. */
  readonly jti?: string;
  /**
   * Whose session at the console it is: it names no row, and acts as `userId` (0: none named), else as the person's row at `siteId`,
   * else as their first.
   */
  readonly personId?: number;
  readonly siteId?: number | null;
  readonly provider: string;
  /** What kind of token it is, by how far it reaches. */
  readonly reach: Reach['kind'];
  /** The OAuth server is not asked about them before: for whoever only leaves. */
  readonly asKnown?: boolean;
  /** A role above member that nobody has confirmed for too long counts as member, where others are refused. */
  readonly orMember?: boolean;
}

/** Texts of a body that would not be kept as they were written. */
export interface StoredTextsCommand extends OneUser {
  readonly texts: readonly (readonly [UserField, string])[];
}
