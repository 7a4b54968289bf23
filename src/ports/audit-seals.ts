import type { AuditRow } from './audit.ts';

/** One place in the chain. Hashes are keyed (HMAC): whoever can write the database still cannot make them. */
export interface Seal {
  /** 1, 2, 3 …, without gaps. */
  readonly seq: number;
  readonly auditId: number;
  /** Over the row itself. */
  readonly rowHash: string;
  /** Over the hash before it, `seq` and `rowHash`. */
  readonly hash: string;
}
/** `row` is null where it is gone. */
export interface SealedRow extends Seal {
  readonly row: AuditRow | null;
}

/** The only writer of `civitas_audit_seals`. */
export interface AuditSealStore {
  /** The end of the chain; null while nothing is sealed. */
  head(): Promise<Seal | null>;
  at(seq: number): Promise<Seal | null>;
  /**
   * Rows without a seal in id order, at most `limit`. `recent`: at a cost that does not grow, from the lowest id among the last
   * thousand seals on (rows become visible out of the order of their ids, but not by that much); `all`: from the beginning.
   */
  unsealed(where: 'recent' | 'all', limit: number): Promise<readonly AuditRow[]>;
  /** Throws RunAgain when somebody else has taken one of these places, or sealed one of these rows. */
  add(seals: readonly Seal[]): Promise<void>;
  /** The chain after this place, with the rows, at most `limit`. */
  after(seq: number, limit: number): Promise<readonly SealedRow[]>;
  /** How many rows from before this moment have no seal, and the ids of the first of them. */
  unsealedBefore(moment: Date, limit: number): Promise<{ readonly count: number; readonly ids: readonly number[] }>;
  /** The hash of the last sealed row of a call; null while none is. */
  hashOfDeed(deed: string): Promise<string | null>;
}
