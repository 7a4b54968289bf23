import type { Ports } from '../ports/index.ts';
import { activityStore } from './stores/activity-store.ts';
import { auditSealStore } from './stores/audit-seal-store.ts';
import { auditStore } from './stores/audit-store.ts';
import { clientStore } from './stores/client-store.ts';
import type { Database } from './database.ts';
import { findingStore, sweepStore } from './stores/finding-store.ts';
import { leases } from './leases.ts';
import { linkForeignRows, type LinkOptions, personStore } from './stores/person-store.ts';
import { outboxStore } from './stores/outbox-store.ts';
import { peopleStore, personFactsStore } from './stores/people-list-store.ts';
import { peopleSearch } from './stores/people-search.ts';
import { replayStore, sessionStore } from './stores/session-store.ts';
import { sideTableStore } from './stores/side-table-store.ts';
import { runStore } from './stores/run-store.ts';
import { siteStore } from './stores/site-store.ts';
import { unitOfWork } from './unit-of-work.ts';
import { userStore } from './stores/user-store.ts';

export { openDatabase, type Database, type DatabaseOptions } from './database.ts';
export type { Migrator } from './migrator.ts';

interface StoreOptions extends LinkOptions, Pick<Ports, 'clock' | 'secrets' | 'log'> {
  readonly oauthTimeLimitMs: number;
  readonly leaseWaitMs?: number;
  readonly siteCacheSeconds: number;
}

/** Everything that lives in the database, behind its ports; which ports those are, the list says. */
export const createStores = (database: Database, options: StoreOptions) => {
  const { inOneTransaction, inOneSnapshot } = unitOfWork(database, options.log);
  const link = linkForeignRows(database, inOneTransaction, options);
  return {
    users: userStore(database, inOneTransaction, options, link),
    persons: personStore(database, options, link),
    activities: activityStore(database, inOneTransaction),
    sideTables: sideTableStore(database, inOneTransaction),
    sites: siteStore(database, options.siteCacheSeconds),
    sessions: sessionStore(database, options),
    findings: findingStore(database),
    sweeps: sweepStore(database, options),
    clients: clientStore(database, inOneTransaction, options),
    people: peopleStore(database),
    peopleSearch: peopleSearch(database),
    facts: personFactsStore(database),
    outbox: outboxStore(database, options),
    replays: replayStore(database, options),
    audit: auditStore(database),
    auditSeals: auditSealStore(database),
    runs: runStore(database, options),
    withLease: leases(database, options),
    inOneTransaction,
    inOneSnapshot,
    isOneOfSeveralNodes: database.isOneOfSeveralNodes,
  } satisfies Partial<Ports>;
};
