import {
  atLeast,
  isBeyond,
  isPlatformAdmin,
  isUserRole,
  lower,
  roleAt,
  type Actor,
  type UserRole,
} from '../../domain/actor.ts';
import { Fault } from '../../domain/fault.ts';
import { consoleSeconds, type Session } from '../../domain/session.ts';
import type { OauthClient } from '../../domain/sites/oauth-client.ts';
import type { Site } from '../../domain/sites/site.ts';
import { isFoundAnonymized, isLive, namesAnotherPerson, type User } from '../../domain/users/user.ts';
import type { ListedSession } from '../../ports/credentials.ts';
import type { Ports } from '../../ports/index.ts';
import type { Lease } from '../../ports/unit-of-work.ts';
import { personLeaseName } from '../person-keys.ts';
import { mirrorProfile } from '../person-sync/refresh-person.ts';
import { beingRemoved } from '../users/creation-intent.ts';
import type { ConsoleClaims, LoginThrough, LogIntoConsoleCommand } from './commands.ts';
import { begun, countOnce, loginClient } from './log-in.ts';
import type { logOut } from './log-out.ts';
import { noLongerVouchedFor } from './login-profile.ts';

type Needs = Parameters<typeof mirrorProfile>[0] & Pick<Ports, 'replays' | 'secrets' | 'withLease'>;

/**
 * Somebody came back from the OAuth server to the console: a session of the person begins, who has a row at some site already; nobody
 * is made. What the server says of them is asked when they first act, before anything counts; where it cannot be asked, the login
 * itself has said it. Each login counts once (`state`). Faults: `login-refused`, `person-being-removed`, `busy`,
 * `oauth-not-configured`. Source: people.md §6, docs/adr/0027.
 */
export const logIntoConsole =
  (ports: Needs) =>
  async (command: LogIntoConsoleCommand): Promise<ConsoleClaims> => {
    const client = loginClient(ports, command);
    const { externalId } = command.loggedIn.profile;
    const leaseName = personLeaseName(ports.secrets, { issuer: client.issuer, externalId });
    return ports.withLease(leaseName, (lease) =>
      ports.inOneTransaction(() => beginSession(ports, lease, command, client)),
    );
  };

const beginSession = async (
  ports: Needs,
  lease: Lease,
  { site, provider, loggedIn, state }: LogIntoConsoleCommand,
  client: OauthClient,
): Promise<ConsoleClaims> => {
  await lease.assertHeld();
  await countOnce(ports, state);
  const { profile } = loggedIn;
  // Whoever is refused below leaves nothing behind: not in this unit.
  const { person, rows, wasRemoved } = await ports.persons.ensureWithRows(client.issuer, profile.externalId, true);
  if (wasRemoved) throw noLongerVouchedFor();
  if (person.state === 'removing') throw beingRemoved();
  const [first] = rows.filter(counts);
  if (first === undefined) throw unknownHere();
  if (person.isUnclaimed) await ports.persons.setUnclaimed(person.id, false);
  const canBeAsked = ports.identity.can(client, 'find');
  if (!canBeAsked) await mirrorProfile(ports, lease, person.id, profile);
  const session: Session = {
    ...begun(ports, loggedIn, client, consoleSeconds),
    ...(canBeAsked ? { checkedAt: never } : {}),
    userId: first.id,
    provider,
    console: { personId: person.id, siteId: site?.id ?? null },
  };
  await ports.sessions.open(session);
  return { jti: session.jti, personId: person.id };
};

const never = new Date(0);

const counts = (row: User): boolean =>
  isLive(row) &&
  row.anonymizedAt === null &&
  !isFoundAnonymized(row, row.person) &&
  !namesAnotherPerson(row, row.person);

const unknownHere = (): Fault<'login-refused'> =>
  new Fault(
    'login-refused',
    { reason: 'claims' },
    'This account is known at no site here. Log in at a site first, or with another account.',
  );

/** Whose session at the console it is. */
export interface ConsoleActor extends Actor {
  readonly userId: number;
  readonly personId: number;
  readonly jti: string;
}
export const isAtConsole = (actor: Actor): actor is ConsoleActor =>
  actor.reach.kind === 'rows' && actor.userId !== null && actor.personId !== null && actor.jti !== null;

