import { aDay, anId } from '../support/builders.ts';
import { enrol, newPerson, newSite, useSubject, type Start } from './subject.ts';

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
