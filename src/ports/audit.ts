import type { Disposition } from '../activity-types/definition.ts';

/** What somebody asked for, or what came of it at the OAuth server. */
export type OperationCall =
  | 'do-anonymize'
  | 'do-anonymizeall'
  | 'do-anonymize-all-users'
  | 'delete'
  /** By an OpenStad API beside us, and once more by us. */
  | 'found anonymized';
export type OutcomeCall = 'oauth-removal' | 'oauth-values';
/** `openstad-api`: the one beside us, whoever asked it; `owner`: the person themself; `fixed-token`: a token of the configuration; `client`: a management client; `staff`: anybody else who may. */
export type ActorKind = 'owner' | 'staff' | 'fixed-token' | 'client' | 'openstad-api';

/** Per kind of contribution, how many met which disposition; soft-deleted ones count along. */
export type AuditCounts = Readonly<Record<string, Readonly<Record<Disposition, number>>>>;

interface Common {
  readonly at: Date;
  /** One random name per call. It joins the rows of one person: for platform admins, and for who made the call. */
  readonly operation: string;
}
/** What a call did to one user row. */
export interface OperationEntry extends Common {
  readonly call: OperationCall;
  /** A user's id; a client's own id where `actorKind` is `client`. */
  readonly actorId: number | null;
  readonly actorKind: ActorKind;
  readonly siteId: number | null;
  readonly userId: number;
  readonly disposition: 'anonymized' | 'deleted';
  readonly counts: AuditCounts;
  /** Of the plan; null for what was deleted. */
  readonly digest: string | null;
  /** What the OAuth server is asked for because of this call. */
  readonly oauth: 'nothing' | 'remove' | 'withdraw';
  /** The number of a ticket, as the caller gave it; null: none given. */
  readonly reason: string | null;
  /** Nobody had logged in to the row yet (user-api.md §3 "Create"). */
  readonly withheld: boolean;
  /** Whether whoever asked may be told what came of it at the OAuth server: the owner, and platform admins, also of such a row. */
  readonly told: boolean;
  /** Which of the call's rows it is, from 1, and how many they are: so that one that is gone is missed. */
  readonly place: number;
  readonly places: number;
}
/** What came of a call at the OAuth server. */
export interface OutcomeEntry extends Common {
  readonly call: OutcomeCall;
  /** `done`, `kept;reason=…`, `unsupported`, `unknown`. */
  readonly oauth: string;
}

/** A row as it stands in the database, where anything may have been changed by hand. */
export interface AuditRow {
  readonly id: number;
  readonly at: Date;
  readonly call: string;
  readonly operation: string;
  readonly actorId: number | null;
  readonly actorKind: string | null;
  readonly siteId: number | null;
  readonly userId: number | null;
  readonly disposition: string | null;
  /** JSON of AuditCounts, as it was written: what is sealed is this text. */
  readonly counts: string | null;
  readonly digest: string | null;
  readonly oauth: string | null;
  readonly reason: string | null;
  readonly withheld: boolean | null;
  readonly told: boolean | null;
  readonly place: number | null;
  readonly places: number | null;
  /** What authenticates all of it but the id (use-cases/audit/mac.ts); null where a column holds what no row of ours does. */
  readonly mac: string | null;
}
export type NewAuditRow = Omit<AuditRow, 'id'>;

/** The only writer of `civitas_audit`; it only ever appends. No personal value anywhere. Source: anonymization.md §5, docs/adr/0006. */
export interface AuditStore {
  /** In the transaction of what it tells of. One statement. */
  append(rows: readonly NewAuditRow[]): Promise<void>;
  /** All rows of one call with what came of it, in id order. One statement. */
  ofOperation(operation: string): Promise<readonly AuditRow[]>;
  /** What was done to one user row at this site, in id order. One statement. */
  ofUser(siteId: number, userId: number): Promise<readonly AuditRow[]>;
  /** Users that were anonymized between the first row and this moment, and of whom no row tells; at most `limit`. */
  anonymizedUntold(
    before: Date,
    limit: number,
  ): Promise<readonly { readonly siteId: number; readonly userId: number }[]>;
}
