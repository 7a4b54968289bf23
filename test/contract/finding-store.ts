import { enrol, newPerson, newSite, useSubject, type Start } from './subject.ts';

const aDate = new Date('2024-06-01T10:00:00.000Z');
const later = new Date('2024-06-02T10:00:00.000Z');

/** What every FindingStore does. */
export const describeFindingStore = (name: string, start: Start): void => {
  describe(`findings: ${name}`, () => {
    const subject = useSubject(start);
    const setUp = async () => {
      const siteId = await newSite(subject());
      const { id: personId } = await newPerson(subject());
      const { stores } = subject();
      await stores.persons.setFetchedAt(personId, aDate);
      return { siteId, personId, userId: await enrol(subject(), { siteId, personId }) };
    };
    const of = async (personId: number) => {
      const found = await subject().stores.findings.page(null, 1000, 0);
      return found.filter((one) => one.personId === personId);
    };

    it('are what the last check found, with the person’s live rows', async () => {
      const { findings } = subject().stores;
      const { personId, userId, siteId } = await setUp();
      await enrol(subject(), { siteId: await newSite(subject()), personId, deletedAt: aDate });
      await findings.note(personId, [{ kind: 'does-not-fit', fields: ['firstName', 'nickName'] }], aDate);
      const users = [{ id: userId, siteId }];
      expect(await of(personId)).toEqual([
        { personId, kind: 'does-not-fit', fields: ['firstName', 'nickName'], at: aDate, users },
      ]);
      await findings.note(personId, [{ kind: 'unknown-there', fields: [] }], later);
      expect(await of(personId)).toEqual([{ personId, kind: 'unknown-there', fields: [], at: later, users }]);
      const both = [
        { kind: 'differed', fields: ['id'] },
        { kind: 'does-not-fit', fields: ['firstName', 'lastName', 'streetName', 'postcode'] },
      ] as const;
      await findings.note(personId, both, later);
      expect(await of(personId)).toEqual(both.map((one) => ({ ...one, personId, at: later, users })));
      await findings.note(personId, [], later);
      expect(await of(personId)).toMatchObject([{ kind: 'differed' }]);
    });

    it('keep that rows differed until they differ again, or until it is long ago', async () => {
      const { findings } = subject().stores;
      const { personId } = await setUp();
      await findings.note(personId, [{ kind: 'differed', fields: ['city'] }], aDate);
      await findings.note(personId, [], later);
      expect(await of(personId)).toMatchObject([{ kind: 'differed', fields: ['city'], at: aDate }]);
      await findings.note(personId, [{ kind: 'differed', fields: ['role', 'email'] }], later);
      expect(await of(personId)).toMatchObject([{ kind: 'differed', fields: ['role', 'email'], at: later }]);
      await findings.forgetBefore(later);
      expect(await of(personId)).toHaveLength(1);
      await findings.forgetBefore(new Date(later.getTime() + 1));
      expect(await of(personId)).toEqual([]);
    });

    it('name whom nobody has read yet, while a row of theirs lives', async () => {
      const { id: unread } = await newPerson(subject());
      expect(await of(unread)).toEqual([]);
      await enrol(subject(), { siteId: await newSite(subject()), personId: unread });
      expect(await of(unread)).toMatchObject([{ kind: 'never-fetched', fields: [], at: null }]);
      await subject().stores.persons.setFetchedAt(unread, aDate);
      expect(await of(unread)).toEqual([]);
    });

    it('go with the person, and are not noted of who is gone', async () => {
      const { findings, persons, inOneTransaction } = subject().stores;
      const { personId } = await setUp();
      await findings.note(personId, [{ kind: 'unknown-there', fields: [] }], aDate);
      await inOneTransaction(() => persons.remove(personId));
      expect(await of(personId)).toEqual([]);
      await findings.note(personId, [{ kind: 'unknown-there', fields: [] }], aDate);
      expect(await of(personId)).toEqual([]);
    });

    it('are listed by kind, page by page, and counted', async () => {
      const { findings } = subject().stores;
      const people = [await setUp(), await setUp(), await setUp()].map(({ personId }) => personId);
      const before = await findings.counts();
      for (const id of people) await findings.note(id, [{ kind: 'unknown-there', fields: [] }], aDate);
      const listed = await findings.page('unknown-there', 1000, 0);
      expect(listed.map(({ personId }) => personId)).toEqual(expect.arrayContaining(people));
      expect(listed.every(({ kind }) => kind === 'unknown-there')).toBe(true);
      expect(await findings.page('unknown-there', 1, listed.length - 1)).toEqual(listed.slice(-1));
      const after = await findings.counts();
      expect(after.byKind['unknown-there']).toBe(before.byKind['unknown-there'] + 3);
      expect([after.people, after.oldestFetchedAt]).toEqual([before.people, aDate]);
    });
  });
};
