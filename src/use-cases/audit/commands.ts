import type { Actor } from '../../domain/actor.ts';
import type { AuditCounts, AuditRow } from '../../ports/audit.ts';
import type { AskedBy, OauthProgress, ReadOperation } from './read-operation.ts';

/** What use cases of this room are handed, and what they answer. */

export interface AnonymizationStatus {
  /** What was done to this user row. */
  readonly part: AuditRow;
  /** Null: it is not for this actor to know. */
  readonly oauth: OauthProgress | null;
  /**
   * What the same call did, as far as this actor is told (`rows`), with its outcomes: it joins the rows of one person. Null for
   * all but platform admins and who made the call.
   */
  readonly whole:
    (Omit<ReadOperation, 'late'> & { readonly rows: readonly AuditRow[]; readonly receipt: string }) | null;
}

/** What is said of a call in a receipt and in `GET /api/operation/…`: no personal value, and no id of a row. It joins the rows of one person: see `Audience`. */
export interface OperationClaims {
  readonly operation: string;
  readonly call: string;
  readonly at: string;
  readonly by: AskedBy;
  /** The number of a ticket; null: none was given. */
  readonly reason: string | null;
  readonly digest: string | null;
  readonly users: number;
  readonly sites: readonly { readonly id: number | null; readonly users: number; readonly counts: AuditCounts }[];
  readonly counts: AuditCounts;
  /** How many contributions came meanwhile or later in these rows' name, and were taken as well; absent: none. */
  readonly late?: number;
  /** Absent where it would say whether the person was at the OAuth server before. */
  readonly oauth?: Pick<OauthProgress, 'removal' | 'values'> & { readonly settledAt: string | null };
}

export interface Receipt {
  readonly claims: OperationClaims & {
    /** Of the form of these claims, not of the program. */
    readonly version: 1;
    /** The hash of its last row in the chain; null: not sealed yet. */
    readonly sealedAs: string | null;
    readonly issuedAt: string;
  };
  /** The claims as a compact JWS. */
  readonly signed: string;
}

export interface ReadOperationCommand {
  readonly actor: Actor;
  readonly operation: string;
}

export interface Operation {
  readonly claims: OperationClaims;
  /** How far it is at the OAuth server; null: it is not for this actor to know. `reason` for platform admins only. */
  readonly oauth: OauthProgress | null;
  /** Where the receipt can be read. */
  readonly receipt: string;
}
