import {
  type Actor,
  type Reach,
  type ActingClient,
  atLeast,
  isVisitor,
  roleAt,
  type UserRole,
  isAboveMember,
  isPlatformAdmin,
  lower,
  operatorCalled,
  visitor,
} from '../domain/actor.ts';
import { Fault } from '../domain/fault.ts';
import { isLoginSetElsewhere } from '../domain/people/vouching.ts';
import { type Person, type UserRow, isFoundAnonymized, namesAnotherPerson } from '../domain/users/user.ts';
import type { Ports } from '../ports/index.ts';
import type { ActorRows } from '../ports/user-store.ts';
import type { ActorQuestion } from './commands.ts';
import type { Background } from './background.ts';
import { isFresh, secondsSince, shortMemory } from './freshness.ts';
import { checkActor, type Checked, type AskedActor } from './sessions/check-actor.ts';
import { consoleReachNow, reachInBackground, type ReachOfLogin } from './sites/platform-site.ts';

type Needs = Parameters<typeof confirmActor>[0];
/** `whenKnown`: told who it is, before the OAuth server is asked about them. */
type FindActor = (question: ActorQuestion, whenKnown?: (actor: Actor) => void) => Promise<Actor | null>;

/**
 * Who a verified token speaks for; null when the user is gone, soft-deleted or anonymized, or the session has ended. When the
 * OAuth server has not answered for the session for `freshSeconds`, it is asked first; while it does not answer, what is known
 * counts for `maxStaleSeconds`. Fault `role-unconfirmed` beyond that for roles above member, or such roles count as member; the same
 * at once where the server is well and its record of the person cannot be read: else they could keep a role by spoiling it. One
 * statement while fresh. Source: user-api.md §1, oauth-server.md §3.
 */
export const actorOf = (ports: Needs, background: Background): FindActor => {
  const confirm = confirmActor(ports, background);
  const consoleReach = consoleReachNow(ports);
  return async (question, whenKnown) => {
    const reachOfLogin = question.reach === 'rows' ? await consoleReach() : notOfRows;
    const known = await knownActor(ports, question, reachOfLogin);
    if (known !== null) whenKnown?.(known.actor);
    if (known === null || !needsConfirming(ports, question, known)) return known?.actor ?? null;
    const { outcome, retryAfterSeconds } = await confirm({ ...question, ...known });
    if (outcome === 'ended') return null;
    const now = await knownActor(ports, question, reachOfLogin);
    const counts = outcome === 'confirmed' || (outcome !== 'unreadable' && now !== null && isStillKnown(ports, now));
    if (now === null || counts) return now?.actor ?? null;
    if (outcome === 'cannot') {
      // Nobody can vouch for this login any more: a new one is needed.
      if (question.jti !== undefined) await ports.sessions.end(question.jti);
      return null;
    }
    if (!isAboveMember(now.actor)) return now.actor;
    if (question.orMember !== true) throw unconfirmed(outcome, retryAfterSeconds);
    return asMember(now.actor);
  };
};

/** Fixed tokens are never refreshed; nor is somebody who is just being removed at the OAuth server. */
const needsConfirming = (
  ports: Pick<Ports, 'clock' | 'settings'>,
  { reach, asKnown }: ActorQuestion,
  known: KnownActor,
): known is KnownActor & { readonly person: Person } =>
  reach !== 'everywhere' && asKnown !== true && known.person?.state === 'active' && !isFresh(ports, known.checkedAt);

const isStillKnown = ({ clock, settings }: Pick<Ports, 'clock' | 'settings'>, { checkedAt }: KnownActor): boolean =>
  secondsSince(clock, checkedAt) <= settings.maxStaleSeconds;

const asMember = (actor: Actor): Actor => ({
  ...actor,
  roleBySite: new Map([...actor.roleBySite].map(([siteId, role]) => [siteId, lower(role, 'member')])),
});

const unconfirmed = (outcome: Checked, retryAfterSeconds: number): Fault<'role-unconfirmed'> =>
  new Fault(
    'role-unconfirmed',
    { retryAfterSeconds },
    outcome === 'unreadable'
      ? 'What the OAuth server says of you cannot be read, so it does not confirm your role.'
      : 'The OAuth server has not confirmed your role for too long, and does not answer.',
  );

interface Confirmation {
  readonly outcome: Checked;
  /** When asking again may bring another outcome. */
  readonly retryAfterSeconds: number;
}

/** After a question without an answer nobody asks again for so long: requests must not each wait a whole time limit. */
const silenceMs = 5000;

