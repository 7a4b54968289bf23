import type { SideTableStore } from '../../../src/ports/activity-store.ts';

/** A fresh database: no side table, nothing undeclared. */
export const fakeSideTableStore = (): SideTableStore => ({
  gaps: () => Promise.resolve([]),
  references: () => Promise.resolve({ found: [], next: null }),
  read: () => Promise.resolve({ rows: [], left: [] }),
  applyChangeSet: () => Promise.resolve({ removed: 0, anonymized: 0 }),
  clearUndeclared: () => Promise.resolve(),
  release: () => Promise.resolve(),
});
