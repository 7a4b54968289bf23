import type { UserRow } from '../../src/domain/users/user.ts';
import { aDay } from '../support/builders.ts';
import { enrol, newPerson, newSite, statementsOf, useSubject, type Start } from './subject.ts';

/** Reading rows, and the slot that each has. Writing, counting and listing have suites of their own: all.ts. */
export const describeUserStore = (name: string, start: Start): void => {
  describe(`users, kept by ${name}`, () => {
    const subject = useSubject(start);
    const users = () => subject().stores.users;

    it('are read as they were written, every column, with their person', async () => {
      const siteId = await newSite(subject());
      const person = await newPerson(subject(), '4711');
      const row = aFullRow(siteId, person.id);
      const id = await enrol(subject(), row);
      expect(await users().find(siteId, id)).toEqual({ ...row, id, person });
    });

    it('are found only at their own site, live', async () => {
      const [siteId, elsewhere] = [await newSite(subject()), await newSite(subject())];
      const id = await enrol(subject(), { siteId });
      const gone = await enrol(subject(), { siteId, deletedAt: aDay });
      const siteless = await enrol(subject(), { siteId: null });
      expect((await users().find(siteId, id))?.id).toBe(id);
      expect(await users().find(elsewhere, id)).toBeNull();
      expect(await users().find(siteId, gone)).toBeNull();
      expect(await users().find(siteId, siteless)).toBeNull();
      expect(await users().find(siteId, 2_147_483_600)).toBeNull();
      expect(await users().find(Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)).toBeNull();
      expect((await statementsOf(subject(), () => users().find(siteId, id))) ?? 1).toBe(1);
    });

    describe('of one person', () => {
      const setUp = async () => {
        const [here, there] = [await newSite(subject()), await newSite(subject())];
        const person = await newPerson(subject());
        const personId = person.id;
        const gone = await enrol(subject(), { siteId: here, personId, slot: 1, deletedAt: aDay });
        const own = await enrol(subject(), { siteId: here, personId, role: 'editor' });
        const other = await enrol(subject(), { siteId: there, personId });
        const siteless = await enrol(subject(), { siteId: null, personId });
        const stranger = await enrol(subject(), { siteId: here });
        return { here, there, person, gone, own, other, siteless, stranger };
      };

      it('are in places: rows of each, gone ones too, asked in the turn in which somebody asks who they are', async () => {
        const { person, gone, own, other, siteless, here } = await setUp();
        const ask = () => Promise.all([users().placeRows(person.id), users().actorRows(own, null)]);
        const [places, actor] = await ask();
        expect(places.map(({ id }) => id).sort((one, another) => one - another)).toEqual([gone, own, other, siteless]);
        expect(places.find(({ id }) => id === own)).toEqual({
          id: own,
          siteId: here,
          role: 'editor',
          profileWithheld: false,
          deletedAt: null,
        });
        expect(places.find(({ id }) => id === gone)?.deletedAt).toEqual(aDay);
        expect(actor.rows.map(({ id }) => id)).toEqual([own, other]);
        expect([1, null]).toContain(await statementsOf(subject(), ask));
        expect(await users().placeRows(person.id + 1_000_000)).toEqual([]);
      });

      it('come all together in id order, soft-deleted and site-less ones too', async () => {
        const { here, person, gone, own, other, siteless } = await setUp();
        const plain = await users().personOf(here, own, 'plain');
        const locked = await subject().stores.inOneTransaction(() => users().personOf(here, own, 'locked'));
        expect(plain?.rows.map(({ id }) => id)).toEqual([gone, own, other, siteless]);
        expect(plain?.person).toEqual(person);
        const looked = { hasFacts: false, hasFindings: false };
        expect(locked).toEqual({ ...plain, ...looked });
        expect(await users().person(person.id, 'plain')).toEqual({ ...plain, ...looked });
      });

      it('are told by where they are: live rows at sites, each with its person', async () => {
        const { here, there, person, own, other } = await setUp();
        const [second, nobody] = [await newPerson(subject()), await newPerson(subject())];
        const last = await enrol(subject(), { siteId: here, personId: second.id });
        expect(await users().liveOf([second.id, nobody.id, person.id])).toEqual([
          { id: own, siteId: here, personId: person.id },
          { id: other, siteId: there, personId: person.id },
          { id: last, siteId: here, personId: second.id },
        ]);
        expect(await users().liveOf([])).toEqual([]);
      });

      it('are asked for by a live row of the site only', async () => {
        const { here, there, gone, own, siteless } = await setUp();
        expect(await users().personOf(here, gone, 'plain')).toBeNull();
        expect(await users().personOf(there, own, 'plain')).toBeNull();
        expect(await users().personOf(here, siteless, 'plain')).toBeNull();
        expect(await subject().stores.inOneTransaction(() => users().personOf(here, gone, 'locked'))).toBeNull();
        expect(await users().person(2_147_483_600, 'plain')).toBeNull();
      });

      it('stand alone without a person: null never equals null', async () => {
        const { here, stranger } = await setUp();
        await enrol(subject(), { siteId: here });
        for (const reading of ['plain', 'locked'] as const) {
          const held = await subject().stores.inOneTransaction(() => users().personOf(here, stranger, reading));
          expect(held?.person).toBeNull();
          expect(held?.rows.map(({ id }) => id)).toEqual([stranger]);
        }
      });

      it('are the actor’s when they are live: the one that was named first', async () => {
        const { own, other, gone, siteless, stranger } = await setUp();
        const ids = async (id: number) => (await users().actorRows(id, null)).rows.map((row) => row.id);
        expect(await ids(own)).toEqual([own, other]);
        expect(await ids(other)).toEqual([other, own]);
        expect(await ids(stranger)).toEqual([stranger]);
        expect(await ids(gone)).toEqual([]);
        expect(await ids(siteless)).toEqual([]);
        expect(await ids(2_147_483_600)).toEqual([]);
        expect((await statementsOf(subject(), () => users().actorRows(own, null))) ?? 1).toBe(1);
      });
    });

    describe('in a slot', () => {
      it('stand once a person and site, soft-deleted or not', async () => {
        const siteId = await newSite(subject());
        const { id: personId } = await newPerson(subject());
        await enrol(subject(), { siteId, personId, deletedAt: aDay });
        await expect(enrol(subject(), { siteId, personId })).rejects.toMatchObject({
          code: 'conflict',
          facts: { rule: 'already-at-this-site' },
        });
        await enrol(subject(), { siteId, personId, slot: 1 });
        await enrol(subject(), { siteId });
        await enrol(subject(), { siteId });
        expect((await users().person(personId, 'plain'))?.rows).toHaveLength(2);
      });

      it('are made once when ten make them at the same moment', async () => {
        const siteId = await newSite(subject());
        const { id: personId } = await newPerson(subject());
        const tries = await Promise.allSettled(
          Array.from({ length: 10 }, () => enrol(subject(), { siteId, personId })),
        );
        expect(tries.filter((one) => one.status === 'fulfilled')).toHaveLength(1);
        for (const one of tries) if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'conflict' });
      });
    });
  });
};

