import { RunAgain } from '../../src/ports/unit-of-work.ts';
import type { Seal } from '../../src/ports/audit-seals.ts';
import { aDay } from '../support/builders.ts';
import { useSubject, type Start } from './subject.ts';

/** What every AuditSealStore does. One story, told in order: there is one chain in a database. */
export const describeAuditSeals = (name: string, start: Start): void => {
  describe(`the seals of the audit: ${name}`, () => {
    const subject = useSubject(start);
    const seals = () => subject().stores.auditSeals;
    const append = (deed: string) =>
      subject().stores.audit.append([{ at: aDay, call: 'oauth-removal', deed, oauth: 'done' }]);
    const sealOf = (seq: number, auditId: number): Seal => ({
      seq,
      auditId,
      rowHash: `row ${seq}`,
      hash: `hash ${seq}`,
    });
    const unsealedIds = async () => (await seals().unsealed('recent', 10)).map(({ id }) => id);

    it('are none at first, and everything is unsealed', async () => {
      await append('one');
      await append('two');
      expect(await seals().head()).toBeNull();
      expect(await seals().unsealed('recent', 10)).toMatchObject([{ deed: 'one' }, { deed: 'two' }]);
      expect(await seals().unsealed('all', 1)).toMatchObject([{ deed: 'one' }]);
      expect(await seals().hashOfDeed('one')).toBeNull();
    });

    it('leave what they do not cover unsealed, also where it stands before them', async () => {
      const [one = 0, two = 0] = await unsealedIds();
      await seals().add([sealOf(1, two)]);
      expect(await unsealedIds()).toEqual([one]);
      expect(await seals().head()).toEqual(sealOf(1, two));
      expect(await seals().at(1)).toEqual(sealOf(1, two));
      expect(await seals().at(2)).toBeNull();
      expect(await seals().hashOfDeed('two')).toBe('hash 1');
    });

    it('are walked in order, with their rows', async () => {
      const [one] = await seals().unsealed('all', 10);
      await seals().add([sealOf(2, one?.id ?? 0)]);
      expect(await seals().after(0, 10)).toMatchObject([
        { seq: 1, row: { deed: 'two' } },
        { seq: 2, row: { deed: 'one' } },
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

    it('say what has waited for one since before a moment', async () => {
      const [three = 0] = await unsealedIds();
      expect(await seals().unsealedBefore(new Date(aDay.getTime() + 1), 10)).toEqual({ count: 1, ids: [three] });
      expect(await seals().unsealedBefore(aDay, 10)).toEqual({ count: 0, ids: [] });
    });
  });
};
