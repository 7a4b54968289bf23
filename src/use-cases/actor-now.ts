import {
  type Actor,
  type Reach,
  type ActingClient,
  atLeast,
  isVisitor,
  roleAt,
  type UserRole,
} from '../domain/actor.ts';
import { Fault } from '../domain/fault.ts';
import { isLoginSetElsewhere } from '../domain/people/vouching.ts';
import { type Person, type UserRow, isFoundAnonymized, isNamedOtherwise } from '../domain/users/user.ts';
import type { Ports } from '../ports/index.ts';
import type { ActorRows } from '../ports/user-store.ts';
import type { ActorQuestion } from './commands.ts';

export type ActorNowNeeds = Pick<Ports, 'users' | 'clients'>;

/**
 * The actor as they stand at this moment: the row and the session that the token names, with their roles; the scopes and sites of
 * a client. Whoever waited, for a lease, a lock or another machine, asks here again before the checks: what was known before is
 * known no more. One statement. Fault `unauthenticated` when the credential counts no more. Source: user-api.md §1, docs/reference/neighbours.md.
 */
export const actorNow = async (ports: ActorNowNeeds, actor: Actor): Promise<Actor> => {
  const { client } = actor;
  if (client !== undefined) return clientNow(ports, { ...actor, client });
  return (await userNow(ports, actor)) ?? countsNoMore();
};

/**
 * Before an answer goes on that its reader takes in pieces, as slowly as they like: they may have been logged out, demoted or revoked
 * since it began. One statement; none for visitors. Fault `unauthenticated` where the credential counts no more, or for less at one of these sites.
 */
export const mustStillCount = async (
  ports: ActorNowNeeds,
  before: Actor,
  siteIds: readonly number[],
): Promise<void> => {
  if (isVisitor(before)) return;
  const now = await actorNow(ports, before);
  const isAnother = before.personId !== null && now.personId !== before.personId;
  const hasLost = before.client?.scopes.some((scope) => now.client?.scopes.includes(scope) !== true) ?? false;
  if (isAnother || hasLost || siteIds.some((id) => !atLeast(roleAt(now, id), roleAt(before, id)))) countsNoMore();
};

/** The same as `actorNow` for a management client. */
export const clientNow = async <A extends Actor & { readonly client: ActingClient }>(
  { clients }: Pick<Ports, 'clients'>,
  actor: A,
): Promise<A> => {
  const { id, scopes } = actor.client;
  const { issuer, siteIds, scopes: granted } = (await clients.byId(id)) ?? countsNoMore();
  return { ...actor, client: { id, issuer, siteIds, scopes: scopes.filter((scope) => granted.includes(scope)) } };
};

/** How an actor is kept by what goes on when their request is long over: who they are, and never what they might do then. */
export interface ActorName {
  readonly userId: number;
  readonly reach: Reach['kind'];
}

export const nameOf = ({ userId, reach }: Actor): ActorName | null =>
  userId === null ? null : { userId, reach: reach.kind };

/** Whoever is called so, as they stand at this moment; null when they are gone, or their fixed token is. One statement. */
export const actorNamed = async (
  { users, settings }: Pick<Ports, 'users' | 'settings'>,
  { userId, reach }: ActorName,
): Promise<Actor | null> => {
  if (reach === 'everywhere' && !settings.fixedTokenUserIds.includes(userId)) return null;
  const known = await knownActor({ users }, { userId, provider: 'default', reach });
  return known?.actor ?? null;
};

const userNow = async ({ users }: ActorNowNeeds, actor: Actor): Promise<Actor | null> => {
  const { userId, jti, provider, reach } = actor;
  // A visitor, or whoever works on the machine itself.
  if (userId === null) return actor;
  const session = jti === null ? {} : { jti };
  const known = await knownActor({ users }, { userId, provider, reach: reach.kind, ...session });
  return known?.actor ?? null;
};

const countsNoMore = (): never => {
  throw new Fault(
    'unauthenticated',
    { reason: 'invalid-token' },
    'The token counts no more: its user or session ended.',
  );
};

/** What our rows say of whoever the token names. */
export interface KnownActor {
  readonly actor: Actor;
  /** null: a row that is its own truth; nobody is asked about it. */
  readonly person: Person | null;
  /** Of the row that the token names. */
  readonly siteId: number | null;
  /** When the OAuth server last answered: for the session, or (tokens of an OpenStad API name none) for the person. */
  readonly checkedAt: Date | null;
}

/** Without asking the OAuth server. Null as for `actorOf`. One statement. */
export const knownActor = async (
  { users }: Pick<Ports, 'users'>,
  { userId, jti, provider, reach }: ActorQuestion,
): Promise<KnownActor | null> => {
  const { rows, session, person } = await users.actorRows(userId, jti ?? null);
  const own = rows.find((row) => row.id === userId);
  if (own?.anonymizedAt !== null || (jti !== undefined && session === null)) return null;
  const isOurs = (row: (typeof rows)[number]): boolean => !isNamedOtherwise(row, person);
  if (isFoundAnonymized(own, person) || !isOurs(own)) return null;
  // The token's own row speaks for its site; where an old database has several rows elsewhere, the oldest does.
  const inOrder = [
    own,
    ...rows.filter((row) => row.id !== userId && isOurs(row)).sort((one, other) => one.id - other.id),
  ];
  const roleBySite = new Map(
    inOrder.reverse().flatMap((row) => (row.siteId === null ? [] : [[row.siteId, countingRole(row, person)] as const])),
  );
  return {
    actor: {
      userId,
      personId: own.personId,
      roleBySite,
      reach: reachOf(reach, own),
      rowIds: rows.map(({ id }) => id),
      provider,
      jti: jti ?? null,
    },
    person,
    siteId: own.siteId,
    checkedAt: session === null ? (person?.fetchedAt ?? null) : session.checkedAt,
  };
};

/** A role that waits in a row until its person comes, and is theirs then only if they are whom it was given to. */
const countingRole = ({ role, profileWithheld, siteId }: ActorRows['rows'][number], person: Person | null): UserRole =>
  profileWithheld && isLoginSetElsewhere(person?.loginSetAt ?? null, siteId) && atLeast(role, 'moderator')
    ? 'member'
    : role;

const reachOf = (kind: Reach['kind'], { siteId, role }: Pick<UserRow, 'siteId' | 'role'>): Reach => {
  if (kind === 'everywhere') return { kind, role };
  return kind === 'rows' ? { kind } : { kind, siteId };
};
