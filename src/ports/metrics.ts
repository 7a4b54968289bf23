import type { OperationCall } from './audit.ts';
import type { Topic } from './outbox.ts';

/** What executing a message came to, in a closed set of words: they are labels of metrics. `later`: it did not succeed yet. */
export type DeliveryOutcome =
  | 'done'
  | 'kept;reason=rows-elsewhere'
  | 'kept;reason=other-clients'
  | 'kept;reason=not-ours'
  | 'kept;reason=unsupported'
  | 'refreshed'
  | 'unknown-there'
  | 'gone'
  | 'created'
  | 'not-needed'
  | 'unsupported'
  | 'later';

/** Counts for the metrics what has happened: after the commit, as a unit of work may run more than once. */
export interface Metrics {
  delivered(topic: Topic, outcome: DeliveryOutcome): void;
  /** A call that anonymized or deleted at least one row. */
  did(call: OperationCall): void;
}
