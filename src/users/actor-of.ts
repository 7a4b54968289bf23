import { isAboveMember, type Actor, type Reach } from '../domain/actor.ts';
import { Fault } from '../domain/fault.ts';
import type { Person } from '../domain/person.ts';
import { lower } from '../domain/role.ts';
import type { UserRow } from '../domain/user.ts';
import { isFoundAnonymized, isNamedOtherwise } from '../domain/written-past-us.ts';
import type { Ports } from '../ports/index.ts';
import type { Background } from './background.ts';
import type { Checked } from './check-actor.ts';
import type { ActorQuestion } from './commands.ts';
import { confirmActor } from './confirm-actor.ts';
import { isFresh, secondsSince } from './freshness.ts';

type Needs = Parameters<typeof confirmActor>[0];

/**
 * Who a verified token speaks for; null when the user is gone, soft-deleted or anonymized, or the session has ended. When the
 * OAuth server has not answered for the session for `freshSeconds`, it is asked first; while it does not answer, what is known
 * counts for `maxStaleSeconds`. Fault `role-unconfirmed` beyond that for roles above member, or such roles count as member; the same
 * at once where the server is well and its record of the person cannot be read: else they could keep a role by spoiling it. One
 * statement while fresh.
 * Source: user-api.md §1, oauth-server.md §3.
 */
export const actorOf = (ports: Needs, background: Background): ((question: ActorQuestion) => Promise<Actor | null>) => {
  const confirm = confirmActor(ports, background);
  return async (question) => {
    const known = await knownActor(ports, question);
    if (known === null || !needsConfirming(ports, question, known)) return known?.actor ?? null;
    const { outcome, retryAfterSeconds } = await confirm({ ...question, ...known });
    if (outcome === 'ended') return null;
    const now = await knownActor(ports, question);
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
    inOrder.reverse().flatMap((row) => (row.siteId === null ? [] : [[row.siteId, row.role] as const])),
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

const reachOf = (kind: Reach['kind'], { siteId, role }: Pick<UserRow, 'siteId' | 'role'>): Reach => {
  if (kind === 'everywhere') return { kind, role };
  return kind === 'rows' ? { kind } : { kind, siteId };
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
