import { RunAgain } from '../../../src/ports/unit-of-work.ts';
import type { AuditSealStore } from '../../../src/ports/audit-seals.ts';
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
    unsealed: async (_where, limit) => unsealed().slice(0, limit),
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
    unsealedBefore: async (moment, limit) => {
      const found = unsealed().filter(({ at }) => at.getTime() < moment.getTime());
      return { count: found.length, ids: found.slice(0, limit).map(({ id }) => id) };
    },
    hashOfDeed: async (deed) =>
      seals().findLast(({ auditId }) => database.state.audit.get(auditId)?.deed === deed)?.hash ?? null,
  };
};
