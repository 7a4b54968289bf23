import { aDay, anId } from '../support/builders.ts';
import { enrol, newPerson, newSite, statementsOf, useSubject, type Start } from './subject.ts';

const issuer = 'https://oauth.example';

export const describePersonStore = (name: string, start: Start): void => {
  describe(`persons, kept by ${name}`, () => {
    const subject = useSubject(start);
    const persons = () => subject().stores.persons;
    const inOne = <T>(work: () => Promise<T>): Promise<T> => subject().stores.inOneTransaction(work);

    it('are made at the first asking and found at the next', async () => {
      const externalId = `id-${anId()}`;
      const made = await inOne(() => persons().ensure(issuer, externalId, false));
      expect(made).toEqual({
        id: made.id,
        issuer,
        externalId,
        fetchedAt: null,
        state: 'active',
        isOursToRemove: false,
        isUnclaimed: false,
        loginSetAt: null,
        hasUnsaidFields: false,
      });
      expect(await inOne(() => persons().ensure(issuer, externalId, false))).toEqual(made);
      expect(await persons().byExternalId(issuer, externalId)).toEqual(made);
      expect(await persons().find(made.id)).toEqual(made);
    });

    it('are one when twenty ask for them at the same moment', async () => {
      const externalId = `id-${anId()}`;
      const made = await Promise.all(
        Array.from({ length: 20 }, () => inOne(() => persons().ensure(issuer, externalId, true))),
      );
      expect(new Set(made.map(({ id }) => id)).size).toBe(1);
    });

    it('come with all their rows, locked or not, in one statement each', async () => {
      const [externalId, siteId] = [`id-${anId()}`, await newSite(subject())];
      expect(await persons().withRows(issuer, externalId)).toBeNull();
      const { id } = await inOne(() => persons().ensure(issuer, externalId, false));
      const [live, gone] = [
        await enrol(subject(), { siteId, personId: id }),
        await enrol(subject(), { siteId, personId: id, slot: 1, deletedAt: aDay }),
      ];

      const locked = await inOne(() => persons().ensureWithRows(issuer, externalId, true));
      expect(locked.person).toMatchObject({ id, isOursToRemove: true });
      expect(locked.rows.map((row) => row.id)).toEqual([live, gone]);
      const plain = await persons().withRows(issuer, externalId);
      expect([plain?.person?.id, plain?.rows.map((row) => row.id)]).toEqual([id, [live, gone]]);
      expect([1, null]).toContain(await statementsOf(subject(), () => persons().withRows(issuer, externalId)));
    });

    it('tell of a tombstone behind the lock', async () => {
      const externalId = `id-${anId()}`;
      expect((await inOne(() => persons().ensureWithRows(issuer, externalId, true))).wasRemoved).toBe(false);
      await persons().addTombstone(issuer, externalId);
      expect((await inOne(() => persons().ensureWithRows(issuer, externalId, true))).wasRemoved).toBe(true);
    });

    it('whom a POST has just made are unclaimed and read, and whoever was known before stays as they were', async () => {
      const [externalId, other] = [`id-${anId()}`, `id-${anId()}`];
      const isNewByPost = true;
      const { person } = await inOne(() => persons().ensureWithRows(issuer, externalId, true, { isNewByPost }));
      expect(person).toMatchObject({ isUnclaimed: true, isOursToRemove: true, loginSetAt: null, state: 'active' });
      expect(person.fetchedAt).not.toBeNull();
      expect(await persons().find(person.id)).toEqual(person);

      const known = await inOne(() => persons().ensure(issuer, other, false));
      const again = await inOne(() => persons().ensureWithRows(issuer, other, true, { isNewByPost }));
      expect(again.person).toEqual({ ...known, isOursToRemove: true });
    });

    it('whom a POST made are vouched for by nobody where by what they log in was set before', async () => {
      const externalId = `id-${anId()}`;
      await persons().rememberLoginSet(issuer, externalId);
      const made = await inOne(() => persons().ensureWithRows(issuer, externalId, true, { isNewByPost: true }));
      // The fake keeps no such word: see `rememberLoginSet` there.
      if (subject().statements() !== null) expect(made.person.loginSetAt).toEqual([]);
    });

    it.each(['known', 'unknown'])(
      '%s are locked under a lease that is held, and not under one that was lost',
      async (who) => {
        const [externalId, lease] = [`id-${anId()}`, `lease-${anId()}`];
        if (who === 'known') await inOne(() => persons().ensure(issuer, externalId, false));
        const { withLease, users } = subject().stores;
        const before = await persons().byExternalId(issuer, externalId);
        await withLease(lease, async (held) => {
          await inOne(() => persons().ensureWithRows(issuer, externalId, false, { lease: held }));
          const { id } = (await persons().byExternalId(issuer, externalId))!;
          const fetchedAt = new Date('2030-01-01T00:00:00.123Z');
          const locked = await inOne(() => users.person(id, 'locked', { lease: held, fetchedAt }));
          expect(locked?.person?.fetchedAt).toEqual(fetchedAt);
          expect(await inOne(() => users.person(id + 1_000_000, 'locked', { lease: held }))).toBeNull();

          subject().clock.advance(60_000);
          const late = new Date('2031-01-01T00:00:00.000Z');
          await expect(inOne(() => users.person(id, 'locked', { lease: held, fetchedAt: late }))).rejects.toMatchObject(
            {
              code: 'busy',
            },
          );
          await expect(
            inOne(() => persons().ensureWithRows(issuer, externalId, true, { lease: held })),
          ).rejects.toMatchObject({ code: 'busy' });
          await expect(
            inOne(() => persons().ensureWithRows(issuer, `id-${anId()}`, true, { lease: held, isNewByPost: true })),
          ).rejects.toMatchObject({ code: 'busy' });
          // Nothing was changed under the lost lease.
          expect(await persons().find(id)).toMatchObject({ fetchedAt, isOursToRemove: false });
        });
        expect(before === null).toBe(who === 'unknown');
      },
    );

    it('become ours and never stop being so', async () => {
      const externalId = `id-${anId()}`;
      await inOne(() => persons().ensure(issuer, externalId, false));
      expect((await inOne(() => persons().ensure(issuer, externalId, true))).isOursToRemove).toBe(true);
      expect((await inOne(() => persons().ensure(issuer, externalId, false))).isOursToRemove).toBe(true);
    });

    it('are unclaimed from when somebody made them until somebody logs in', async () => {
      const { id } = await inOne(() => persons().ensure(issuer, `id-${anId()}`, true));
      for (const isUnclaimed of [true, false]) {
        await inOne(() => persons().setUnclaimed(id, isUnclaimed));
        expect((await persons().find(id))?.isUnclaimed).toBe(isUnclaimed);
      }
    });

    it('differ by issuer, and by every letter of their id', async () => {
      const ids = [
        ['https://one.example', 'Abc'],
        ['https://two.example', 'Abc'],
        ['https://one.example', 'abc'],
        ['https://one.example', 'ábc'],
      ] as const;
      const made = [];
      for (const [from, externalId] of ids) made.push(await inOne(() => persons().ensure(from, externalId, true)));
      expect(new Set(made.map(({ id }) => id)).size).toBe(ids.length);
      expect(made.map((person) => [person.issuer, person.externalId])).toEqual(ids);
    });

    it('are never taken for somebody whose id has another space at its end', async () => {
      const externalId = `id-${anId()}`;
      const { id } = await inOne(() => persons().ensure(issuer, externalId, true));
      expect(await persons().byExternalId(issuer, `${externalId} `)).toBeNull();
      const second = await inOne(() => persons().ensure(issuer, `${externalId} `, true));
      expect(second.id).not.toBe(id);
    });

    it('are null when nobody knows them', async () => {
      expect(await persons().find(2_147_483_600)).toBeNull();
      expect(await persons().byExternalId(issuer, 'nobody')).toBeNull();
    });

    it('are known by id to whose sites have a live row of theirs, and to nobody else', async () => {
      const [here, there, nowhere] = [await newSite(subject()), await newSite(subject()), await newSite(subject())];
      const { id, externalId } = await newPerson(subject());
      const idAt = (...siteIds: number[]) => persons().idAt(siteIds, issuer, externalId);
      await enrol(subject(), { siteId: here, personId: id });
      await enrol(subject(), { siteId: there, personId: id, deletedAt: aDay });
      await enrol(subject(), { siteId: null, personId: id });

      expect([await idAt(here), await idAt(nowhere, there, here)]).toEqual([id, id]);
      expect([await idAt(there), await idAt(nowhere), await idAt()]).toEqual([null, null, null]);
      expect(await persons().idAt([here], 'https://other.example', externalId)).toBeNull();
      expect(await persons().idAt([here], issuer, 'nobody')).toBeNull();
    });

    it('are known by a row that waits to be given to them', async () => {
      const [here, there] = [await newSite(subject()), await newSite(subject())];
      const number = anId();
      await enrol(subject(), { siteId: here, personId: null, externalUserId: number });
      expect(await persons().idAt([here], issuer, String(number))).toBeNull();
      const { id } = await inOne(() => persons().ensure(issuer, String(number), false));

      expect([
        await persons().idAt([here], issuer, String(number)),
        await persons().idAt([there], issuer, String(number)),
      ]).toEqual([id, null]);
    });

    it('remember their state and when they were fetched, through another ensure', async () => {
      const { id, externalId } = await newPerson(subject());
      await inOne(async () => {
        await persons().setState(id, 'removing');
        await persons().setFetchedAt(id, aDay);
      });
      const found = await inOne(() => persons().ensure(issuer, externalId, true));
      expect(found).toMatchObject({ id, state: 'removing', fetchedAt: aDay });
      await persons().setState(id, 'active');
      expect((await persons().find(id))?.state).toBe('active');
    });

    it('go, and let go of the rows that nobody sees any more', async () => {
      const siteId = await newSite(subject());
      const { id, externalId } = await newPerson(subject());
      const gone = await enrol(subject(), { siteId, personId: id, deletedAt: aDay });
      const siteless = await enrol(subject(), { siteId: null, personId: id });
      await inOne(() => persons().remove(id));
      expect(await persons().find(id)).toBeNull();
      const next = await inOne(() => persons().ensure(issuer, externalId, true));
      expect((await subject().stores.users.person(next.id, 'plain'))?.rows).toEqual([]);
      expect(next.id).not.toBe(id);
      expect([gone, siteless].every((one) => one > 0)).toBe(true);
      await inOne(() => persons().remove(id));
    });

    it('are remembered as removed, one by one, and twice is once', async () => {
      const externalId = `id-${anId()}`;
      expect(await persons().hasTombstone(issuer, externalId)).toBe(false);
      await inOne(() => persons().addTombstone(issuer, externalId));
      await inOne(() => persons().addTombstone(issuer, externalId));
      expect(await persons().hasTombstone(issuer, externalId)).toBe(true);
      expect(await persons().hasTombstone('https://other.example', externalId)).toBe(false);
      expect(await persons().hasTombstone(issuer, `${externalId}0`)).toBe(false);
    });

    it('are remembered as removed for thirty days, and longer when removed again', async () => {
      const [once, twice] = [`id-${anId()}`, `id-${anId()}`];
      const day = 86_400_000;
      await inOne(() => persons().addTombstone(issuer, once));
      await inOne(() => persons().addTombstone(issuer, twice));
      subject().clock.advance(29 * day);
      await persons().forgetExpired(subject().clock.now());
      expect(await persons().hasTombstone(issuer, once)).toBe(true);
      await inOne(() => persons().addTombstone(issuer, twice));
      subject().clock.advance(2 * day);
      await persons().forgetExpired(subject().clock.now());
      expect(await persons().hasTombstone(issuer, once)).toBe(false);
      expect(await persons().hasTombstone(issuer, twice)).toBe(true);
    });
  });
};
