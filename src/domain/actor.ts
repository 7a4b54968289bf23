/**
 * Where somebody's powers are. `one-site` (a session token, as the pages of its site have it): at that site the role of the row
 * there, elsewhere a member's at most. `rows` (a console session): at each site the role of the row there, of `siteIds` only where
 * they are named (null: at every site), elsewhere a member's at most; who is admin at the platform's own site is one at every site.
 * `everywhere` (a fixed token): one role on every site. Source: user-api.md §1, docs/adr/0027.
 */
export type Reach =
  | { readonly kind: 'one-site'; readonly siteId: number | null }
  | {
      readonly kind: 'rows';
      readonly platformSiteId: number | null;
      readonly siteIds: ReadonlySet<number> | null;
    }
  | { readonly kind: 'everywhere'; readonly role: Role };

/** Whoever asks. Source: user-api.md §1. */
export interface Actor {
  /** null: a visitor. */
  readonly userId: number | null;
  readonly personId: number | null;
  /** The role of the actor's own live row at each site where there is one; how much of it counts is `reach`'s to say. */
  readonly roleBySite: ReadonlyMap<number, Role>;
  readonly reach: Reach;
  /** The actor's own live rows, at whatever site. */
  readonly rowIds: readonly number[];
  /** The name of the OAuth settings in a site's config that the token was made with. */
  readonly provider: string;
  /** The session that the token names; null for fixed tokens, and for those that an OpenStad API made. */
  readonly jti: string | null;
  /** A management client, which is nobody's owner and has no user id; absent for people. */
  readonly client?: ActingClient;
  /** How an operator at the machine itself is written down, `cli:` and the name of their account there; absent for everybody else. */
  readonly operator?: string;
}

export const visitor: Actor = {
  userId: null,
  personId: null,
  roleBySite: new Map(),
  reach: { kind: 'one-site', siteId: null },
  rowIds: [],
  provider: 'default',
  jti: null,
};

/** Whoever runs a command on the machine itself, by the name of their account there; of it what cannot be mistaken for anything else. */
export const operator = (account: string): Actor =>
  operatorCalled(`cli:${account.replace(/[^\w.-]/g, '_').slice(0, 48)}`);

/** That operator, by what they are written down as (`cli:…`). */
export const operatorCalled = (name: string): Actor => ({
  ...visitor,
  reach: { kind: 'everywhere', role: 'admin' },
  operator: name,
});

/**
 * A right holds at the site of the row: the actor's role there as far as it reaches, `all` when the actor has no row there. A management client that
 * may manage people is an admin at its sites, which call it may make being its scopes' to say, and nobody elsewhere.
 */
export const roleAt = (actor: Actor, siteId: number | null): Role =>
  actor.client === undefined ? personsRole(actor, siteId) : clientsRole(actor.client, siteId);

const personsRole = (actor: Actor, siteId: number | null): Role => {
  const { reach, roleBySite } = actor;
  if (reach.kind === 'everywhere') return reach.role;
  if (isPlatformAdmin(actor)) return 'admin';
  const role = (siteId === null ? undefined : roleBySite.get(siteId)) ?? 'all';
  return isBeyond(actor, siteId) ? lower(role, 'member') : role;
};

const clientsRole = ({ scopes, siteIds }: ActingClient, siteId: number | null): Role =>
  siteId !== null && siteIds.includes(siteId) && includes(scopes, 'authentication') ? 'admin' : 'all';

/** Nobody known: no credential came. */
export const isVisitor = ({ userId, client, operator: name }: Actor): boolean =>
  userId === null && client === undefined && name === undefined;

/** Owner: the actor is the same person as the target. */
export const owns = (actor: Actor, target: { readonly id: number; readonly personId: number | null }): boolean =>
  actor.userId !== null &&
  (actor.userId === target.id || (actor.personId !== null && actor.personId === target.personId));

/**
 * A platform admin: a fixed token whose user is admin, an operator at the machine itself, or a console session of who is admin at the
 * platform's own site.
 */
export const isPlatformAdmin = ({ reach, roleBySite }: Actor): boolean => {
  if (reach.kind === 'everywhere') return reach.role === 'admin';
  if (reach.kind !== 'rows' || reach.platformSiteId === null || !isReached(reach, reach.platformSiteId)) return false;
  return roleBySite.get(reach.platformSiteId) === 'admin';
};

/** One role of at least this on every site, whether there is a row or not. */
export const isEverywhere = (actor: Actor, needed: Role): boolean =>
  isPlatformAdmin(actor) || (actor.reach.kind === 'everywhere' && atLeast(actor.reach.role, needed));