/**
 * Has the OAuth server asked about an actor, once however many requests wait, and none of them longer than a time limit: the
 * question goes on without them. Source: oauth-server.md §3 "The actor".
 */
const confirmActor = (
  ports: Parameters<typeof checkActor>[0] & Pick<Ports, 'settings'>,
  background: Background,
): ((asked: AskedActor) => Promise<Confirmation>) => {
  const check = checkActor(ports);
  const flights = singleFlight<Checked>();
  const memory = shortMemory<Checked>(ports.clock);
  const keep = (name: string, outcome: Checked): Confirmation => {
    memory.keep(name, outcome, silenceMs);
    return { outcome, retryAfterSeconds: silenceMs / 1000 };
  };
  return async (asked) => {
    const name = asked.jti ?? `user-${asked.userId}`;
    const remembered = memory.find(name);
    if (remembered !== null) return { outcome: remembered.value, retryAfterSeconds: remembered.secondsLeft };
    const flight = flights(name, async () => {
      const outcome = await check(asked);
      return outcome === 'confirmed' ? outcome : keep(name, outcome).outcome;
    });
    background.watch(flight);
    const outcome = await ports.clock.within(flight, ports.settings.oauthTimeLimitMs);
    return outcome === undefined ? keep(name, 'unanswered') : { outcome, retryAfterSeconds: silenceMs / 1000 };
  };
};

/** Begins work under a name, or joins what is under way under it: once, however many ask. */
type SingleFlight<T> = (name: string, work: () => Promise<T>) => Promise<T>;

const singleFlight = <T>(): SingleFlight<T> => {
  const flights = new Map<string, Promise<T>>();
  return (name, work) => {
    const under = flights.get(name);
    if (under !== undefined) return under;
    const flight = work().finally(() => flights.delete(name));
    flights.set(name, flight);
    return flight;
  };
};

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
 * since it began. Answers who they are now. One statement; none for visitors. Fault `unauthenticated` where the credential counts no
 * more, or for less at one of these sites: those whose role the answer hangs on; and where they are a platform admin no more.
 */
export const mustStillCount = async (
  ports: ActorNowNeeds,
  before: Actor,
  siteIds: readonly number[],
): Promise<Actor> => {
  if (isVisitor(before)) return before;
  const now = await actorNow(ports, before);
  const isAnother = before.personId !== null && now.personId !== before.personId;
  const hasLost = before.client?.scopes.some((scope) => now.client?.scopes.includes(scope) !== true) ?? false;
  const isLess = isPlatformAdmin(before) && !isPlatformAdmin(now);
  if (isAnother || hasLost || isLess || siteIds.some((id) => !atLeast(roleAt(now, id), roleAt(before, id))))
    countsNoMore();
  return now;
};

/** A management client as it stands at this moment. One statement. Fault `unauthenticated` when it is gone. */
export const clientNow = async <A extends Actor & { readonly client: ActingClient }>(
  { clients }: Pick<Ports, 'clients'>,
  actor: A,
): Promise<A> => {
  const { id, scopes } = actor.client;
  const { issuer, siteIds, scopes: granted } = (await clients.byId(id)) ?? countsNoMore();
  return { ...actor, client: { id, issuer, siteIds, scopes: scopes.filter((scope) => granted.includes(scope)) } };
};

/** How an actor is kept by what goes on when their request is long over: who they are, and never what they might do then. */
export type ActorName =
  | {
      readonly userId: number;
      readonly reach: Reach['kind'];
      /** Of a session at the console: the sites that its login reached; absent: all. */
      readonly siteIds?: readonly number[];
    }
  /** An operator at the machine itself. */
  | { readonly operator: string };

export const nameOf = ({ userId, reach, operator }: Actor): ActorName | null => {
  if (operator !== undefined) return { operator };
  if (userId === null) return null;
  const siteIds = reach.kind === 'rows' ? reach.siteIds : null;
  return { userId, reach: reach.kind, ...(siteIds === null ? {} : { siteIds: [...siteIds] }) };
};

/** Whoever is called so, as they stand at this moment; null when they are gone, or their fixed token is. One statement. */
export const actorNamed = async (
  { users, sites, settings }: Pick<Ports, 'users' | 'sites' | 'settings'>,
  name: ActorName,
): Promise<Actor | null> => {
  if ('operator' in name) return operatorCalled(name.operator);
  const { userId, reach, siteIds } = name;
  if (reach === 'everywhere' && !settings.fixedTokenUserIds.includes(userId)) return null;
  const reachOfRow = reach === 'rows' ? await reachInBackground({ sites, settings }, siteIds) : notOfRows;
  return (await knownActor({ users }, { userId, provider: 'default', reach }, reachOfRow))?.actor ?? null;
};

