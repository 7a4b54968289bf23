import type { ActivityStore } from './activity-store.ts';
import type { AuditSealStore } from './audit-seals.ts';
import type { AuditStore } from './audit.ts';
import type { Clock } from './clock.ts';
import type { StartDigest } from './digest.ts';
import type { IdentityProvider } from './identity-provider.ts';
import type { WithLease } from './leases.ts';
import type { Log } from './log.ts';
import type { Outbox } from './outbox.ts';
import type { PersonStore } from './person-store.ts';
import type { Receipts } from './receipts.ts';
import type { ReplayStore } from './replay-store.ts';
import type { Secrets } from './secrets.ts';
import type { SessionStore } from './session-store.ts';
import type { Settings } from './settings.ts';
import type { SideTableStore } from './side-table-store.ts';
import type { SiteStore } from './site-store.ts';
import type { Tally } from './tally.ts';
import type { InOneSnapshot, InOneTransaction } from './unit-of-work.ts';
import type { UserStore } from './user-store.ts';

/** Everything a story may need; each takes only what it names. */
export interface Ports {
  readonly users: UserStore;
  readonly persons: PersonStore;
  readonly activities: ActivityStore;
  readonly sideTables: SideTableStore;
  readonly sites: SiteStore;
  readonly sessions: SessionStore;
  readonly outbox: Outbox;
  readonly replays: ReplayStore;
  readonly audit: AuditStore;
  readonly auditSeals: AuditSealStore;
  readonly receipts: Receipts;
  readonly identity: IdentityProvider;
  readonly withLease: WithLease;
  readonly inOneTransaction: InOneTransaction;
  readonly inOneSnapshot: InOneSnapshot;
  readonly clock: Clock;
  readonly secrets: Secrets;
  readonly startDigest: StartDigest;
  readonly log: Log;
  readonly tally: Tally;
  readonly settings: Settings;
}
