import { atLeast, isPlatformAdmin, type Actor, type UserRole } from '../../domain/actor.ts';
import { Fault } from '../../domain/fault.ts';
import type { Session } from '../../domain/session.ts';
import type { Site } from '../../domain/sites/site.ts';
import { isLive, type User } from '../../domain/users/user.ts';
import type { ListedSession } from '../../ports/credentials.ts';
import type { Ports } from '../../ports/index.ts';
import type { LoginThrough } from './commands.ts';
import type { logOut } from './log-out.ts';

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
  readonly isPlatformAdmin: boolean;
  readonly rows: readonly OwnRow[];
  /** Where one is moderator or above; of a platform admin every site, the first `mostSites`. */
  readonly moderates: readonly Site[];
  /** That have not ended, newest first. */
  readonly sessions: readonly OwnSession[];
}
const mostSites = 1000;
const mostListed = 1000;

/** Who is signed in at the console, what they are where, and all that they are logged in by. Two statements. Source: people.md §6. */
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
    const current = open.find(({ jti }) => jti === actor.jti);
    if (current === undefined) throw countsNoMore();
    const moderatedHere = all.filter(({ id }) => atLeast(actor.roleBySite.get(id) ?? 'all', 'moderator'));
    return {
      current,
      isPlatformAdmin: isPlatformAdmin(actor),
      rows: own.flatMap((user) => rowOf(actor, user, siteOf)),
      moderates: (isPlatformAdmin(actor) ? all : moderatedHere).slice(0, mostSites),
      sessions: open,
    };
  };

const rowOf = ({ roleBySite }: Actor, user: User, siteOf: ReadonlyMap<number, Site>): readonly OwnRow[] => {
  const site = siteOf.get(user.siteId ?? 0);
  if (site === undefined || !isLive(user) || user.anonymizedAt !== null) return [];
  const role = roleBySite.get(site.id);
  return role === undefined || role === 'all' ? [] : [{ user, site, role }];
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