const userNow = async ({ users }: ActorNowNeeds, actor: Actor): Promise<Actor | null> => {
  const { userId, personId, jti, provider, reach } = actor;
  // A visitor, or whoever works on the machine itself.
  if (userId === null) return actor;
  // Work that goes on in the background has no session, and is of the row.
  const whose = reach.kind === 'rows' && jti !== null && personId !== null ? { personId } : {};
  const question = { userId, provider, reach: reach.kind, ...(jti === null ? {} : { jti }), ...whose };
  // Through whose settings somebody logged in stays as it was.
  return (await knownActor({ users }, question, () => reach))?.actor ?? null;
};

const countsNoMore = (): never => {
  throw new Fault(
    'unauthenticated',
    { reason: 'invalid-token' },
    'The token counts no more: its user or session ended.',
  );
};

/** What our rows say of whoever the token names. */
interface KnownActor {
  readonly actor: Actor;
  readonly userId: number;
  /** null: a row that is its own truth; nobody is asked about it. */
  readonly person: Person | null;
  /** Whose OAuth settings they logged in by, and their name there: of the row that the token names; a console session keeps them itself. */
  readonly siteId: number | null;
  readonly provider: string;
  /** When the OAuth server last answered: for the session, or (tokens of an OpenStad API name none) for the person. */
  readonly checkedAt: Date | null;
}

/** Without asking the OAuth server. Null as for `actorOf`. One statement. */
const knownActor = async (
  { users }: Pick<Ports, 'users'>,
  question: ActorQuestion,
  reachOfLogin: ReachOfLogin,
): Promise<KnownActor | null> => {
  const { jti, reach, personId } = question;
  const isOfPerson = personId !== undefined;
  const { rows, session, person } = isOfPerson
    ? await users.rowsOfConsole(personId, jti ?? '')
    : await users.actorRows(question.userId, jti ?? null);
  const isOurs = (row: (typeof rows)[number]): boolean => !namesAnotherPerson(row, person);
  const counts = (row: (typeof rows)[number]): boolean =>
    row.anonymizedAt === null && !isFoundAnonymized(row, person) && isOurs(row);
  const counting = rows.filter(counts);
  const named = counting.find(({ id }) => id === question.userId);
  const own = named ?? (isOfPerson ? firstRow(counting, question.siteId) : undefined);
  if (own === undefined || (jti !== undefined && session === null)) return null;
  const userId = own.id;
  const login = session?.login ?? { siteId: own.siteId, provider: question.provider };
  // The token's own row speaks for its site; where an old database has several rows elsewhere, the oldest: the last that a map is given.
  const others = isOfPerson ? counting : rows.filter(isOurs);
  const inOrder = [...others.filter(({ id }) => id !== userId).sort((one, other) => other.id - one.id), own];
  const roleBySite = new Map(
    inOrder.flatMap((row) => (row.siteId === null ? [] : [[row.siteId, countingRole(row, person)] as const])),
  );
  return {
    actor: {
      userId,
      personId: own.personId,
      roleBySite,
      reach: reach === 'rows' ? reachOfLogin(login) : reachOf(reach, own),
      rowIds: rows.map(({ id }) => id),
      provider: login.provider,
      jti: jti ?? null,
    },
    userId,
    person,
    siteId: login.siteId,
    provider: login.provider,
    checkedAt: session === null ? (person?.fetchedAt ?? null) : session.checkedAt,
  };
};

/** At the site that is asked about, else of all. */
const firstRow = <R extends Pick<UserRow, 'siteId'>>(rows: readonly R[], siteId: number | null = null): R | undefined =>
  rows.find((row) => siteId !== null && row.siteId === siteId) ?? rows[0];

/** A role that waits in a row until its person comes, and is theirs then only if they are whom it was given to. */
const countingRole = ({ role, profileWithheld, siteId }: ActorRows['rows'][number], person: Person | null): UserRole =>
  profileWithheld && isLoginSetElsewhere(person?.loginSetAt ?? null, siteId) && atLeast(role, 'moderator')
    ? 'member'
    : role;

const reachOf = (kind: Exclude<Reach['kind'], 'rows'>, { siteId, role }: Pick<UserRow, 'siteId' | 'role'>): Reach =>
  kind === 'everywhere' ? { kind, role } : { kind, siteId };

const notOfRows: ReachOfLogin = () => visitor.reach;
