import type { UserField } from '../../src/domain/users/user-fields.ts';
import type { Condition, ListQuery } from '../../src/ports/user-store.ts';
import { anActor } from '../support/builders.ts';
import { adminQuery, idsOf, walk } from './list-queries.ts';
import { enrol, newPerson, newSite, useSubject, type Start } from './subject.ts';

/** What a filter finds, and what it may not tell. */
export const describeUserFilters = (name: string, start: Start): void => {
  describe(`users, filtered by ${name}`, () => {
    const subject = useSubject(start);
    describe('a filter', () => {
      const findNames = async (siteId: number, ...conditions: Condition[]): Promise<readonly (string | null)[]> => {
        const query = adminQuery(siteId, { conditions });
        const found = await subject().stores.users.list(query);
        expect(await subject().stores.users.count(query)).toBe(found.length);
        return found.map((user) => user.firstName);
      };
      const condition = (field: UserField, is: Condition['is'], ...values: Condition['values']): Condition => ({
        field,
        is,
        values,
      });

      it('for text compares without case and takes signs as they are', async () => {
        const siteId = await newSite(subject());
        for (const firstName of ['a%b', 'a_b', 'axb', 'a\\b', "O'Neil", 'Jansen & Zn', '?', ':name', '$1'])
          await enrol(subject(), { siteId, firstName });
        expect(await findNames(siteId, condition('firstName', 'containing', '%'))).toEqual(['a%b']);
        expect(await findNames(siteId, condition('firstName', 'containing', '_'))).toEqual(['a_b']);
        expect(await findNames(siteId, condition('firstName', 'containing', '\\'))).toEqual(['a\\b']);
        expect(await findNames(siteId, condition('firstName', 'containing', '\0'))).toEqual([]);
        expect(await findNames(siteId, condition('firstName', 'containing', 'a\0z'))).toEqual([]);
        expect(await findNames(siteId, condition('firstName', 'containing', 'NEIL'))).toEqual(["O'Neil"]);
        expect(await findNames(siteId, condition('firstName', 'equal', 'AXB'))).toEqual(['axb']);
        expect(await findNames(siteId, condition('firstName', 'one-of', '?', ':name', '$1'))).toEqual([
          '?',
          ':name',
          '$1',
        ]);
        expect(await findNames(siteId, condition('firstName', 'equal', "' OR 1=1 -- "))).toEqual([]);
      });

      it('for a value finds it in every kind of column', async () => {
        const siteId = await newSite(subject());
        const person = await newPerson(subject(), '90210');
        const later = new Date('2024-02-03T04:05:06.000Z');
        const id = await enrol(subject(), {
          siteId,
          firstName: 'it',
          personId: person.id,
          role: 'editor',
          signedUpForNewsletter: true,
          lastLogin: later,
          gender: 'female',
        });
        await enrol(subject(), { siteId, firstName: 'not', complete: false, signedUpForNewsletter: false });
        for (const one of [
          condition('id', 'equal', id),
          condition('role', 'equal', 'editor'),
          condition('complete', 'equal', true),
          condition('signedUpForNewsletter', 'one-of', true),
          condition('lastLogin', 'equal', later.toISOString()),
          condition('gender', 'equal', 'female'),
          condition('externalUserId', 'equal', 90210),
          condition('externalUserId', 'equal', '90210'),
        ])
          expect([one.field, await findNames(siteId, one)]).toEqual([one.field, ['it']]);
      });

      it('for something different includes who has nothing', async () => {
        const siteId = await newSite(subject());
        await enrol(subject(), { siteId, firstName: 'x', city: 'Delft' });
        await enrol(subject(), { siteId, firstName: 'y', city: 'Gouda' });
        await enrol(subject(), { siteId, firstName: 'z' });
        expect(await findNames(siteId, condition('city', 'different', 'Delft'))).toEqual(['y', 'z']);
        expect(await findNames(siteId, condition('city', 'equal', null))).toEqual(['z']);
        expect(await findNames(siteId, condition('city', 'different', null))).toEqual(['x', 'y']);
        expect(await findNames(siteId, condition('city', 'one-of', null, 'Gouda'))).toEqual(['y', 'z']);
        expect(await findNames(siteId, condition('city', 'one-of'))).toEqual([]);
        expect(
          await findNames(siteId, condition('city', 'containing', 'd'), condition('firstName', 'equal', 'y')),
        ).toEqual(['y']);
      });
    });

    describe('somebody whose details the actor may not see', () => {
      const moderator = { role: 'moderator' as const };
      const setUp = async () => {
        const siteId = await newSite(subject());
        const own = await enrol(subject(), { siteId, lastName: 'Secret', detailsViewableByRole: 'admin' });
        const hidden = await enrol(subject(), { siteId, lastName: 'Secret', detailsViewableByRole: 'editor' });
        const open = await enrol(subject(), { siteId, lastName: 'Aarts' });
        const shared = await enrol(subject(), { siteId, lastName: 'Zwart', detailsViewableByRole: 'member' });
        const actor = anActor({ userId: own, roles: { [siteId]: 'moderator' } });
        const query = (said: Partial<ListQuery> = {}): ListQuery => ({
          ...adminQuery(siteId, said),
          actor,
          ...moderator,
        });
        return { own, hidden, open, shared, query };
      };
      const lastName = (is: Condition['is'], ...values: Condition['values']): Condition => ({
        field: 'lastName',
        is,
        values,
      });

      it('counts as null in filters and totals', async () => {
        const { own, hidden, open, shared, query } = await setUp();
        const { users } = subject().stores;
        const cases: readonly (readonly [Condition, readonly number[]])[] = [
          [lastName('equal', 'Secret'), [own]],
          [lastName('containing', 'ecre'), [own]],
          [lastName('one-of', 'Secret', 'Aarts'), [own, open]],
          [lastName('different', 'Secret'), [hidden, open, shared]],
          [lastName('equal', null), [hidden]],
          [{ field: 'detailsViewableByRole', is: 'equal', values: ['editor'] }, []],
          [{ field: 'role', is: 'equal', values: ['member'] }, [own, open, shared]],
        ];
        for (const [condition, ids] of cases) {
          expect(idsOf(await users.list(query({ conditions: [condition] })))).toEqual(ids);
          expect(await users.count(query({ conditions: [condition] }))).toBe(ids.length);
        }
      });

      it('sorts as null, and a cursor does not hold the value', async () => {
        const { own, hidden, open, shared, query } = await setUp();
        const { users } = subject().stores;
        const sorted = query({ sort: { field: 'lastName', direction: 'ASC' }, limit: 1 });
        const walked = await walk(subject().stores.users, sorted);
        expect(idsOf(walked)).toEqual([hidden, open, own, shared]);
        expect(walked.map((user) => users.positionOf(user, sorted).value)).toEqual([null, 'Aarts', 'Secret', 'Zwart']);
      });

      it('is found by what everybody may see', async () => {
        const { hidden, query } = await setUp();
        const found = await subject().stores.users.list(
          query({ conditions: [{ field: 'id', is: 'equal', values: [hidden] }] }),
        );
        expect(idsOf(found)).toEqual([hidden]);
      });
    });
  });
};
