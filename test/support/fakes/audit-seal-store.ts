import type { AuditRow } from '../../../src/ports/audit.ts';
import { RunAgain } from '../../../src/ports/unit-of-work.ts';
import type { AuditSealStore } from '../../../src/ports/audit.ts';
import type { FakeDatabase } from './state.ts';

export const fakeAuditSealStore = (database: FakeDatabase): AuditSealStore => {
  const seals = () => [...database.state.auditSeals.values()].sort((one, other) => one.seq - other.seq);
  const unsealed = () =>
    [...database.state.audit.values()]
      .filter(({ id }) => !seals().some(({ auditId }) => auditId === id))
      .sort((one, other) => one.id - other.id);
  return {
    head: async () => seals().at(-1) ?? null,
    at: async (seq) => database.state.auditSeals.get(seq) ?? null,
    unsealed: async (_where, behind, limit) =>
      unsealed()
        .filter(({ id }) => id > (behind ?? -Infinity))
        .slice(0, limit),
    add: (added) =>
      database.write((state) => {
        const taken = (seq: number, auditId: number) =>
          state.auditSeals.has(seq) || [...state.auditSeals.values()].some((seal) => seal.auditId === auditId);
        for (const seal of added) {
          if (taken(seal.seq, seal.auditId)) throw new RunAgain('somebody else sealed');
          state.auditSeals.set(seal.seq, seal);
        }
      }),
    after: async (seq, limit) =>
      seals()
        .filter((seal) => seal.seq > seq)
        .slice(0, limit)
        .map((seal) => ({ ...seal, row: database.state.audit.get(seal.auditId) ?? null })),
    byOperation: async (behind, limit) =>
      [...database.state.audit.values()]
        .map((row) => ({ ...row, isSealed: seals().some(({ auditId }) => auditId === row.id) }))
        .filter((row) => behind === null || inOrder(behind, row) < 0)
        .sort(inOrder)
        .slice(0, limit),
    lastOf: async (auditIds) => {
      const seal = seals().findLast(({ auditId }) => auditIds.includes(auditId));
      return seal === undefined ? null : { seal, before: database.state.auditSeals.get(seal.seq - 1)?.hash ?? null };
    },
  };
};

const inOrder = (one: Pick<AuditRow, 'operation' | 'id'>, other: Pick<AuditRow, 'operation' | 'id'>): number =>
  one.operation === other.operation ? one.id - other.id : one.operation < other.operation ? -1 : 1;
