import type { AuditStore } from '../../../src/ports/audit.ts';
import type { FakeDatabase } from './state.ts';

export const fakeAuditStore = (database: FakeDatabase): AuditStore => {
  const rows = () => [...database.state.audit.values()].sort((one, other) => one.id - other.id);
  return {
    append: (added) =>
      database.write((state) => {
        for (const row of added) {
          const id = database.nextId();
          state.audit.set(id, { ...row, id });
        }
      }),
    ofOperation: async (operation) => rows().filter((row) => row.operation === operation),
    anonymizedUntold: async () => [],
    ofUser: async (siteId, userId) =>
      rows().filter((row) => row.siteId === siteId && row.userId === userId && row.disposition !== null),
  };
};
