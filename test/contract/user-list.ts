import { roles } from '../../src/domain/actor.ts';
import { aDay, anActor } from '../support/builders.ts';
import { adminQuery, idsOf } from './list-queries.ts';
import { enrol, newPerson, newSite, useSubject, type Start } from './subject.ts';

/** Who is in a list, and how many. */
export const describeUserList = (name: string, start: Start): void => {
  describe(`users, listed by ${name}`, () => {
    const subject = useSubject(start);
    describe('who is in it', () => {
      it.each(roles)('for %s: whoever is listable to that role, and nobody else', async (role) => {
        const siteId = await newSite(subject());
        for (const listableByRole of [null, ...roles])
          await enrol(subject(), { siteId, listableByRole, lastName: listableByRole });
        const query = { ...adminQuery(siteId), role, actor: anActor() };
        const listed = await subject().stores.users.list(query);
        const expected = [null, ...roles].filter(
          (needed) => roles.indexOf(role) >= roles.indexOf(needed ?? 'moderator'),
        );
        expect(listed.map((user) => user.listableByRole)).toEqual(expected);
        expect(await subject().stores.users.count(query)).toBe(expected.length);
        expect(await subject().stores.users.countListed(query)).toBe(expected.length);
      });

      it('is always oneself, with every row of the same person there', async () => {
        const siteId = await newSite(subject());
        const person = await newPerson(subject());
        const own = await enrol(subject(), { siteId, personId: person.id, listableByRole: 'admin' });
        const further = await enrol(subject(), { siteId, personId: person.id, slot: 1 });
        await enrol(subject(), { siteId });
        const actor = anActor({ userId: own, personId: person.id });
        const query = { ...adminQuery(siteId), actor, role: 'member' as const };
        expect(idsOf(await subject().stores.users.list(query))).toEqual([own, further]);
        expect(await subject().stores.users.countListed(query)).toBe(2);
      });

      it('counts oneself once where one is listed anyhow', async () => {
        const siteId = await newSite(subject());
        const own = await enrol(subject(), { siteId, listableByRole: 'all' });
        const query = { ...adminQuery(siteId), actor: anActor({ userId: own }), role: 'member' as const };
        expect(await subject().stores.users.countListed(query)).toBe(1);
      });

      it('is nobody soft-deleted, of another site or without a site, oneself neither', async () => {
        const [siteId, elsewhere] = [await newSite(subject()), await newSite(subject())];
        const person = await newPerson(subject());
        const gone = await enrol(subject(), { siteId, personId: person.id, deletedAt: aDay });
        await enrol(subject(), { siteId: elsewhere, personId: person.id });
        await enrol(subject(), { siteId: null });
        const query = {
          ...adminQuery(siteId),
          actor: anActor({ userId: gone, personId: person.id, reach: { kind: 'everywhere', role: 'admin' } }),
        };
        expect(await subject().stores.users.list(query)).toEqual([]);
        expect(await subject().stores.users.count(query)).toBe(0);
        expect(await subject().stores.users.countListed(query)).toBe(0);
      });
    });
  });
};
