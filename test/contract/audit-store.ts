import { aDay } from '../support/builders.ts';
import type { NewAuditRow } from '../../src/ports/audit.ts';
import { statementsOf, useSubject, type Start } from './subject.ts';

const aRow = (said: Partial<NewAuditRow> = {}): NewAuditRow => ({
  at: new Date(aDay.getTime() + 123),
  call: 'do-anonymizeall',
  operation: 'a'.repeat(43),
  actorId: 5,
  actorKind: 'staff',
  actorName: null,
  siteId: 1,
  userId: 7,
  disposition: 'anonymized',
  counts: '{"votes":{"keep":0,"anonymize":1,"remove":2}}',
  digest: 'digest',
  oauth: 'remove',
  reason: 'Zaak#12/a_b.c-d',
  withheld: true,
  told: false,
  shown: true,
  rank: 1,
  rowCount: 3,
  listedAt: aDay,
  mac: 'v1.key.mac',
  ...said,
});

/** What every AuditStore does. */
export const describeAudit = (name: string, start: Start): void => {
  describe(`the audit: ${name}`, () => {
    const subject = useSubject(start);
    const audit = () => subject().stores.audit;

    it('gives back what was appended, to the millisecond, in the order of its ids', async () => {
      const operation = 'b'.repeat(43);
      const blank = { actorId: null, actorKind: null, siteId: null, userId: null, disposition: null, counts: null };
      const outcome = aRow({
        operation,
        ...blank,
        call: 'oauth-removal',
        digest: null,
        reason: null,
        withheld: null,
        told: null,
        shown: null,
        rank: null,
        rowCount: null,
        listedAt: null,
      });
      const others = aRow({
        ...{ operation, siteId: null, userId: 8, actorId: null, digest: '', counts: '{}', reason: '' },
        ...{ actorKind: 'cli', actorName: 'cli:root' },
      });
      await audit().append([aRow({ operation }), others]);
      await audit().append([outcome]);

      const rows = await audit().ofOperation(operation);

      expect(rows).toEqual([aRow({ operation }), others, outcome].map((row) => ({ ...row, id: expect.any(Number) })));
      expect(rows.map(({ id }) => id)).toEqual(rows.map(({ id }) => id).sort((one, other) => one - other));
    });

    it('tells operations apart byte by byte', async () => {
      await audit().append([aRow({ operation: 'cC' })]);
      expect(await audit().ofOperation('cc')).toEqual([]);
    });

    it('finds a user row at its own site, and at no other', async () => {
      await audit().append([aRow({ siteId: 3, userId: 33 }), aRow({ siteId: 4, userId: 34 })]);
      expect(await audit().ofUser(3, 33)).toMatchObject([{ siteId: 3, userId: 33 }]);
      expect(await audit().ofUser(4, 33)).toEqual([]);
    });

    it('finds what was done to a user row, however often it was looked at', async () => {
      const look = aRow({ siteId: 5, userId: 35, call: 'export', disposition: null, oauth: 'nothing' });
      await audit().append([look, aRow({ siteId: 5, userId: 35 }), look]);
      expect(await audit().ofUser(5, 35)).toMatchObject([{ disposition: 'anonymized' }]);
    });

    it('finds the newest rows of some user rows, be they of no site', async () => {
      const row = (siteId: number | null, userId: number, operation: string) => aRow({ siteId, userId, operation });
      await audit().append([
        row(8, 81, 'n1'),
        row(8, 81, 'n2'),
        row(8, 81, 'n3'),
        row(null, 82, 'n4'),
        row(9, 81, 'n5'),
      ]);
      const users = [
        { siteId: 8, userId: 81 },
        { siteId: null, userId: 82 },
        { siteId: 8, userId: 82 },
      ];
      const found = await audit().newestOf(users, 2);
      expect(found.map(({ operation }) => operation).sort()).toEqual(['n2', 'n3', 'n4']);
      expect(await audit().newestOf([], 2)).toEqual([]);
    });

    it('lists rows of users by the moment, newest first, from a place on and within a period', async () => {
      const at = (seconds: number) => new Date(Date.UTC(2031, 0, 1, 0, 0, seconds));
      const rows = [3, 1, 2, 2].map((seconds, index) => aRow({ at: at(seconds), userId: 50 + index, siteId: 6 }));
      await audit().append([...rows, aRow({ at: at(4), rank: null, siteId: null, userId: null, listedAt: null })]);
      const all = { siteIds: 'all', from: at(0), before: at(9), after: null, withLooks: true, limit: 9 } as const;
      const ids = async (query: Parameters<ReturnType<typeof audit>['page']>[0]) =>
        (await audit().page(query)).map(({ userId }) => userId);

      const listed = await audit().page(all);

      expect(listed.map(({ userId }) => userId)).toEqual([50, 53, 52, 51]);
      const [, second] = listed;
      const after = { moment: at(2), userId: 53, id: second?.id ?? 0 };
      expect(await ids({ ...all, after })).toEqual([52, 51]);
      expect(await ids({ ...all, after, limit: 1 })).toEqual([52]);
      expect(await ids({ ...all, from: at(2), before: at(3) })).toEqual([53, 52]);
    });

    it('lists rows of some sites by the moment that is told there, then by user, then by id', async () => {
      const [day, hour] = [new Date(Date.UTC(2032, 0, 1)), new Date(Date.UTC(2032, 0, 1, 1))];
      const row = (siteId: number, userId: number, listedAt: Date) => aRow({ siteId, userId, listedAt });
      await audit().append([
        row(61, 4, day),
        row(61, 2, day),
        row(62, 3, day),
        row(61, 1, hour),
        row(63, 9, hour),
        row(61, 2, day),
      ]);
      const query = { siteIds: [61, 62], from: null, before: null, after: null, withLooks: true, limit: 9 } as const;

      const listed = await audit().page(query);

      expect(listed.map(({ userId }) => userId)).toEqual([1, 4, 3, 2, 2]);
      expect(listed.at(-1)?.id).toBeLessThan(listed.at(-2)?.id ?? 0);
      for (const [index, { listedAt, userId, id }] of listed.entries()) {
        const after = { moment: listedAt ?? day, userId: userId ?? 0, id };
        const rest = await audit().page({ ...query, after });
        expect(rest.map((one) => one.id)).toEqual(listed.slice(index + 1).map((one) => one.id));
      }
      expect(await statementsOf(subject(), () => audit().page(query))).toBe(subject().statements() === null ? null : 1);
    });

    it('lists what was done without the looks in between, in the same order', async () => {
      const at = (seconds: number) => new Date(Date.UTC(2033, 0, 1, 0, 0, seconds));
      const done = (seconds: number, userId: number, disposition: string | null) =>
        aRow({ at: at(seconds), listedAt: at(seconds), siteId: 64, userId, disposition });
      const looks = Array.from({ length: 20 }, (_none, index) => done(5, 90 + index, null));
      await audit().append([
        ...[done(1, 71, 'anonymized'), done(3, 72, 'deleted'), done(2, 73, 'anonymized'), done(6, 74, 'deleted')],
        ...looks,
      ]);
      const place = { from: at(0), before: at(9), after: null, withLooks: false, limit: 3 } as const;
      for (const siteIds of ['all', [64]] as const) {
        const listed = await audit().page({ ...place, siteIds });
        expect(listed.map(({ userId }) => userId)).toEqual([74, 72, 73]);
        const [first] = listed;
        const after = { moment: first?.at ?? at(9), userId: first?.userId ?? 0, id: first?.id ?? 0 };
        const rest = await audit().page({ ...place, siteIds, after });
        expect(rest.map(({ userId }) => userId)).toEqual([72, 73, 71]);
        expect(await statementsOf(subject(), () => audit().page({ ...place, siteIds, after }))).toBe(
          subject().statements() === null ? null : 1,
        );
      }
    });

    it('gives the rows of several calls in one statement', async () => {
      await audit().append([aRow({ operation: 'g1' }), aRow({ operation: 'g2' }), aRow({ operation: 'g3' })]);
      expect((await audit().ofOperations(['g1', 'g3'])).map(({ operation }) => operation)).toEqual(['g1', 'g3']);
      expect(await audit().ofOperations([])).toEqual([]);
    });

    it('takes one statement, whatever the number of rows, and none for nothing', async () => {
      const rows = Array.from({ length: 9 }, (_, index) => aRow({ userId: 100 + index }));
      expect(await statementsOf(subject(), () => audit().append(rows))).toBe(
        subject().statements() === null ? null : 1,
      );
      expect(await statementsOf(subject(), () => audit().append([]))).toBe(subject().statements() === null ? null : 0);
    });

    it('goes with the transaction that it is written in', async () => {
      const operation = 'd'.repeat(43);
      const failing = subject().stores.inOneTransaction(async () => {
        await audit().append([aRow({ operation })]);
        throw new Error('the deed failed');
      });
      await expect(failing).rejects.toThrow('the deed failed');
      expect(await audit().ofOperation(operation)).toEqual([]);
    });
  });
};
