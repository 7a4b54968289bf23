import type { ActivityStore } from './activity-store.ts';
import type { AuditSealStore } from './audit.ts';
import type { AuditStore } from './audit.ts';
import type { ClientStore, SessionStore } from './credentials.ts';
import type { Changes } from './site-store.ts';
import type { Clock, Log, Metrics, Settings, StartDigest, Secrets } from './platform.ts';
import type { FindingStore, SweepStore, PeopleSearch, PeopleStore, PersonFactsStore, PersonStore } from './people.ts';
import type { IdentityProvider } from './identity-provider.ts';
import type { WithLease, InOneSnapshot, InOneTransaction, ReplayStore } from './unit-of-work.ts';
import type { Outbox } from './outbox.ts';
import type { Receipts } from './audit.ts';
import type { SideTableStore } from './activity-store.ts';
import type { RunStore } from './runs.ts';
import type { SiteStore } from './site-store.ts';
import type { UserStore } from './user-store.ts';

/** Everything a use case may need; each takes only what it names. */
export interface Ports {
  readonly users: UserStore;
  readonly persons: PersonStore;
  readonly activities: ActivityStore;
  readonly sideTables: SideTableStore;
  readonly sites: SiteStore;
  readonly sessions: SessionStore;
  readonly findings: FindingStore;
  readonly sweeps: SweepStore;
  readonly clients: ClientStore;
  readonly people: PeopleStore;
  readonly peopleSearch: PeopleSearch;
  readonly facts: PersonFactsStore;
  readonly outbox: Outbox;
  readonly replays: ReplayStore;
  readonly audit: AuditStore;
  readonly auditSeals: AuditSealStore;
  readonly runs: RunStore;
  readonly receipts: Receipts;
  readonly identity: IdentityProvider;
  readonly changes: Changes;
  readonly withLease: WithLease;
  readonly inOneTransaction: InOneTransaction;
  readonly inOneSnapshot: InOneSnapshot;
  /** Whether others may write to the same data at another node of a cluster, which no lock of ours holds back (docs/adr/0030). */
  readonly isOneOfSeveralNodes: () => boolean;
  readonly clock: Clock;
  readonly secrets: Secrets;
  readonly startDigest: StartDigest;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly settings: Settings;
}
