import { roles } from '../../src/domain/actor.ts';
import type { UserRow } from '../../src/domain/users/user.ts';
import { aDay, anActor, aNewRow } from '../support/builders.ts';
import { enrol, lockedRows, newPerson, newSite, useSubject, type Start } from './subject.ts';

/** The counters of lists are written with the rows and never differ from a recount. */
export const describeUserCounters = (name: string, start: Start): void => {
  describe(`users, counted by ${name}`, () => {
    const subject = useSubject(start);
    const users = () => subject().stores.users;

    describe('and their counters', () => {
      const mustEqualRecount = async (siteId: number): Promise<void> => {
        for (const role of roles) {
          const query = {
            siteId,
            actor: anActor(),
            role,
            conditions: [],
            sort: { field: 'id', direction: 'ASC' },
            limit: 1,
          } as const;
          expect([role, await users().countListed(query)]).toEqual([role, await users().count(query)]);
        }
      };
      const changeRow = (siteId: number, id: number, change: Partial<UserRow>): Promise<void> =>
        subject().stores.inOneTransaction(async () => {
          const rows = await lockedRows(subject(), siteId, id);
          await users().save(
            rows.filter((row) => row.id === id).map((before) => ({ before, after: { ...before, ...change } })),
          );
        });

      it('equal a recount after every kind of write', async () => {
        const siteId = await newSite(subject());
        const ids: number[] = [];
        for (const listableByRole of [null, 'all', 'all', 'member', 'admin', null] as const)
          ids.push(await enrol(subject(), { siteId, listableByRole }));
        const [first = 0, second = 0, third = 0, fourth = 0] = ids;
        await enrol(subject(), { siteId, listableByRole: 'all', deletedAt: aDay });
        await enrol(subject(), { siteId: null, listableByRole: 'all' });
        await mustEqualRecount(siteId);
        await changeRow(siteId, first, { listableByRole: 'all' });
        await mustEqualRecount(siteId);
        await changeRow(siteId, second, { listableByRole: null, firstName: 'x' });
        await mustEqualRecount(siteId);
        await changeRow(siteId, third, { deletedAt: aDay });
        await mustEqualRecount(siteId);
        await subject().stores.inOneTransaction(async () =>
          users().remove(await lockedRows(subject(), siteId, fourth)),
        );
        await mustEqualRecount(siteId);
      });

      it('follow somebody who comes back', async () => {
        const siteId = await newSite(subject());
        const { id: personId } = await newPerson(subject());
        await enrol(subject(), { siteId, personId, listableByRole: 'all', deletedAt: aDay });
        await subject().stores.inOneTransaction(async () => {
          const rows = (await users().person(personId, 'locked'))?.rows ?? [];
          await users().save(rows.map((before) => ({ before, after: { ...before, deletedAt: null } })));
        });
        await mustEqualRecount(siteId);
        expect(
          await users().countListed({
            siteId,
            actor: anActor(),
            role: 'all',
            conditions: [],
            sort: { field: 'id', direction: 'ASC' },
            limit: 1,
          }),
        ).toBe(1);
      });

      it('equal a recount after many writes at once, some of them undone', async () => {
        const siteId = await newSite(subject());
        const write = (number: number) =>
          subject().stores.inOneTransaction(async () => {
            await users().insert(aNewRow({ siteId, listableByRole: number % 2 === 0 ? 'all' : null }));
            if (number % 3 === 0) throw new Error('undone');
          });
        const done = await Promise.allSettled(Array.from({ length: 18 }, (_, number) => write(number)));
        expect(done.filter((one) => one.status === 'fulfilled')).toHaveLength(12);
        await mustEqualRecount(siteId);
      });
    });
  });
};
