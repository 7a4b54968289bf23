import type { Disposition } from '../activity-types/definition.ts';
import type { JsonObject } from '../domain/json.ts';

/** What was done to somebody; `found anonymized`: by an OpenStad API beside us, and once more by us. */
export const operationCalls = [
  'do-anonymize',
  'do-anonymizeall',
  'do-anonymize-all-users',
  'delete',
  'found anonymized',
] as const;
export type OperationCall = (typeof operationCalls)[number];
/** What came of it at the OAuth server. */
export const outcomeCalls = ['oauth-removal', 'oauth-values'] as const;
export type OutcomeCall = (typeof outcomeCalls)[number];
/** What is read of a person beyond one row, and so is written down: across sites, and everything that is kept of them. */
export const lookCalls = ['read-person', 'export'] as const;
export type LookCall = (typeof lookCalls)[number];
/**
 * `openstad-api`: the one beside us, whoever asked it; `owner`: the person themself; `fixed-token`: a token of the
 * configuration; `client`: a management client; `cli`: an operator at the command line; `console`: a session at the console, which reaches
 * over sites; `staff`: anybody else who may.
 */
export const actorKinds = ['owner', 'staff', 'console', 'fixed-token', 'client', 'cli', 'openstad-api'] as const;
export type ActorKind = (typeof actorKinds)[number];

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
  /** Of an operator alone: `cli:` and the name of their account. */
  readonly actorName?: string;
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
  /** Whether whoever asked is told of this row: not of one that only went along, at a site where they have no right. */
  readonly shown: boolean;
  /** Which of the call's rows it is, from 1, and how many they are (columns `place` and `places`): so that one that is gone is missed. */
  readonly rank: number;
  readonly rowCount: number;
}
/** That somebody was looked at, row by row: nothing was done to them. */
export interface LookEntry extends Omit<OperationEntry, 'call' | 'disposition'> {
  readonly call: LookCall;
  readonly disposition: null;
  readonly listedAt: Date;
}
/** What came of a call at the OAuth server. */
export interface OutcomeEntry extends Common {
  readonly call: OutcomeCall;
  /** `done`, `kept;reason=…`, `unsupported`, `unknown`. */
  readonly oauth: string;
}

/** What other programs contributed in the name of rows that a call anonymized, while it did or afterwards, and what became of it. */
export interface LateEntry extends Common {
  readonly call: 'late';
  readonly counts: AuditCounts;
}

/** A row as it stands in the database, where anything may have been changed by hand. */
export interface AuditRow {
  readonly id: number;
  readonly at: Date;
  readonly call: string;
  readonly operation: string;
  readonly actorId: number | null;
  readonly actorKind: string | null;
  readonly actorName: string | null;
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
  readonly shown: boolean | null;
  readonly rank: number | null;
  readonly rowCount: number | null;
  /**
   * When, as lists of one site's rows are told and sorted (use-cases/audit/entries.ts); null for outcomes, which no such list has.
   * It follows from the other columns, and so is not authenticated.
   */
  readonly listedAt: Date | null;
  /** What authenticates all of it but the id and `listedAt` (use-cases/audit/entries.ts); null where a column holds what no row of ours does. */
  readonly mac: string | null;
}
export type NewAuditRow = Omit<AuditRow, 'id'>;

/** Where a list of the audit stands: behind which row. */
export interface AuditPosition {
  /** `at`, or `listedAt`: what the list is in the order of. */
  readonly moment: Date;
  readonly userId: number;
  readonly id: number;
}
export interface AuditQuery {
  /** `all`: in the order of `at`. Else rows of these sites, in the order of `listedAt` and user ids. Newest first. */
  readonly siteIds: readonly number[] | 'all';
  /** Of the moment that they are in the order of. */
  readonly from: Date | null;
  readonly before: Date | null;
  readonly after: AuditPosition | null;
  /** Whether looks are among them: there may be any number of these between two rows of what was done. */
  readonly withLooks: boolean;
  readonly limit: number;
}
/** With the site of the user row by which somebody of staff did it; null: there is no such row any more, or it was not staff. */
export interface ListedRow extends AuditRow {
  readonly actorSiteId: number | null;
}

/** The only writer of `civitas_audit`; it only ever appends. No personal value anywhere. Source: anonymization.md §5, docs/adr/0006. */
export interface AuditStore {
  /** In the transaction of what it tells of. One statement. */
  append(rows: readonly NewAuditRow[]): Promise<void>;
  /** All rows of one call with what came of it, in id order. One statement. */
  ofOperation(operation: string): Promise<readonly AuditRow[]>;
  /** All rows of several calls, in the order of their names. One statement. */
  ofOperations(operations: readonly string[]): Promise<readonly AuditRow[]>;
  /** Rows of users, none of outcomes; each site is walked in its index, and no further than to the limit. One statement for each fifty sites. */
  page(query: AuditQuery): Promise<readonly ListedRow[]>;
  /** What was done to one user row at this site, in id order; that it was looked at is nothing done. One statement. */
  ofUser(siteId: number, userId: number): Promise<readonly AuditRow[]>;
  /** The newest rows of each of these user rows, so many of each at most. One statement. */
  newestOf(users: readonly Pick<AuditRow, 'siteId' | 'userId'>[], limit: number): Promise<readonly AuditRow[]>;
  /** Users that were anonymized between the first row and this moment, and of whom no row tells; at most `limit`. */
  anonymizedUntold(
    before: Date,
    limit: number,
  ): Promise<readonly { readonly siteId: number; readonly userId: number }[]>;
}

/** Signs what people keep as proof. Source: anonymization.md §5. */
export interface Receipts {
  /** A compact JWS (EdDSA, Ed25519) over these claims, with the key's id in its header. */
  sign(claims: JsonObject): string;
  /** Every public key, old ones too, as a JWK set. */
  publicKeys(): JsonObject;
}

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
   * Rows without a seal in id order, behind this id (from null: the first), at most `limit`. `recent`: at a cost that does not
   * grow, from the lowest id among the last thousand seals on (rows become visible out of the order of their ids, but not by
   * that much); `all`: from the beginning.
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
