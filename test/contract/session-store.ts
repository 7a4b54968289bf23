import type { Session } from '../../src/domain/session.ts';
import { mostSessions } from '../../src/ports/credentials.ts';
import { enrol, newPerson, newSite, statementsOf, useSubject, type Start, type Subject } from './subject.ts';

let last = 0;
const aSession = (subject: Subject, userId: number, said: Partial<Session> = {}): Session => {
  const now = subject.clock.now();
  return {
    jti: `jti-${(last += 1)}-${userId}`,
    userId,
    provider: 'default',
    accessToken: null,
    accessTokenExpiresAt: null,
    sid: null,
    checkedAt: now,
    createdAt: now,
    expiresAt: new Date(now.getTime() + 3_600_000),
    ...said,
  };
};

/** What every SessionStore does. */
export const describeSessionStore = (name: string, start: Start): void => {
  describe(`sessions: ${name}`, () => {
    const subject = useSubject(start);
    const setUp = async () => {
      const { id: personId } = await newPerson(subject());
      const [here, there] = [await newSite(subject()), await newSite(subject())];
      const own = await enrol(subject(), { siteId: here, personId });
      const other = await enrol(subject(), { siteId: there, personId });
      return { personId, own, other, stranger: await enrol(subject(), { siteId: here }) };
    };
    const opened = async (userId: number, said: Partial<Session> = {}): Promise<Session> => {
      const session = aSession(subject(), userId, said);
      await subject().stores.sessions.open(session);
      return session;
    };
    const isThere = async ({ jti }: Session) => (await subject().stores.sessions.find(jti)) !== null;

    it('are found as they were opened, the access token too', async () => {
      const { own } = await setUp();
      const session = await opened(own, {
        accessToken: `eyJ.${'x'.repeat(900)}.é`,
        accessTokenExpiresAt: new Date(subject().clock.now().getTime() + 86_400_000),
        sid: 'a fingerprint',
      });
      expect(await subject().stores.sessions.find(session.jti)).toEqual(session);
      expect(await subject().stores.sessions.find('another')).toBeNull();
    });

    it('run out, and are forgotten afterwards', async () => {
      const { own } = await setUp();
      const session = await opened(own);
      subject().clock.advance(3_600_001);
      expect(await isThere(session)).toBe(false);
      await subject().stores.sessions.forgetExpired(subject().clock.now());
      await subject().stores.sessions.open(session);
    });

    it('know when the OAuth server last answered', async () => {
      const session = await opened((await setUp()).own);
      const later = new Date(session.checkedAt.getTime() + 61_000);
      await subject().stores.sessions.setCheckedAt(session.jti, later);
      expect((await subject().stores.sessions.find(session.jti))?.checkedAt).toEqual(later);
    });

    it('end one by one, by users, by person and by the server’s own name', async () => {
      const { personId, own, other, stranger } = await setUp();
      const { sessions } = subject().stores;
      const [first, second, others, strangers] = [
        await opened(own, { sid: 'one' }),
        await opened(own),
        await opened(other),
        await opened(stranger, { sid: 'one' }),
      ];
      await sessions.end(second.jti);
      await sessions.end(second.jti);
      expect(await Promise.all([first, second, others, strangers].map(isThere))).toEqual([true, false, true, true]);
      await sessions.endOfUsers([own, 2_147_483_600]);
      expect(await Promise.all([first, others, strangers].map(isThere))).toEqual([false, true, true]);
      await sessions.endOfPerson(personId);
      expect(await Promise.all([others, strangers].map(isThere))).toEqual([false, true]);
      await sessions.endOfSid('one');
      expect(await isThere(strangers)).toBe(false);
    });

    it('are listed by users, oldest first and part by part, without what opens anything', async () => {
      const { own, other } = await setUp();
      const { sessions } = subject().stores;
      const first = await opened(own, { accessToken: 'secret' });
      const later = new Date(first.createdAt.getTime() + 1000);
      const second = await opened(other, { createdAt: later, sid: 'secret', jti: 'later 1' });
      const third = await opened(own, { createdAt: later, jti: 'later 2' });
      const shown = [first, second, third].map(({ jti, userId, createdAt }) => ({
        ...{ jti, userId, createdAt, provider: 'default', expiresAt: first.expiresAt },
      }));
      expect(await sessions.ofUsers([other, own], { after: null, limit: 10 })).toEqual(shown);
      expect(await sessions.ofUsers([other, own], { after: null, limit: 2 })).toEqual(shown.slice(0, 2));
      expect(await sessions.ofUsers([other, own], { after: first, limit: 10 })).toEqual(shown.slice(1));
      expect(await sessions.ofUsers([other, own], { after: second, limit: 10 })).toEqual(shown.slice(2));
      expect(await sessions.ofUsers([], { after: null, limit: 10 })).toEqual([]);
    });

    it('are counted by users while they are open, with when the last of them began', async () => {
      const { own, other, stranger } = await setUp();
      const now = subject().clock.now();
      const later = new Date(now.getTime() + 1000);
      await opened(own);
      await opened(own, { createdAt: later });
      await opened(own, { createdAt: new Date(later.getTime() + 1000), expiresAt: now });
      await opened(stranger);
      const counts = await subject().stores.sessions.countsOf([own, other, stranger], now);
      expect([...counts].sort((one, another) => one.userId - another.userId)).toEqual([
        { userId: own, n: 2, last: later },
        { userId: stranger, n: 1, last: now },
      ]);
      expect(await subject().stores.sessions.countsOf([], now)).toEqual([]);
    });

    it('are a thousand of a user row at most: the oldest ends', async () => {
      const { own, other } = await setUp();
      const now = subject().clock.now();
      const others = await opened(other);
      const all: Session[] = [];
      await subject().stores.inOneTransaction(async () => {
        for (let at = 0; at < mostSessions + 2; at += 1)
          all.push(await opened(own, { createdAt: new Date(now.getTime() + at) }));
      });
      const there = await Promise.all([...all.slice(0, 4), ...all.slice(-1), others].map(isThere));
      expect(there).toEqual([false, false, true, true, true, true]);
    });

    it('go with their user row', async () => {
      const { stores } = subject();
      const { stranger } = await setUp();
      const session = await opened(stranger);
      await stores.inOneTransaction(async () => {
        const siteId = (await stores.users.actorRows(stranger, null)).rows[0]?.siteId ?? 0;
        const held = await stores.users.personOf(siteId, stranger, 'locked');
        await stores.users.remove(held?.rows ?? []);
      });
      expect(await isThere(session)).toBe(false);
    });

    describe('at the console', () => {
      const atConsole = (personId: number, siteId: number | null = 7) => ({ console: { personId, siteId } });
      const userIdOf = async ({ jti }: Session) => (await subject().stores.sessions.find(jti))?.userId;

      it('are found as they were opened, and listed as what they are', async () => {
        const { personId, own } = await setUp();
        const [session, byGlobal] = [
          await opened(own, { ...atConsole(personId), provider: 'staff' }),
          await opened(own, atConsole(personId, null)),
        ];
        const { sessions } = subject().stores;
        expect(await sessions.find(session.jti)).toEqual(session);
        expect(await sessions.find(byGlobal.jti)).toEqual(byGlobal);
        const listed = await sessions.ofUsers([own], { after: null, limit: 10 });
        expect(listed.map(({ console }) => console)).toEqual([
          { personId, siteId: 7 },
          { personId, siteId: null },
        ]);
      });

      it('are read with all rows of their person, in one statement, and only for that person', async () => {
        const { personId, own, other, stranger } = await setUp();
        const session = await opened(own, { ...atConsole(personId), provider: 'staff' });
        const another = await opened(own);
        const { users } = subject().stores;
        const { person, rows, session: found } = await users.rowsOfConsole(personId, session.jti);
        expect([person?.id, rows.map(({ id }) => id)]).toEqual([personId, [own, other]]);
        expect(found).toEqual({ checkedAt: session.checkedAt, login: { siteId: 7, provider: 'staff' } });
        const nobody = { person: null, rows: [], session: null };
        expect(await users.rowsOfConsole(personId + 1, session.jti)).toEqual(nobody);
        expect(await users.rowsOfConsole(personId, another.jti)).toEqual(nobody);
        expect(await users.rowsOfConsole(personId, 'another')).toEqual(nobody);
        expect((await statementsOf(subject(), () => users.rowsOfConsole(personId, session.jti))) ?? 1).toBe(1);
        expect(stranger).toBeGreaterThan(0);
        subject().clock.advance(3_600_001);
        expect(await users.rowsOfConsole(personId, session.jti)).toEqual(nobody);
      });

      it('are none of a site, whoever names them in a token', async () => {
        const { personId, own } = await setUp();
        const session = await opened(own, atConsole(personId));
        expect((await subject().stores.users.actorRows(own, session.jti)).session).toBeNull();
        expect(await subject().stores.sessions.countsOf([own], subject().clock.now())).toEqual([]);
      });

      it('go on by another row of their person, and end with the last that counts', async () => {
        const { personId, own, other } = await setUp();
        const session = await opened(own, atConsole(personId));
        const ofSite = await opened(own);
        const { sessions } = subject().stores;
        await sessions.endOfUsers([own]);
        expect([await userIdOf(session), await isThere(ofSite)]).toEqual([other, false]);
        await sessions.endOfUsers([other, own]);
        expect(await isThere(session)).toBe(false);
      });

      it('go on where their row is removed, once they are kept of their person', async () => {
        const { personId, own, other } = await setUp();
        const session = await opened(own, atConsole(personId));
        const { stores } = subject();
        await stores.inOneTransaction(async () => {
          const held = await stores.users.person(personId, 'locked');
          await stores.sessions.keepOfPersons([own]);
          await stores.users.remove(held?.rows.filter(({ id }) => id === own) ?? []);
        });
        expect(await userIdOf(session)).toBe(other);
        await stores.sessions.keepOfPersons([other]);
        expect(await userIdOf(session)).toBe(other);
        await stores.sessions.endOfPerson(personId);
        expect(await isThere(session)).toBe(false);
      });
    });

    it('are read with the rows of the actor, in one statement, and only for their own user', async () => {
      const { own, other } = await setUp();
      const session = await opened(own);
      const { users } = subject().stores;
      expect((await users.actorRows(own, session.jti)).session).toEqual({ checkedAt: session.checkedAt });
      expect((await users.actorRows(other, session.jti)).session).toBeNull();
      expect(await users.actorRows(own, 'another')).toEqual({ person: null, rows: [], session: null });
      expect((await users.actorRows(own, null)).session).toBeNull();
      expect((await statementsOf(subject(), () => users.actorRows(own, session.jti))) ?? 1).toBe(1);
      subject().clock.advance(3_600_001);
      expect((await users.actorRows(own, session.jti)).session).toBeNull();
    });

    it('are told apart where several ask at once', async () => {
      const { own, other } = await setUp();
      const [first, second] = [await opened(own), await opened(own)];
      const { users } = subject().stores;
      const asked = [
        [own, first.jti],
        [own, second.jti],
        [own, null],
        [other, first.jti],
        [other, null],
        [own, first.jti],
      ] as const;
      const answers = await Promise.all(asked.map(([userId, jti]) => users.actorRows(userId, jti)));
      expect(answers.map(({ rows, session }) => [rows[0]?.id, session !== null])).toEqual([
        [own, true],
        [own, true],
        [own, false],
        [undefined, false],
        [other, false],
        [own, true],
      ]);
    });
  });
};
