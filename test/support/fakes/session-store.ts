import { mostSessions, type SessionPosition, type SessionStore } from '../../../src/ports/credentials.ts';
import type { Session } from '../../../src/domain/session.ts';
import type { FakeClock } from './clock.ts';
import type { FakeDatabase, State } from './state.ts';

export const fakeSessionStore = (database: FakeDatabase, clock: FakeClock): SessionStore => {
  const endWhere = (ends: (session: Session, state: State) => boolean): Promise<void> =>
    database.write((state) => {
      for (const session of state.sessions.values()) if (ends(session, state)) state.sessions.delete(session.jti);
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
    endOfUsers: (userIds) => endWhere((session) => userIds.includes(session.userId)),
    endOfPerson: (personId) => endWhere((session, state) => state.users.get(session.userId)?.personId === personId),
    endOfSid: (sid) => endWhere((session) => session.sid === sid),
    // Nothing is sealed here.
    reseal: async () => 0,
    ofUsers: async (userIds, { after, limit }) =>
      [...database.state.sessions.values()]
        .filter((session) => userIds.includes(session.userId) && (after === null || inOrder(session, after) > 0))
        .sort(inOrder)
        .slice(0, limit)
        .map(({ jti, userId, provider, createdAt, expiresAt }) => ({ jti, userId, provider, createdAt, expiresAt })),
    countsOf: async (userIds, now) =>
      userIds.flatMap((userId) => {
        const own = [...database.state.sessions.values()].filter(
          (session) => session.userId === userId && session.expiresAt > now,
        );
        const last = own.sort(inOrder).at(-1);
        return last === undefined ? [] : [{ userId, n: own.length, last: last.createdAt }];
      }),
    forgetExpired: (now) => endWhere((session) => session.expiresAt < now),
  };
};

const inOrder = (one: SessionPosition, other: SessionPosition): number =>
  one.createdAt.getTime() - other.createdAt.getTime() || (one.jti < other.jti ? -1 : Number(one.jti > other.jti));