/** Every column holds something that is not its default. */
const aFullRow = (siteId: number, personId: number): Omit<UserRow, 'id'> => {
  const second = (number: number): Date => new Date(aDay.getTime() + 1000 * number);
  return {
    siteId,
    personId,
    slot: 3,
    externalUserId: 4711,
    externalAccessToken: 'v1.sealed',
    role: 'editor',
    complete: false,
    profileWithheld: true,
    addressWritten: '0123456789abcdef any',
    extraData: { bio: 'Één bio ’met’ "alles" \\ erin', list: [1, 'two', null, { three: false }], empty: {} },
    email: 'Iemand@Example.org',
    nickName: 'nick <b>',
    firstName: 'Zoë 😀',
    lastName: 'van der Ünal',
    listableByRole: 'moderator',
    detailsViewableByRole: 'anonymous',
    phoneNumber: '+31 6',
    streetName: 'Straat',
    houseNumber: '1-3',
    postcode: '1234 AB',
    city: '’s-Gravenhage',
    suffix: 'bis',
    gender: 'female',
    zipCode: '1234 AB',
    signedUpForNewsletter: false,
    lastLogin: second(1),
    isNotifiedAboutAnonymization: second(2),
    anonymizedAt: second(3),
    createdAt: second(4),
    updatedAt: second(5),
    deletedAt: null,
  };
};
