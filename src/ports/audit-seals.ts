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

export interface FoundRow extends AuditRow {
  readonly isSealed: boolean;
}

/** The only writer of `civitas_audit_seals`. */
export interface AuditSealStore {
  /** The end of the chain; null while nothing is sealed. */
  head(): Promise<Seal | null>;
  at(seq: number): Promise<Seal | null>;
  /**
   * Rows without a seal in id order, behind this id (from null: the first), at most `limit`. `recent`: at a cost that does not grow, from the lowest id among the last
   * thousand seals on (rows become visible out of the order of their ids, but not by that much); `all`: from the beginning.
   */
  unsealed(where: 'recent' | 'all', behind: number | null, limit: number): Promise<readonly AuditRow[]>;
  /** Throws RunAgain when somebody else has taken one of these places, or sealed one of these rows. */
  add(seals: readonly Seal[]): Promise<void>;
  /** The chain after this place, with the rows, at most `limit`. */
  after(seq: number, limit: number): Promise<readonly SealedRow[]>;
  /** All rows, sealed or not, call by call and in id order, behind this one (null: from the first), at most `limit`. */
  byOperation(behind: Pick<AuditRow, 'operation' | 'id'> | null, limit: number): Promise<readonly FoundRow[]>;
  /** The last seal of these rows, and the hash before it (null: none); null while none is sealed. */
  lastOf(auditIds: readonly number[]): Promise<{ readonly seal: Seal; readonly before: string | null } | null>;
}
