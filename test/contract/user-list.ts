import { roles, type Role } from '../../src/domain/role.ts';
import { ruleOf, userFieldNames, type UserField } from '../../src/domain/user-fields.ts';
import type { User, UserRow } from '../../src/domain/user.ts';
import type { Condition, ListQuery, Sort, UserStore } from '../../src/ports/user-store.ts';
import { aDay, anActor } from '../support/builders.ts';
import { enrol, newPerson, newSite, useSubject, type Start } from './subject.ts';

/** The list: who is in it, in which order, page by page, and what a filter may not tell. */
export const describeUserList = (name: string, start: Start): void => {
  describe(`users, listed by ${name}`, () => {
    const subject = useSubject(start);

    describe('pages', () => {
      let siteId = 0;
      const rowCount = 23;
      beforeAll(async () => {
        siteId = await newSite(subject());
        for (let number = 0; number < rowCount; number += 1)
          await enrol(subject(), variedRow(siteId, number, (await newPerson(subject())).id));
      });

      const sortable = userFieldNames.filter((field) => ruleOf(field).query);
      const sorts = sortable.flatMap((field) => (['ASC', 'DESC'] as const).map((direction) => ({ field, direction })));
      it.each(sorts)('by $field $direction hold everybody once, in the order of the whole list', async (sort) => {
        const query = adminQuery(siteId, { sort });
        const whole = await subject().stores.users.list({ ...query, limit: 1000 });
        const walked = await walk(subject().stores.users, { ...query, limit: 3 });
        expect(whole).toHaveLength(rowCount);
        expect(idsOf(walked)).toEqual(idsOf(whole));
        expect(new Set(idsOf(walked)).size).toBe(rowCount);
      });

      it.each(sorts)(
        'by $field $direction have nulls together at the low end, and equal values together',
        async (sort) => {
          const { users } = subject().stores;
          const query = adminQuery(siteId, { sort });
          const whole = await users.list({ ...query, limit: 1000 });
          const values = whole.map((user) => JSON.stringify(users.positionOf(user, query).value).toLowerCase());
          const runs = values.filter((value, index) => value !== values[index - 1]);
          expect(runs).toHaveLength(new Set(values).size);
          if (values.includes('null'))
            expect(runs.indexOf('null')).toBe(sort.direction === 'ASC' ? 0 : runs.length - 1);
        },
      );

      it('sorted by text do not mind capitals', async () => {
        const query = adminQuery(siteId, { sort: { field: 'lastName', direction: 'ASC' } });
        const whole = await subject().stores.users.list({ ...query, limit: 1000 });
        const names = whole.flatMap(({ lastName }) => (lastName === null ? [] : [lastName.toLowerCase()]));
        expect(names).toEqual([...names].sort());
      });

      it('by offset continue the same order', async () => {
        const query = adminQuery(siteId, { sort: { field: 'city', direction: 'DESC' } });
        const whole = await subject().stores.users.list({ ...query, limit: 1000 });
        const page = await subject().stores.users.list({ ...query, limit: 5, offset: 20 });
        expect(idsOf(page)).toEqual(idsOf(whole).slice(20));
      });

      it('beyond the end are empty', async () => {
        expect(await subject().stores.users.list(adminQuery(siteId, { limit: 5, offset: 500 }))).toEqual([]);
      });

      it('ask one statement each, whatever their size', async () => {
        const before = subject().statements();
        await subject().stores.users.list(adminQuery(siteId, { limit: 20 }));
        const after = subject().statements();
        expect(before === null || after === null ? 1 : after - before).toBe(1);
      });
    });

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
          actor: anActor({ userId: gone, personId: person.id, roleEverywhere: 'admin' }),
        };
        expect(await subject().stores.users.list(query)).toEqual([]);
        expect(await subject().stores.users.count(query)).toBe(0);
        expect(await subject().stores.users.countListed(query)).toBe(0);
      });
    });

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

const idsOf = (users: readonly User[]): readonly number[] => users.map(({ id }) => id);

const adminQuery = (siteId: number, said: Partial<ListQuery> = {}): ListQuery => ({
  siteId,
  actor: anActor({ userId: 0, roleEverywhere: 'admin' }),
  role: 'admin',
  conditions: [],
  sort: { field: 'id', direction: 'ASC' } satisfies Sort,
  limit: 100,
  ...said,
});

const walk = async (users: UserStore, query: ListQuery): Promise<readonly User[]> => {
  const page = await users.list(query);
  const last = page.at(-1);
  if (last === undefined) return [];
  // Through JSON, as a cursor goes.
  const after = JSON.parse(JSON.stringify(users.positionOf(last, query))) as ListQuery['after'];
  return [...page, ...(await walk(users, { ...query, ...(after === undefined ? {} : { after }) }))];
};
const pick = <T>(values: readonly T[], number: number): T => values[number % values.length] as T;
const nameOf = (number: number): string | null =>
  pick([null, 'Bakker', 'aarts', 'Visser', null, 'bakker', 'Jansen'], number);
const roleOf = (number: number): Role | null =>
  pick([null, 'admin', 'all', 'editor', 'member', null, 'moderator'], number);

/** Every field has nulls, equal values and different ones. */
const variedRow = (siteId: number, number: number, personId: number): Partial<Omit<UserRow, 'id'>> => ({
  siteId,
  personId: number % 5 === 0 ? null : personId,
  role: pick(['member', 'admin', 'editor', 'moderator', 'anonymous'] as const, number),
  complete: number % 3 === 0,
  email: number % 4 === 0 ? null : `u${number % 7}@example.org`,
  nickName: nameOf(number + 1),
  firstName: nameOf(number + 2),
  lastName: nameOf(number),
  listableByRole: roleOf(number),
  detailsViewableByRole: roleOf(number + 3),
  phoneNumber: number % 2 === 0 ? null : `06-${number % 5}`,
  streetName: nameOf(number + 4),
  houseNumber: pick([null, '1', '10', '2', '2a'], number),
  postcode: pick([null, '1000 AA', '9999 ZZ'], number),
  city: nameOf(number + 5),
  suffix: pick([null, 'a', 'B'], number),
  gender: pick([null, 'male', 'female'] as const, number),
  signedUpForNewsletter: pick([null, true, false], number),
  lastLogin: new Date(aDay.getTime() + 1000 * (number % 4)),
  isNotifiedAboutAnonymization: number % 3 === 0 ? null : new Date(aDay.getTime() + 86_400_000 * (number % 2)),
  anonymizedAt: number % 3 === 1 ? null : new Date(aDay.getTime() - 1000 * (number % 6)),
  createdAt: new Date(aDay.getTime() + 60_000 * (number % 9)),
  updatedAt: new Date(aDay.getTime() - 60_000 * (number % 9)),
});
