import { noFacts } from '../../src/domain/people/person-facts.ts';
import type { PeopleQuery } from '../../src/ports/people.ts';
import { aDay, anId } from '../support/builders.ts';
import { enrol, newPerson, newSite, statementsOf, useSubject, type Start } from './subject.ts';

/** What every PeopleStore and PersonFactsStore does. */
export const describePeopleStore = (name: string, start: Start): void => {
  describe(`people over several sites: ${name}`, () => {
    const subject = useSubject(start);
    const issuer = 'https://oauth.example';
    const [clientId, otherClient] = [71, 72] as const;
    const setUp = async () => {
      const [one, two, elsewhere] = [await newSite(subject()), await newSite(subject()), await newSite(subject())];
      const [both, second] = [await newPerson(subject()), await newPerson(subject())];
      const alone = await enrol(subject(), { siteId: one });
      const other = await enrol(subject(), { siteId: one, personId: second.id });
      const first = await enrol(subject(), { siteId: two, personId: both.id, listableByRole: 'all' });
      const again = await enrol(subject(), { siteId: one, personId: both.id });
      await enrol(subject(), { siteId: elsewhere, personId: second.id, listableByRole: 'all' });
      const query: PeopleQuery = {
        siteIds: [one, two],
        clientId,
        clientSiteIds: [one, two],
        issuer,
        audience: 'everybody',
      };
      return { one, two, both, second, first, again, other, alone, query };
    };
    const pageOf = async (query: PeopleQuery, limit = 100, offset = 0) => {
      const { people } = subject().stores;
      return people.rowsOf(query, await people.page(query, limit, offset));
    };
    const idsOf = async (query: PeopleQuery, limit = 100, offset = 0) => {
      const listed = await subject().stores.people.page(query, limit, offset);
      const ids = (await pageOf(query, limit, offset)).map(({ rows }) => rows.map(({ id }) => id));
      expect(ids).toEqual(listed.map(({ rowIds }) => rowIds));
      return ids;
    };
    const countOf = (query: PeopleQuery) => subject().stores.people.count(query);

    it('are one entry a person, in the order of their first rows; a row without a person stands alone', async () => {
      const { first, again, other, alone, query } = await setUp();
      expect(await idsOf(query)).toEqual([[alone], [other], [first, again]]);
      expect(await countOf(query)).toBe(3);
      expect((await pageOf(query, 1, 1))[0]?.rows[0].person?.issuer).toBe(issuer);
      expect([await idsOf({ ...query, siteIds: [] }), await countOf({ ...query, siteIds: [] })]).toEqual([[], 0]);
    });

    it('come page by page, each once', async () => {
      const { first, again, other, alone, query } = await setUp();
      expect([await idsOf(query, 1, 0), await idsOf(query, 1, 1), await idsOf(query, 2, 2)]).toEqual([
        [[alone]],
        [[other]],
        [[first, again]],
      ]);
      expect(await idsOf(query, 10, 3)).toEqual([]);
    });

    it('come each once, though they have several rows at one site, as old databases do', async () => {
      const { one, two, query, first, again, other, alone } = await setUp();
      const person = await newPerson(subject());
      const rows = [];
      for (const slot of [1, 0, 2]) rows.push(await enrol(subject(), { siteId: one, personId: person.id, slot }));
      rows.push(await enrol(subject(), { siteId: two, personId: person.id }));
      const last = await enrol(subject(), { siteId: two });
      const all = [[alone], [other], [first, again], rows, [last]];
      expect(await idsOf(query)).toEqual(all);
      for (const limit of [1, 2, 3])
        for (let offset = 0; offset < 6; offset += 1)
          expect(await idsOf(query, limit, offset)).toEqual(all.slice(offset, offset + limit));
    });

    it('that are listable to everybody are those whose row says so, with that row only', async () => {
      const { first, one, query } = await setUp();
      expect(await idsOf({ ...query, audience: 'listed' })).toEqual([[first]]);
      expect(await countOf({ ...query, audience: 'listed' })).toBe(1);
      expect(await idsOf({ ...query, siteIds: [one], audience: 'listed' })).toEqual([]);
    });

    it('that have an address are whose row there has exactly that, but for its case, by any of their rows', async () => {
      const { one, two, both, query, first, again } = await setUp();
      const { people } = subject().stores;
      const email = `Jan.de-Vries${both.id}@example.org`;
      const asked = email.toUpperCase();
      const person = await newPerson(subject());
      const other = await enrol(subject(), { siteId: two, personId: person.id });
      const later = await enrol(subject(), { siteId: one, personId: person.id, email });
      const single = await enrol(subject(), { siteId: one, email });
      await enrol(subject(), { siteId: one, email: `de.jan-vries${both.id}@example.org` });
      await enrol(subject(), { siteId: one, firstName: 'Jan', lastName: `de Vries${both.id} example org` });
      for (const gone of [{ deletedAt: aDay }, { anonymizedAt: aDay }])
        await enrol(subject(), { siteId: one, email, ...gone });
      await enrol(subject(), { siteId: await newSite(subject()), email });
      const few = await people.withAddress(query, asked);
      expect(few).toEqual({ personIds: [person.id], ids: [single] });
      expect(await people.withAddress({ ...query, siteIds: [two] }, asked)).toEqual({ personIds: [], ids: [] });
      expect(await people.withAddress({ ...query, audience: 'listed' }, asked)).toEqual({ personIds: [], ids: [] });
      for (const nobody of ['', '@', 'jan', `jan.de-vries${both.id}`])
        expect(await people.withAddress(query, nobody)).toEqual({ personIds: [], ids: [] });
      expect((await statementsOf(subject(), () => people.withAddress(query, asked))) ?? 2).toBe(2);

      const among = { personIds: [both.id, person.id], ids: [single] };
      expect(await idsOf({ ...query, among })).toEqual([[first, again], [other, later], [single]]);
      expect([await idsOf({ ...query, among }, 1, 1), await countOf({ ...query, among })]).toEqual([
        [[other, later]],
        3,
      ]);
      expect(await idsOf({ ...query, siteIds: [one], among: few })).toEqual([[later], [single]]);
      expect(await countOf({ ...query, isExpert: true, among })).toBe(0);
      const nobody = { ...query, among: { personIds: [], ids: [] } };
      expect([await idsOf(nobody), await countOf(nobody)]).toEqual([[], 0]);
    });

    it('that are anonymized, soft-deleted or of another OAuth server are not among them', async () => {
      const { one, query, first, again, other, alone } = await setUp();
      await enrol(subject(), { siteId: one, anonymizedAt: aDay });
      await enrol(subject(), { siteId: one, deletedAt: aDay });
      const stranger = await subject().stores.inOneTransaction(() =>
        subject().stores.persons.ensure('https://other.example', 'x', true),
      );
      await enrol(subject(), { siteId: one, personId: stranger.id });
      expect(await idsOf(query)).toEqual([[alone], [other], [first, again]]);
      expect(await countOf(query)).toBe(3);
    });

    it('bring what the client keeps of them, and not what another does, by which they can be chosen', async () => {
      const { both, first, again, other, alone, query } = await setUp();
      const { facts } = subject().stores;
      const said = { isExpert: true, isSelected: false, points: 12, score: 3 };
      const kept = { personId: both.id, clientId };
      await facts.save(kept, { ...said, points: 1 });
      await facts.save(kept, said);
      await facts.save({ personId: both.id, clientId: otherClient }, { ...noFacts, isSelected: true, points: 99 });
      expect([await facts.of(kept), await facts.of({ ...kept, personId: 2_147_483_600 })]).toEqual([said, noFacts]);
      expect((await pageOf(query, 10, 0)).map((one) => one.facts)).toEqual([noFacts, noFacts, said]);
      expect(await idsOf({ ...query, isExpert: true })).toEqual([[first, again]]);
      expect(await idsOf({ ...query, isExpert: false, isSelected: false })).toEqual([[alone], [other]]);
      expect([await countOf({ ...query, isExpert: true }), await countOf({ ...query, isSelected: true })]).toEqual([
        1, 0,
      ]);
    });

    it('bring it, and are chosen by it, once they have come to one of the sites of the client, whichever is asked about', async () => {
      const { one, two, query } = await setUp();
      const { facts } = subject().stores;
      const said = { isExpert: true, isSelected: true, points: 12, score: 3 };
      const person = await newPerson(subject());
      const added = await enrol(subject(), { siteId: one, personId: person.id, profileWithheld: true });
      await facts.save({ personId: person.id, clientId }, said);
      const told = async (asked: PeopleQuery) => {
        const [yes, no] = [
          { ...asked, isExpert: true },
          { ...asked, isSelected: false },
        ];
        const isAmong = async (some: PeopleQuery) => (await idsOf(some)).flat().includes(added);
        const found = (await pageOf(asked)).find(({ rows }) => rows.some(({ id }) => id === added));
        const all = await countOf(asked);
        expect((await countOf(yes)) + (await countOf({ ...asked, isExpert: false }))).toBe(all);
        return [found?.facts.points, await isAmong(yes), await isAmong(no)];
      };
      const atOne: PeopleQuery = { ...query, siteIds: [one] };
      expect([await told(query), await told(atOne)]).toEqual([
        [0, false, true],
        [0, false, true],
      ]);
      await enrol(subject(), { siteId: two, personId: person.id, deletedAt: aDay });
      expect(await told(query)).toEqual([0, false, true]);
      await enrol(subject(), { siteId: two, personId: person.id, slot: 1 });
      expect([await told(query), await told(atOne)]).toEqual([
        [12, true, false],
        [12, true, false],
      ]);
      // At another client's sites nobody is known by it.
      expect(await told({ ...atOne, clientSiteIds: [one] })).toEqual([0, false, true]);
    });

    it('come from two hundred sites as from two', async () => {
      const { first, again, other, alone, one, two } = await setUp();
      const siteIds = [one, two, ...Array.from({ length: 198 }, (_none, index) => 2_000_000_000 + index)];
      const query: PeopleQuery = { siteIds, clientId, clientSiteIds: siteIds, issuer, audience: 'everybody' };
      expect([await idsOf(query), await countOf(query)]).toEqual([[[alone], [other], [first, again]], 3]);
      const others = { ...query, isExpert: false, isSelected: false };
      expect([await idsOf(others), await countOf(others)]).toEqual([[[alone], [other], [first, again]], 3]);
    });

    it('lose it with their person, and with the client that kept it', async () => {
      const person = await newPerson(subject());
      const { facts, persons } = subject().stores;
      const [kept, byOther] = [
        { personId: person.id, clientId },
        { personId: person.id, clientId: otherClient },
      ];
      for (const one of [kept, byOther]) await facts.save(one, { ...noFacts, points: 5 });
      await facts.removeOfClient(clientId);
      expect([await facts.of(kept), (await facts.of(byOther)).points]).toEqual([noFacts, 5]);
      await persons.remove(person.id);
      expect(await facts.of(byOther)).toEqual(noFacts);
    });

    it('lose it with their last row at the sites of the client that kept it', async () => {
      const { facts, clients, users, inOneTransaction } = subject().stores;
      const [one, two] = [await newSite(subject()), await newSite(subject())];
      const [person, other] = [await newPerson(subject()), await newPerson(subject())];
      const clientOf = (siteIds: readonly number[]) =>
        clients.add({
          ...{ name: 'Balie', key: `civ_${anId()}`, secret: 'a'.repeat(64), scopes: ['admin'] },
          ...{ siteIds, issuer, createdAt: aDay },
        });
      const [ofOne, ofBoth] = [await clientOf([one]), await clientOf([one, two])];
      for (const kept of [ofOne, ofBoth])
        for (const { id: personId } of [person, other])
          await facts.save({ personId, clientId: kept }, { ...noFacts, points: 5 });
      const points = () =>
        Promise.all(
          [person, other].flatMap(({ id: personId }) =>
            [ofOne, ofBoth].map(async (kept) => (await facts.of({ personId, clientId: kept })).points),
          ),
        );

      const third = await newSite(subject());
      await facts.removeOfPerson(person.id, { stayingAt: [two], goneFrom: [third] });
      expect(await points()).toEqual([5, 5, 5, 5]);
      const gone = { stayingAt: [two], goneFrom: [one, third] };
      const sent = await statementsOf(subject(), () => facts.removeOfPerson(person.id, gone));
      expect([await points(), sent ?? 1]).toEqual([[0, 5, 5, 5], 1]);
      const hasFacts = async () => (await inOneTransaction(() => users.person(person.id, 'locked')))?.hasFacts;
      expect(await hasFacts()).toBe(true);
      await facts.removeOfPerson(person.id, { stayingAt: [], goneFrom: 'everywhere' });
      expect([await points(), await hasFacts()]).toEqual([[0, 0, 5, 5], false]);
    });

    it('end after a time where they are told to, and are the same', async () => {
      const { query } = await setUp();
      const limited = { ...query, maxSeconds: 15 };
      const { people } = subject().stores;
      expect(await people.page(limited, 3, 0)).toEqual(await people.page(query, 3, 0));
      expect(await people.count(limited)).toBe(await people.count(query));
    });

    it('are read some at a time, as they are then: whoever has gone since they were listed is left out', async () => {
      const { query, other, first, again, alone } = await setUp();
      const { people, users, inOneTransaction } = subject().stores;
      const listed = await people.page(query, 100, 0);
      expect(listed.map(({ rowIds }) => rowIds)).toEqual([[alone], [other], [first, again]]);
      const some = listed.slice(1);
      const idsIn = async () => (await people.rowsOf(query, some)).map(({ rows }) => rows.map(({ id }) => id));
      expect(await idsIn()).toEqual([[other], [first, again]]);
      for (const id of [other, first])
        await inOneTransaction(async () => {
          const row = [...(await users.personOf(query.siteIds[id === first ? 1 : 0] ?? 0, id, 'locked'))!.rows].find(
            (one) => one.id === id,
          )!;
          await users.save([{ before: row, after: { ...row, deletedAt: aDay } }]);
        });
      expect(await idsIn()).toEqual([[again]]);
      expect(await people.rowsOf(query, [])).toEqual([]);
    });

    it('cost two statements a page, one for some of their rows, and one for their number', async () => {
      const { query } = await setUp();
      const { people } = subject().stores;
      expect((await statementsOf(subject(), () => people.page(query, 100, 0))) ?? 2).toBe(2);
      const some = await people.page(query, 100, 0);
      expect((await statementsOf(subject(), () => people.rowsOf(query, some))) ?? 1).toBe(1);
      expect((await statementsOf(subject(), () => countOf(query))) ?? 1).toBe(1);
    });
  });
};