/** One's own row at a site, with the role that counts there. */
export interface OwnRow {
  readonly user: User;
  readonly site: Site;
  readonly role: UserRole;
}
export interface OwnSession extends ListedSession {
  /** Of a session at a site; null: at the console, or the site is gone. */
  readonly site: Site | null;
}
export interface OwnSessions {
  readonly current: OwnSession;
  /** Whose OAuth settings this login went through; null: the global ones, or the site is gone. */
  readonly through: Site | null;
  readonly isPlatformAdmin: boolean;
  readonly rows: readonly OwnRow[];
  /** Where one is moderator or above; of a platform admin every site, the first `mostSites`. */
  readonly moderates: readonly Site[];
  /** That have not ended, newest first. */
  readonly sessions: readonly OwnSession[];
}
const mostSites = 1000;
const mostListed = 1000;

/** Who is signed in at the console, what they are where, and all that they are logged in by. Two statements, and one behind very many. Source: people.md §6. */
export const listSessions =
  ({ users, sites, sessions, clock }: Pick<Ports, 'users' | 'sites' | 'sessions' | 'clock'>) =>
  async (actor: ConsoleActor): Promise<OwnSessions> => {
    const [held, all] = await Promise.all([users.person(actor.personId, 'plain'), sites.all()]);
    const siteOf = new Map(all.map((site) => [site.id, site]));
    const own = held?.rows ?? [];
    const siteIdOf = new Map(own.map(({ id, siteId }) => [id, siteId ?? 0]));
    const listed = await sessions.ofUsers([...siteIdOf.keys()], { after: null, limit: mostListed });
    const open = listed
      .filter(({ expiresAt }) => expiresAt > clock.now())
      .map((session) => {
        const siteId = session.console === undefined ? siteIdOf.get(session.userId) : undefined;
        return { ...session, site: siteOf.get(siteId ?? 0) ?? null };
      })
      .reverse();
    const current = open.find(({ jti }) => jti === actor.jti) ?? (await unlisted(sessions, actor.jti));
    if (current === null) throw countsNoMore();
    const moderatedHere = all.filter(({ id }) => atLeast(roleAt(actor, id), 'moderator'));
    return {
      current,
      through: siteOf.get(current.console?.siteId ?? 0) ?? null,
      isPlatformAdmin: isPlatformAdmin(actor),
      rows: own.flatMap((user) => rowOf(actor, user, siteOf)),
      moderates: (isPlatformAdmin(actor) ? all : moderatedHere).slice(0, mostSites),
      sessions: open,
    };
  };

/** Behind so many others that it is not among those that are listed. */
const unlisted = async (sessions: Pick<Ports['sessions'], 'find'>, jti: string): Promise<OwnSession | null> => {
  const session = await sessions.find(jti);
  return session === null ? null : { ...session, site: null };
};

const rowOf = (actor: Actor, user: User, siteOf: ReadonlyMap<number, Site>): readonly OwnRow[] => {
  const site = siteOf.get(user.siteId ?? 0);
  if (site === undefined || !counts(user)) return [];
  const given = actor.roleBySite.get(site.id);
  // A platform admin is told what their own row says.
  const role = given !== undefined && isBeyond(actor, site.id) ? lower(given, 'member') : given;
  return isUserRole(role) ? [{ user, site, role }] : [];
};

/** Ends a session of one's own, at the console or at a site. Fault `not-found`. */
export const endSession =
  ({ sessions }: Pick<Ports, 'sessions'>, leave: ReturnType<typeof logOut>) =>
  async ({ actor, jti }: { readonly actor: ConsoleActor; readonly jti: string }): Promise<void> => {
    const session = await sessions.find(jti);
    if (session === null || !isOwn(actor, session)) throw new Fault('not-found', {}, 'You have no such session.');
    if (session.console === undefined) await leave(session);
    else await sessions.end(jti);
  };

const isOwn = ({ personId, rowIds }: ConsoleActor, session: Session): boolean =>
  session.console === undefined ? rowIds.includes(session.userId) : session.console.personId === personId;

/** Ends this session; answers through whose OAuth settings it came, to be logged out there, too. Null: nobody knows any more. */
export const leaveConsole =
  ({ sessions, sites }: Pick<Ports, 'sessions' | 'sites'>) =>
  async ({ jti }: ConsoleActor): Promise<LoginThrough | null> => {
    const session = await sessions.find(jti);
    await sessions.end(jti);
    if (session?.console === undefined) return null;
    const { provider, console } = session;
    if (console.siteId === null) return { site: null, provider };
    const site = await sites.byId(console.siteId);
    return site === null ? null : { site, provider };
  };

const countsNoMore = (): Fault<'unauthenticated'> =>
  new Fault('unauthenticated', { reason: 'invalid-token' }, 'This session has ended.');
