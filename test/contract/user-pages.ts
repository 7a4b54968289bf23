import type { Role } from '../../src/domain/actor.ts';
import { ruleOf, userFieldNames } from '../../src/domain/users/user-fields.ts';
import type { UserRow } from '../../src/domain/users/user.ts';
import { aDay } from '../support/builders.ts';
import { adminQuery, idsOf, walk } from './list-queries.ts';
import { enrol, newPerson, newSite, useSubject, type Start } from './subject.ts';

/** Pages by keyset: everybody once, in one order, whatever the sort holds. */
export const describeUserPages = (name: string, start: Start): void => {
  describe(`users, paged by ${name}`, () => {
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

      it.each(sorts)('by $field $direction and offset continue it', async (sort) => {
        const query = adminQuery(siteId, { sort });
        const rows = await subject().stores.users.list({ ...query, limit: 1000 });
        const whole = idsOf(rows);
        const positions = rows.map((row) => subject().stores.users.positionOf(row, query));
        for (const offset of [0, 7, rowCount - 2]) {
          const part = { ...query, limit: 5, offset };
          expect(idsOf(await subject().stores.users.list(part))).toEqual(whole.slice(offset, offset + 5));
          expect(await subject().stores.users.positionsIn(part)).toEqual(positions.slice(offset, offset + 5));
        }
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
  });
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
