import type { AuditStore } from '../../../src/ports/audit.ts';
import type { FakeDatabase } from './state.ts';

const blank = { actorId: null, actorKind: null, siteId: null, userId: null, fate: null, digest: null };

export const fakeAuditStore = (database: FakeDatabase): AuditStore => {
  const rows = () => [...database.state.audit.values()].sort((one, other) => one.id - other.id);
  return {
    append: (entries) =>
      database.write((state) => {
        for (const entry of entries) {
          const counts = 'counts' in entry ? JSON.stringify(entry.counts) : null;
          const id = database.nextId();
          state.audit.set(id, { ...blank, ...entry, id, counts });
        }
      }),
    ofDeed: async (deed) => rows().filter((row) => row.deed === deed),
    ofUser: async (siteId, userId) => rows().filter((row) => row.siteId === siteId && row.userId === userId),
  };
};
