import { describeActivityStore } from './activity-store.ts';
import { describeAudit } from './audit-store.ts';
import { describeAuditSeals } from './audit-seal-store.ts';
import { describeLeases } from './leases.ts';
import { describeOutbox } from './outbox.ts';
import { describePersonStore } from './person-store.ts';
import { describeReplayStore } from './replay-store.ts';
import { describeSessionStore } from './session-store.ts';
import { describeSiteStore } from './site-store.ts';
import type { Start } from './subject.ts';
import { describeUnitOfWork } from './unit-of-work.ts';
import { describeUserCounters } from './user-counters.ts';
import { describeUserFilters } from './user-filters.ts';
import { describeUserList } from './user-list.ts';
import { describeUserPages } from './user-pages.ts';
import { describeUserSaving } from './user-saving.ts';
import { describeUserStore } from './user-store.ts';

/** Every suite, for the fakes and for the real stores alike. */
export const describeStores = (name: string, start: Start): void => {
  describeUserStore(name, start);
  describeUserSaving(name, start);
  describeUserCounters(name, start);
  describeUserList(name, start);
  describeUserPages(name, start);
  describeUserFilters(name, start);
  describeActivityStore(name, start);
  describePersonStore(name, start);
  describeSessionStore(name, start);
  describeSiteStore(name, start);
  describeOutbox(name, start);
  describeReplayStore(name, start);
  describeAudit(name, start);
  describeAuditSeals(name, start);
  describeLeases(name, start);
  describeUnitOfWork(name, start);
};
