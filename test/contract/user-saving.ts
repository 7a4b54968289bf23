import type { UserRow } from '../../src/domain/users/user.ts';
import { aDay } from '../support/builders.ts';
import { enrol, lockedRows, newPerson, newSite, statementsOf, useSubject, type Start } from './subject.ts';

/** Writing rows: many in one statement, and only what differs. */
export const describeUserSaving = (name: string, start: Start): void => {
  describe(`users, written by ${name}`, () => {
    const subject = useSubject(start);
    const users = () => subject().stores.users;

    describe('when saved', () => {
      const rewritten = (row: UserRow, number: number): UserRow => ({
        ...row,
        firstName: number % 3 === 0 ? null : `Voor'"\\%_ ${number}`,
        email: `new${number}@example.org`,
        extraData: number % 2 === 0 ? { bio: `Bio — é ${number}`, list: [number, null, { deep: true }] } : {},
        role: number % 2 === 0 ? 'moderator' : 'anonymous',
        signedUpForNewsletter: number % 2 === 0,
        lastLogin: new Date(aDay.getTime() + 1000 * number),
        anonymizedAt: number % 4 === 0 ? aDay : null,
        updatedAt: new Date(aDay.getTime() + 5000 * number),
      });
      const rewriteAll = async (count: number): Promise<number | null> => {
        const [siteId] = [await newSite(subject())];
        const ids: number[] = [];
        for (let number = 0; number < count; number += 1) ids.push(await enrol(subject(), { siteId }));
        const { inOneTransaction } = subject().stores;
        const sent = await inOneTransaction(async () => {
          const rows = (await Promise.all(ids.map((id) => lockedRows(subject(), siteId, id)))).flat();
          const changes = rows.map((before, number) => ({ before, after: rewritten(before, number) }));
          return statementsOf(subject(), () => users().save(changes));
        });
        for (const [number, id] of ids.entries()) {
          const found = await users().find(siteId, id);
          expect(found).toEqual({ ...rewritten(found as UserRow, number), person: null });
        }
        return sent;
      };

      it('hold what was written, sixty rows with differing values in one statement, their new words by the hundred', async () => {
        // Three words of an address and at most two of a name each; a quarter of them is anonymized.
        expect((await rewriteAll(60)) ?? 5).toBeLessThanOrEqual(5);
      });

      it('change nothing when nothing differs', async () => {
        const siteId = await newSite(subject());
        const id = await enrol(subject(), { siteId });
        const before = await users().find(siteId, id);
        await subject().stores.inOneTransaction(async () => {
          const rows = await lockedRows(subject(), siteId, id);
          await users().save(rows.map((row) => ({ before: row, after: { ...row } })));
          await users().save([]);
        });
        expect(await users().find(siteId, id)).toEqual(before);
      });

      it('hold no extraData that everybody who looks would wait for, but what was there may stay and become less', async () => {
        const siteId = await newSite(subject());
        const large = (characters: number) => ({ bio: 'x'.repeat(characters) });
        const id = await enrol(subject(), { siteId });
        const save = (extraData: UserRow['extraData']) =>
          subject().stores.inOneTransaction(async () => {
            const rows = await lockedRows(subject(), siteId, id);
            await users().save(rows.map((before) => ({ before, after: { ...before, extraData } })));
          });
        await save(large(1_000_000));
        await expect(save(large(1_100_000))).rejects.toMatchObject({ code: 'invalid-values' });
        await expect(enrol(subject(), { siteId, extraData: large(1_100_000) })).rejects.toMatchObject({
          code: 'invalid-values',
        });
        expect((await users().find(siteId, id))?.extraData).toEqual(large(1_000_000));
        await save(large(3));
      });

      it('leave columns alone that did not differ', async () => {
        const siteId = await newSite(subject());
        const id = await enrol(subject(), { siteId, firstName: 'A', city: 'Delft' });
        await subject().stores.inOneTransaction(async () => {
          const [row] = await lockedRows(subject(), siteId, id);
          if (row === undefined) return;
          const stale = { ...row, city: 'Gouda' };
          await users().save([{ before: stale, after: { ...stale, firstName: 'B' } }]);
        });
        expect(await users().find(siteId, id)).toMatchObject({ firstName: 'B', city: 'Delft' });
      });

      it('or removed although gone already, run the unit again and end as busy', async () => {
        const siteId = await newSite(subject());
        const id = await enrol(subject(), { siteId });
        const row = (await users().find(siteId, id)) as UserRow;
        const { inOneTransaction } = subject().stores;
        await inOneTransaction(() => users().remove([row]));
        expect(await users().find(siteId, id)).toBeNull();
        const late = { before: row, after: { ...row, firstName: 'late' } };
        await expect(inOneTransaction(() => users().save([late]))).rejects.toMatchObject({ code: 'busy' });
        await expect(inOneTransaction(() => users().remove([row]))).rejects.toMatchObject({ code: 'busy' });
      });

      it('one after the other, twenty at once, lose no write', async () => {
        const siteId = await newSite(subject());
        const { id: personId } = await newPerson(subject());
        const id = await enrol(subject(), { siteId, personId, extraData: {} });
        const addKey = (number: number) =>
          subject().stores.inOneTransaction(async () => {
            const [row] = await lockedRows(subject(), siteId, id);
            if (row !== undefined)
              await users().save([
                { before: row, after: { ...row, extraData: { ...row.extraData, [`key${number}`]: number } } },
              ]);
          });
        await Promise.all(Array.from({ length: 20 }, (_, number) => addKey(number)));
        expect(Object.keys((await users().find(siteId, id))?.extraData ?? {})).toHaveLength(20);
      });
    });
  });
};
