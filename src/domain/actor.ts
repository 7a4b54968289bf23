import { includes, type ActingClient } from './client.ts';
import { highest, type Role } from './role.ts';
import type { UserRow } from './user.ts';

/** Whoever asks. Source: user-api.md §1. */
export interface Actor {
  /** null: a visitor. */
  readonly userId: number | null;
  readonly personId: number | null;
  /** The role of the actor's own live row at each site where there is one. */
  readonly roleBySite: ReadonlyMap<number, Role>;
  /** A fixed token's role, which holds on every site; null for everybody else. */
  readonly roleEverywhere: Role | null;
  /** The name of the OAuth settings in a site's config that the token was made with. */
  readonly provider: string;
  /** The session that the token names; null for fixed tokens, and for those that an OpenStad API made. */
  readonly jti: string | null;
  /** A management client, which is nobody's owner and has no user id; absent for people. */
  readonly client?: ActingClient;
}

export const visitor: Actor = {
  userId: null,
  personId: null,
  roleBySite: new Map(),
  roleEverywhere: null,
  provider: 'default',
  jti: null,
};

/** Whoever runs a command on the machine itself. */
export const operator: Actor = { ...visitor, roleEverywhere: 'admin' };

/**
 * A right holds at the site of the row: the actor's role there, `all` when the actor has no row there. A management client that
 * may manage people is an admin at its sites, which call it may make being its scopes' to say, and nobody elsewhere.
 */
export const roleAt = (actor: Actor, siteId: number | null): Role =>
  actor.client === undefined
    ? (actor.roleEverywhere ?? (siteId === null ? undefined : actor.roleBySite.get(siteId)) ?? 'all')
    : clientsRole(actor.client, siteId);

const clientsRole = ({ scopes, siteIds }: ActingClient, siteId: number | null): Role =>
  siteId !== null && siteIds.includes(siteId) && includes(scopes, 'authentication') ? 'admin' : 'all';

/** Nobody known: no credential came. */
export const isVisitor = ({ userId, client }: Actor): boolean => userId === null && client === undefined;

/** Owner: the actor is the same person as the target. */
export const owns = (actor: Actor, target: Pick<UserRow, 'id' | 'personId'>): boolean =>
  actor.userId !== null &&
  (actor.userId === target.id || (actor.personId !== null && actor.personId === target.personId));

/** A platform admin: a fixed token whose user is admin. */
export const isPlatformAdmin = (actor: Actor): boolean => actor.roleEverywhere === 'admin';

/** The roles of a person over all their live rows, for what reaches the whole person. */
export const highestRole = (rows: readonly Pick<UserRow, 'role'>[]): Role => highest(rows.map((row) => row.role));
