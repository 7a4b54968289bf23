import { describeActivityStore } from './activity-store.ts';
import { describeLeases } from './leases.ts';
import { describeOutbox } from './outbox.ts';
import { describePersonStore } from './person-store.ts';
import { describeSiteStore } from './site-store.ts';
import type { Start } from './subject.ts';
import { describeUnitOfWork } from './unit-of-work.ts';
import { describeUserList } from './user-list.ts';
import { describeUserStore } from './user-store.ts';

/** Every suite, for the fakes and for the real stores alike. */
export const describeStores = (name: string, start: Start): void => {
  describeUserStore(name, start);
  describeUserList(name, start);
  describeActivityStore(name, start);
  describePersonStore(name, start);
  describeSiteStore(name, start);
  describeOutbox(name, start);
  describeLeases(name, start);
  describeUnitOfWork(name, start);
};
