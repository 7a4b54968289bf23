import type { Broadcasting } from './broadcast.ts';
import type { MeasuredByAll } from './measured.ts';
import type { SharedCounts } from './shared-counts.ts';

/** The other processes on this one's port: what they are told and asked where no Redis carries it. Source: docs/adr/0015. */
export interface PeerWorkers {
  readonly broadcast: Broadcasting;
  readonly counts: SharedCounts;
  /** Metrics are always put together here, with Redis too. */
  readonly measured: MeasuredByAll;
}
