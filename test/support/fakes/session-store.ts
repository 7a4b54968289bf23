import { mostSessions, type SessionPosition, type SessionStore } from '../../../src/ports/credentials.ts';
import type { Session } from '../../../src/domain/session.ts';
import { isLive } from '../../../src/domain/users/user.ts';
import type { FakeClock } from './clock.ts';
import type { FakeDatabase, State } from './state.ts';

export const fakeSessionStore = (database: FakeDatabase, clock: FakeClock): SessionStore => {
  const endWhere = (ends: (session: Session, state: State) => boolean): Promise<void> =>
    database.write((state) => {
      for (const session of state.sessions.values()) if (ends(session, state)) state.sessions.delete(session.jti);
    });
  const keepOfPersons: SessionStore['keepOfPersons'] = (userIds) =>
    database.write((state) => {
      for (const session of state.sessions.values()) {
        const another = userIds.includes(session.userId) ? anotherRow(session, state, userIds) : undefined;
        if (another !== undefined) state.sessions.set(session.jti, { ...session, userId: another });
      }
    });
  return {
    open: (session) =>
      database.write((state) => {
        if (!state.users.has(session.userId)) throw new Error('there is no such user');
        if (state.sessions.has(session.jti)) throw new Error('this jti is taken');
        state.sessions.set(session.jti, session);
        const own = [...state.sessions.values()].filter(({ userId }) => userId === session.userId).sort(inOrder);
        for (const { jti } of own.slice(0, -mostSessions)) state.sessions.delete(jti);
      }),
    find: async (jti) => {
      const session = database.state.sessions.get(jti);
      return session === undefined || session.expiresAt <= clock.now() ? null : session;
    },
    setCheckedAt: (jti, checkedAt) =>
      database.write((state) => {
        const session = state.sessions.get(jti);
        if (session !== undefined) state.sessions.set(jti, { ...session, checkedAt });
      }),
    end: (jti) => endWhere((session) => session.jti === jti),
    keepOfPersons,
    endOfUsers: async (userIds) => {
      await keepOfPersons(userIds);
      await endWhere((session) => userIds.includes(session.userId));
    },
    endOfPerson: (personId) => endWhere((session, state) => state.users.get(session.userId)?.personId === personId),
    endOfSid: (sid) => endWhere((session) => session.sid === sid),
    // Nothing is sealed here.
    reseal: async () => 0,
    ofUsers: async (userIds, { after, limit }) =>
      [...database.state.sessions.values()]
        .filter((session) => userIds.includes(session.userId) && (after === null || inOrder(session, after) > 0))
        .sort(inOrder)
        .slice(0, limit)
        .map(({ jti, userId, provider, createdAt, expiresAt, console }) => ({
          ...{ jti, userId, provider, createdAt, expiresAt },
          ...(console === undefined ? {} : { console }),
        })),
    countsOf: async (userIds, now) =>
      userIds.flatMap((userId) => {
        const own = [...database.state.sessions.values()].filter(
          (session) => session.userId === userId && session.expiresAt > now && session.console === undefined,
        );
        const last = own.sort(inOrder).at(-1);
        return last === undefined ? [] : [{ userId, n: own.length, last: last.createdAt }];
      }),
    forgetExpired: (now) => endWhere((session) => session.expiresAt < now),
  };
};

/** The first other row of its person that counts; none of a session at a site. */
const anotherRow = (session: Session, state: State, userIds: readonly number[]): number | undefined =>
  [...state.users.values()]
    .filter((row) => row.personId !== null && row.personId === session.console?.personId)
    .filter((row) => isLive(row) && row.anonymizedAt === null && !userIds.includes(row.id))
    .map(({ id }) => id)
    .sort((one, other) => one - other)[0];

const inOrder = (one: SessionPosition, other: SessionPosition): number =>
  one.createdAt.getTime() - other.createdAt.getTime() || (one.jti < other.jti ? -1 : Number(one.jti > other.jti));
