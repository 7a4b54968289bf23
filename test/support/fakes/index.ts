import { activityTypes } from '../../../src/activity-types/index.ts';
import type { ActivityRow } from '../../../src/activity-types/definition.ts';
import type { Site } from '../../../src/domain/sites/site.ts';
import type { UserRow, Person } from '../../../src/domain/users/user.ts';
import type { Ports } from '../../../src/ports/index.ts';
import { receiptSigning } from '../../../src/platform/receipt-signing.ts';
import { receiptKey } from '../receipt-key.ts';
import { fakeActivityStore } from './activity-store.ts';
import { fakeAuditSealStore } from './audit-seal-store.ts';
import { fakeAuditStore } from './audit-store.ts';
import { fakeClientStore } from './client-store.ts';
import { fakeChanges, type FakeChanges } from './changes.ts';
import { fakeClock, type FakeClock } from './clock.ts';
import { fakeWithLease } from './leases.ts';
import { fakeFindingStore } from './finding-store.ts';
import { fakeSweepStore } from './sweep-store.ts';
import { fakeLog, type FakeLog } from './log.ts';
import { fakeOutbox } from './outbox.ts';
import { fakePeopleStore, fakePersonFactsStore } from './people-store.ts';
import { fakePeopleSearch } from './people-search.ts';
import { fakePersonStore } from './person-store.ts';
import { fakeReplayStore } from './replay-store.ts';
import { fakeSecrets, fakeStartDigest } from './secrets.ts';
import { fakeSessionStore } from './session-store.ts';
import { fakeSideTableStore } from './side-tables.ts';
import { fakeRunStore } from './run-store.ts';
import { fakeSiteStore } from './site-store.ts';
import { FakeDatabase } from './state.ts';
import { fakeInOneSnapshot, fakeInOneTransaction } from './unit-of-work.ts';
import { fakeMetrics, type FakeMetrics } from './metrics.ts';
import { fakeUserStore } from './user-store.ts';

export interface Fakes extends Omit<Ports, 'identity' | 'settings'> {
  readonly changes: FakeChanges;
  readonly clock: FakeClock;
  readonly log: FakeLog;
  readonly metrics: FakeMetrics;
  /** What a test puts there before it begins, and looks at when it is done. */
  readonly world: World;
}
interface World {
  readonly put: {
    site(...sites: readonly Site[]): void;
    /** Soft-deleted. */
    pastSite(site: Site): void;
    person(...persons: readonly Person[]): void;
    /** With their persons. */
    user(...users: readonly (UserRow & { readonly person?: Person | null })[]): void;
    /** By activity table, e.g. `votes`. */
    activity(table: string, ...rows: readonly ActivityRow[]): void;
  };
  users(): readonly UserRow[];
  persons(): readonly Person[];
  activities(table: string): readonly ActivityRow[];
}

/** Everything but the OAuth server and the settings, in memory, working together. */
export const startFakes = (oauthTimeLimitMs = 3000): Fakes => {
  const database = new FakeDatabase();
  const clock = fakeClock();
  const secrets = fakeSecrets();
  return {
    users: fakeUserStore(database, clock),
    persons: fakePersonStore(database, secrets, clock),
    activities: fakeActivityStore(database),
    sideTables: fakeSideTableStore(),
    sites: fakeSiteStore(database),
    sessions: fakeSessionStore(database, clock),
    findings: fakeFindingStore(database),
    sweeps: fakeSweepStore(database, clock),
    clients: fakeClientStore(database, clock),
    people: fakePeopleStore(database),
    peopleSearch: fakePeopleSearch(database),
    facts: fakePersonFactsStore(database),
    outbox: fakeOutbox(database, clock),
    replays: fakeReplayStore(database, clock),
    audit: fakeAuditStore(database),
    auditSeals: fakeAuditSealStore(database),
    runs: fakeRunStore(database, clock),
    changes: fakeChanges(),
    receipts: receiptSigning([receiptKey]),
    withLease: fakeWithLease(clock, oauthTimeLimitMs),
    inOneTransaction: fakeInOneTransaction(database),
    inOneSnapshot: fakeInOneSnapshot(database),
    isOneOfSeveralNodes: () => false,
    clock,
    secrets,
    startDigest: fakeStartDigest,
    log: fakeLog(),
    metrics: fakeMetrics(),
    world: worldOf(database),
  };
};

const worldOf = (database: FakeDatabase): World => ({
  put: {
    site: (...sites) => {
      for (const site of sites) database.state.sites.set(site.id, site);
    },
    pastSite: (site) => void database.state.pastSites.set(site.id, site),
    person: (...persons) => {
      for (const person of persons) database.state.persons.set(person.id, person);
    },
    user: (...users) => {
      for (const user of users) {
        if (user.person) database.state.persons.set(user.person.id, user.person);
        database.state.users.set(user.id, withoutPerson(user));
      }
    },
    activity: (table, ...rows) => {
      if (!activityTypes.some((type) => type.table === table)) throw new Error(`there is no activity table ${table}`);
      const there = database.state.activities.get(table) ?? new Map<number, ActivityRow>();
      for (const row of rows) there.set(row.id, row);
      database.state.activities.set(table, there);
    },
  },
  users: () => [...database.state.users.values()],
  persons: () => [...database.state.persons.values()],
  activities: (table) => [...(database.state.activities.get(table)?.values() ?? [])],
});

const withoutPerson = (user: UserRow & { readonly person?: Person | null }): UserRow => {
  const row = { ...user };
  delete row.person;
  return row;
};
