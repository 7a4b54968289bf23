import type { AuditPosition, AuditQuery, AuditRow, AuditStore } from '../../../src/ports/audit.ts';
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
    ofOperations: async (operations) => rows().filter((row) => operations.includes(row.operation)),
    page: async ({ siteIds, from, before, after, withLooks, limit }) => {
      const momentOf = (row: AuditRow) => (siteIds === 'all' ? row.at : (row.listedAt ?? row.at));
      const isBehind = (row: AuditRow) => after === null || inOrder(siteIds, positionOf(row), after) > 0;
      const positionOf = (row: AuditRow) => ({ moment: momentOf(row), userId: row.userId ?? 0, id: row.id });
      return rows()
        .filter((row) => row.rank !== null && (siteIds === 'all' || siteIds.includes(row.siteId ?? 0)))
        .filter((row) => (from === null || momentOf(row) >= from) && (before === null || momentOf(row) < before))
        .filter((row) => withLooks || row.disposition !== null)
        .filter(isBehind)
        .sort((one, other) => inOrder(siteIds, positionOf(one), positionOf(other)))
        .slice(0, limit)
        .map((row) => ({
          ...row,
          actorSiteId: ['staff', 'console'].includes(row.actorKind ?? '')
            ? (database.state.users.get(row.actorId ?? 0)?.siteId ?? null)
            : null,
        }));
    },
    newestOf: async (users, limit) =>
      users.flatMap(({ siteId, userId }) =>
        rows()
          .filter((row) => row.siteId === siteId && row.userId === userId)
          .reverse()
          .slice(0, limit),
      ),
    anonymizedUntold: async () => [],
    ofUser: async (siteId, userId) =>
      rows().filter((row) => row.siteId === siteId && row.userId === userId && row.disposition !== null),
  };
};

const inOrder = (siteIds: AuditQuery['siteIds'], one: AuditPosition, other: AuditPosition): number =>
  other.moment.getTime() - one.moment.getTime() ||
  (siteIds === 'all' ? 0 : other.userId - one.userId) ||
  other.id - one.id;