/** A fixed token of a moderator or above, or a platform admin. */
export const isModeratorEverywhere = (actor: Actor): boolean => isEverywhere(actor, 'moderator');

/** Whether the actor is moderator or above wherever their role counts. */
export const isAboveMember = (actor: Actor): boolean =>
  [...actor.roleBySite.keys()].some((siteId) => atLeast(roleAt(actor, siteId), 'moderator'));

/**
 * Whether a site is out of the actor's reach: what the pages of one site were given (a session token) acts for that site only, and a
 * console session for those that its login is as good for as one of their own.
 */
export const isBeyond = ({ client, reach }: Actor, siteId: number | null): boolean =>
  client === undefined && !isReached(reach, siteId);

const isReached = (reach: Reach, siteId: number | null): boolean => {
  if (reach.kind === 'everywhere') return true;
  if (reach.kind === 'one-site') return reach.siteId === siteId;
  return reach.siteIds === null || (siteId !== null && reach.siteIds.has(siteId));
};

/**
 * Whether what an actor owns is out of their reach at this site: a fixed token is worth its role and no more, so what it owns with a higher one is
 * beyond it, too. Somebody else's row is reached by the token's role alone.
 */
export const isBeyondAsOwner = (actor: Actor, siteId: number | null): boolean =>
  isBeyond(actor, siteId) ||
  (actor.reach.kind === 'everywhere' &&
    siteId !== null &&
    !atLeast(actor.reach.role, actor.roleBySite.get(siteId) ?? 'all'));

/**
 * The highest role of a person over live rows, for what reaches the whole person. Where they were added by their address, and have
 * never logged in, it protects nobody.
 */
export const highestRole = (rows: readonly { readonly role: UserRole; readonly profileWithheld: boolean }[]): Role =>
  highest(rows.filter(({ profileWithheld }) => !profileWithheld).map(({ role }) => role));

/**
 * What a back office or platform may ask for: a ladder, each includes the ones before it; what stands beside it needs a set instead.
 * None reaches the sites themselves: `isPersonWith` (refusals.ts) refuses clients, whatever their scopes. Source: management-api.md §1.
 */
export const scopes = ['public', 'authentication', 'admin'] as const;
export type Scope = (typeof scopes)[number];

export const isScope = (word: string): word is Scope => scopes.some((scope) => scope === word);

/** How many sites a client may have: the list of people asks each of them in one statement, and SQLite takes no more than 250. */
export const maxSites = 100;

/** Whether what was granted is enough. */
export const includes = (granted: readonly Scope[], needed: Scope): boolean =>
  granted.some((scope) => scopes.indexOf(scope) >= scopes.indexOf(needed));

/** A management client (their "application"): who may manage the people of some sites by program. */
export interface Client {
  readonly id: number;
  readonly name: string;
  /** Its public id, `civ_…`. */
  readonly key: string;
  /** The most it may ask for. */
  readonly scopes: readonly Scope[];
  readonly siteIds: readonly number[];
  /** The OAuth server of all its sites: with it an external id names one person. */
  readonly issuer: string;
  readonly createdAt: Date;
  readonly lastUsedAt: Date | null;
}

/** A client as it acts: with what its token (or its bare key) was granted. */
export interface ActingClient extends Pick<Client, 'id' | 'issuer' | 'siteIds'> {
  readonly scopes: readonly Scope[];
}

/** From the least to the most. `all` is everybody, visitors included; no user row carries it. Source: user-api.md §1. */
export const roles = ['all', 'anonymous', 'member', 'moderator', 'editor', 'admin'] as const;
export type Role = (typeof roles)[number];
/** What a user row may carry. */
export type UserRole = Exclude<Role, 'all'>;

export const userRoles = ['anonymous', 'member', 'moderator', 'editor', 'admin'] as const satisfies readonly UserRole[];

const rank = (role: Role): number => roles.indexOf(role);

export const atLeast = (role: Role, needed: Role): boolean => rank(role) >= rank(needed);

/** The highest of some roles; `all` when there is none. */
export const highest = (some: readonly Role[]): Role =>
  some.reduce<Role>((top, role) => (atLeast(top, role) ? top : role), 'all');

export const lower = (one: Role, other: Role): Role => (atLeast(one, other) ? other : one);

export const isRole = (value: unknown): value is Role => roles.some((role) => role === value);
export const isUserRole = (value: unknown): value is UserRole => isRole(value) && value !== 'all';
