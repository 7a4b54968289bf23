import { RunAgain } from '../../src/ports/unit-of-work.ts';
import type { Seal } from '../../src/ports/audit.ts';
import { anAuditRow } from '../support/builders.ts';
import { useSubject, type Start } from './subject.ts';

/** What every AuditSealStore does. One use case, told in order: there is one chain in a database. */
export const describeAuditSeals = (name: string, start: Start): void => {
  describe(`the seals of the audit: ${name}`, () => {
    const subject = useSubject(start);
    const seals = () => subject().stores.auditSeals;
    const append = (operation: string) => subject().stores.audit.append([anAuditRow({ operation })]);
    const sealOf = (seq: number, auditId: number): Seal => ({
      seq,
      auditId,
      rowHash: `row ${seq}`,
      hash: `hash ${seq}`,
    });
    const unsealedIds = async () => (await seals().unsealed('recent', null, 10)).map(({ id }) => id);

    it('are none at first, and everything is unsealed', async () => {
      await append('one');
      await append('two');
      expect(await seals().head()).toBeNull();
      expect(await seals().unsealed('recent', null, 10)).toMatchObject([{ operation: 'one' }, { operation: 'two' }]);
      expect(await seals().unsealed('all', null, 1)).toMatchObject([{ operation: 'one' }]);
      expect(await seals().lastOf(await unsealedIds())).toBeNull();
    });

    it('leave what they do not cover unsealed, also where it stands before them', async () => {
      const [one = 0, two = 0] = await unsealedIds();
      await seals().add([sealOf(1, two)]);
      expect(await unsealedIds()).toEqual([one]);
      expect(await seals().head()).toEqual(sealOf(1, two));
      expect(await seals().at(1)).toEqual(sealOf(1, two));
      expect(await seals().at(2)).toBeNull();
      expect(await seals().lastOf([one, two])).toEqual({ seal: sealOf(1, two), before: null });
    });

    it('are walked in order, with their rows', async () => {
      const [one] = await seals().unsealed('all', null, 10);
      await seals().add([sealOf(2, one?.id ?? 0)]);
      expect(await seals().after(0, 10)).toMatchObject([
        { seq: 1, row: { operation: 'two' } },
        { seq: 2, row: { operation: 'one' } },
      ]);
      expect(await seals().after(1, 10)).toMatchObject([{ seq: 2 }]);
      expect(await seals().after(0, 1)).toMatchObject([{ seq: 1 }]);
    });

    it('take no place and no row twice', async () => {
      await append('three');
      const [three = 0] = await unsealedIds();
      const [sealed] = await seals().after(0, 1);
      await expect(seals().add([sealOf(2, three)])).rejects.toThrow(RunAgain);
      await expect(seals().add([sealOf(3, sealed?.auditId ?? 0)])).rejects.toThrow(RunAgain);
      expect(await seals().head()).toMatchObject({ seq: 2 });
      expect(await unsealedIds()).toEqual([three]);
    });

    it('name the hash before the last of some rows', async () => {
      const [first, second] = await seals().after(0, 2);
      expect(await seals().lastOf([second!.auditId])).toEqual({ seal: sealOf(2, second!.auditId), before: 'hash 1' });
      expect(await seals().lastOf([first!.auditId, second!.auditId])).toMatchObject({ before: 'hash 1' });
    });

    it('are told beside the rows, call by call, page by page', async () => {
      await append('one');
      const all = await seals().byOperation(null, 10);
      expect(all.map(({ operation, isSealed }) => [operation, isSealed])).toEqual([
        ['one', true],
        ['one', false],
        ['three', false],
        ['two', true],
      ]);
      expect(all[0]!.id).toBeLessThan(all[1]!.id);
      for (const [index, row] of all.entries()) {
        expect((await seals().byOperation(row, 1)).map(({ id }) => id)).toEqual(
          all.slice(index + 1, index + 2).map(({ id }) => id),
        );
      }
    });

    it('are missed by rows behind a given one only, where that is asked for', async () => {
      const [three = 0, one = 0] = await unsealedIds();
      expect((await seals().unsealed('all', three, 10)).map(({ id }) => id)).toEqual([one]);
    });
  });
};
