import type { ActivityPlural, ByActivity } from '../activity-types/index.ts';
import type { ActivityRow } from '../activity-types/definition.ts';
import type { Actor, Reach } from '../domain/actor.ts';
import type { JsonObject } from '../domain/json.ts';
import type { Session } from '../domain/session.ts';
import type { FindingKind } from '../domain/finding.ts';
import type { Site } from '../domain/site.ts';
import type { UserChange } from '../domain/user-change.ts';
import type { UserField } from '../domain/user-fields.ts';
import type { User } from '../domain/user.ts';
import type { IdeaSummary } from '../ports/activity-store.ts';
import type { AuditCounts, AuditRow } from '../ports/audit.ts';
import type { LoggedIn, LoginAnswer, LoginWish } from '../ports/identity-provider.ts';
import type { FindingCounts, FoundPerson } from '../ports/finding-store.ts';
import type { Sweep } from '../ports/sweep-store.ts';
import type { Condition, Sort } from '../ports/user-store.ts';
import type { AskedBy, OauthProgress, ReadDeed } from './audit-progress.ts';

/** What a caller hands to a story, and what comes back: the same whoever calls (site routes, jobs, later the management API). */

export interface AtSite {
  readonly actor: Actor;
  readonly site: Site;
}
export interface OneUser extends AtSite {
  readonly userId: number;
}

export interface ActorQuestion {
  readonly userId: number;
  /** The session that the token names; absent for fixed tokens, and for those that an OpenStad API made. */
  readonly jti?: string;
  readonly provider: string;
  /** What kind of token it is, by how far it reaches. */
  readonly reach: Reach['kind'];
  /** The OAuth server is not asked about them before: for whoever only leaves. */
  readonly asKnown?: boolean;
  /** A role above member that nobody has confirmed for too long counts as member, where others are refused. */
  readonly orMember?: boolean;
}

export interface GetMeCommand {
  readonly actor: Actor;
  /** null: at the site of the row that the token names. */
  readonly site: Site | null;
}
export interface FoundMe {
  readonly user: User;
  readonly site: Site | null;
}

export interface ListSelection extends AtSite {
  readonly conditions: readonly Condition[];
  /** What is searched for, as `askedWords` gives it; empty: nothing in particular. */
  readonly words: readonly string[];
  readonly sort: Sort;
}
export interface ListPageCommand extends ListSelection {
  readonly pageSize: number;
  /** From 0; either a page or a cursor. */
  readonly page: number;
  readonly cursor?: string;
}
export interface ListedPage {
  readonly users: readonly User[];
  /** null for pages reached by cursor, which carry no count. */
  readonly totalCount: number | null;
  /** null at the end. */
  readonly cursor: string | null;
}

export interface GetUserCommand extends OneUser {
  /** Ask the OAuth server first (moderators and owner; ignored for everybody else). */
  readonly refresh: boolean;
}
export interface FoundUser {
  readonly user: User;
  /** `MISS`: just fetched; `HIT`: fresh; `STALE`: older than freshSeconds; null: there is nothing to fetch (no person). */
  readonly cache: 'HIT' | 'STALE' | 'MISS' | null;
  /** Seconds since the profile was fetched; null when it never was. */
  readonly ageSeconds: number | null;
}

export interface CreateUserCommand extends AtSite {
  /** `?useOauth=`; undefined: as the actor's token says. */
  readonly provider?: string;
  readonly change: UserChange & { readonly email: string };
}

export interface UpdateUserCommand extends OneUser {
  readonly change: UserChange;
  /** `If-Match`: whether the user, as it stands inside the lease, still is what the caller saw. */
  readonly stillMatches?: (user: User) => boolean;
}

/** Texts of a body that would not be kept as they were written. */
export interface StoredTextsCommand extends OneUser {
  readonly texts: readonly (readonly [UserField, string])[];
}

/** `X-OAuth-Removal`. Source: anonymization.md §3. */
export type RemovalOutcome =
  | 'done'
  | 'pending'
  | 'kept;reason=rows-elsewhere'
  | 'kept;reason=other-clients'
  | 'kept;reason=not-ours'
  | 'kept;reason=unsupported'
  | 'none';
/** `X-OAuth-Values`. */
export type ValuesOutcome = 'done' | 'pending' | 'none';
export interface OauthOutcome {
  readonly removal: RemovalOutcome;
  readonly values: ValuesOutcome;
}

/** All rows of a user's person at some sites, soft-deleted ones too; all or none. */
export interface DeleteRowsCommand extends OneUser {
  readonly siteIds: readonly number[];
  /** What the caller has to write in the same transaction. */
  readonly alongside?: () => Promise<void>;
}
export interface DeletedRows {
  readonly users: number;
  /** What they had contributed, soft-deleted things too; all of it is gone. */
  readonly removed: ByActivity<number>;
  /** Null: it is not for this actor to hear. */
  readonly oauth: OauthOutcome | null;
  /** Where the receipt can be read. */
  readonly receipt: string;
}

export interface ListActivityCommand extends OneUser {
  readonly includeOtherSites: boolean;
  readonly kinds: ReadonlySet<ActivityPlural>;
}
export interface ActivityItem {
  readonly row: ActivityRow;
  readonly idea: IdeaSummary | null;
  readonly site: Site;
}
export interface ListedActivity {
  readonly sites: readonly Site[];
  /** Each kind that was asked for, newest first. */
  readonly kinds: Readonly<Partial<Record<ActivityPlural, readonly ActivityItem[]>>>;
}

export interface AnonymizeCommand extends OneUser {
  readonly reach: 'this-site' | 'all-sites';
  /** Part of the anonymization of a whole site: soft-deleted rows may be named too, and admins of the site are left out. */
  readonly wholeSite?: true;
  /** The union of both; undefined: everything; present but empty: nothing. */
  readonly only?: { readonly userIds: readonly number[]; readonly siteIds: readonly number[] };
  /** `summary`: counts instead of lists, in flat memory. */
  readonly view: 'lists' | 'summary';
  /** `If-Match`: whether a plan of this digest is what the caller saw. */
  readonly seen?: (digest: string) => boolean;
  /** The number of a ticket, kept in the audit and in the receipt. */
  readonly reason?: string;
  /** `Idempotency-Key`, with what makes two calls the same: the address and the body, as sent. */
  readonly repeat?: { readonly key: string; readonly path: string; readonly body: string };
  /** What the caller has to write in the same transaction. */
  readonly alongside?: () => Promise<void>;
}
/** The six lists. `users` are the rows as they were before; a user whose site is gone has site null. */
export interface AnonymizationLists extends ByActivity<readonly ActivityRow[]> {
  readonly users: readonly { readonly user: User; readonly site: Site | null }[];
  readonly sites: readonly Site[];
}
/** One site's part of a plan: how many rows, what keeps standing, which votes go and stay, and how many soft-deleted things. */
export interface SiteTotals {
  readonly site: Site;
  readonly users: number;
  /** Seen contributions per kind: those that stay, and those that are removed. */
  readonly stays: ByActivity<number>;
  readonly goes: ByActivity<number>;
  readonly hidden: number;
}
export interface AnonymizationSummary {
  readonly digest: string;
  readonly users: number;
  readonly sites: readonly SiteTotals[];
  /** Whether the person is to be removed at the OAuth server, as nobody would be left here; null: it is not for this actor to hear. */
  readonly oauth: 'removed' | 'kept' | null;
}
export interface AnonymizationView {
  readonly summary: AnonymizationSummary;
  /** null when only the summary was asked for. */
  readonly lists: AnonymizationLists | null;
}
/** Done now; or done before, under the same key: then only the summary is left, as it was shown. */
export type Anonymized =
  | {
      readonly kind: 'done';
      readonly view: AnonymizationView;
      /** Null: it is not for this actor to hear. */
      readonly oauth: OauthOutcome | null;
      /** How it goes on and what came of it; null where nothing was left to do. */
      readonly operation: string | null;
      /** Where the receipt can be read; null where nothing was left to do. */
      readonly receipt: string | null;
    }
  | { readonly kind: 'replayed'; readonly summary: JsonObject };

export interface AnonymizationStatus {
  /** What was done to this user row. */
  readonly part: AuditRow;
  /** Null: it is not for this actor to know. */
  readonly oauth: OauthProgress | null;
  /** Everything that the same call did, with its outcomes: it joins the rows of one person. Null for all but platform admins and who made the call. */
  readonly whole: (ReadDeed & { readonly receipt: string }) | null;
}

/** What is said of a call in a receipt: nothing personal, and no id that would join the rows of one person. */
export interface DeedClaims {
  readonly deed: string;
  readonly call: string;
  readonly at: string;
  readonly by: AskedBy;
  /** The number of a ticket; null: none was given. */
  readonly reason: string | null;
  readonly digest: string | null;
  readonly users: number;
  readonly sites: readonly { readonly id: number | null; readonly users: number; readonly counts: AuditCounts }[];
  readonly counts: AuditCounts;
  /** Absent where it would say whether the person was at the OAuth server before. */
  readonly oauth?: Pick<OauthProgress, 'removal' | 'values'> & { readonly settledAt: string | null };
}
export interface Receipt {
  readonly claims: DeedClaims & {
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
  readonly claims: DeedClaims;
  /** How far it is at the OAuth server; null: it is not for this actor to know. `reason` for platform admins only. */
  readonly oauth: OauthProgress | null;
  /** Where the receipt can be read. */
  readonly receipt: string;
}

export interface EndLoginCommand {
  readonly site: Site;
  /** The name of the site's OAuth settings. */
  readonly provider: string;
  /** As the OAuth server sent it (a logout token). */
  readonly message: string;
}

export interface LoginAtSite {
  readonly site: Site;
  /** The name of the OAuth settings in the site's config. */
  readonly provider: string;
}
/** An OAuth server as a login goes through it; its Faults are those of the port. */
export interface WayIn {
  readonly issuer: string;
  readonly clientId: string;
  /** Where browsers go when a login does not say so (`after-login-redirect-uri`); null: not said. */
  readonly afterLogin: string | null;
  readonly stateTravelsIn: 'state' | 'redirect-uri';
  readonly authorizationAddress: (wish: LoginWish) => Promise<string>;
  readonly exchange: (answer: LoginAnswer) => Promise<LoggedIn>;
  /** '' leads to nowhere in particular; null: the server has no such address. */
  readonly logoutAddress: (redirectUrl: string) => Promise<string | null>;
}
export interface LogInCommand extends LoginAtSite {
  readonly loggedIn: LoggedIn;
  /** What the login was begun with: it counts once. */
  readonly state: string;
}

export interface SessionToEnd {
  readonly userId: number;
  readonly jti: string | null;
}

export interface ListDriftCommand {
  readonly actor: Actor;
  /** null: every kind. */
  readonly kind: FindingKind | null;
  /** From 0. */
  readonly page: number;
  readonly pageSize: number;
}
export interface Drift {
  readonly counts: FindingCounts;
  /** How far the walk over all people is; null before its first step. */
  readonly sweep: Sweep | null;
  readonly found: readonly FoundPerson[];
  readonly totalCount: number;
}

/** The stories of users. */
export interface Stories {
  /** null: the user is gone, soft-deleted or anonymized. */
  readonly actorOf: (question: ActorQuestion) => Promise<Actor | null>;
  readonly wayIn: (where: LoginAtSite) => WayIn;
  readonly logIn: (command: LogInCommand) => Promise<Session>;
  /** Whether there was a session to end. */
  readonly logOut: (session: SessionToEnd) => Promise<boolean>;
  /** null: a visitor, or somebody who has no row at this site. */
  readonly getMe: (command: GetMeCommand) => Promise<FoundMe | null>;
  readonly listPage: (command: ListPageCommand) => Promise<ListedPage>;
  /** Batches, in order, until the end; stops when the reader stops. */
  readonly streamUsers: (command: ListSelection) => AsyncIterable<readonly User[]>;
  readonly getUser: (command: GetUserCommand) => Promise<FoundUser>;
  readonly createUser: (command: CreateUserCommand) => Promise<User>;
  /** The fields among these that hold their text to the letter, as far as the actor may see them. */
  readonly storedTexts: (command: StoredTextsCommand) => Promise<readonly string[]>;
  readonly updateUser: (command: UpdateUserCommand) => Promise<User>;
  /** What became of the person at the OAuth server; null: it is not for this actor to hear. */
  readonly deleteUser: (command: OneUser) => Promise<OauthOutcome | null>;
  readonly listActivity: (command: ListActivityCommand) => Promise<ListedActivity>;
  readonly previewAnonymization: (command: AnonymizeCommand) => Promise<AnonymizationView>;
  readonly anonymizeUser: (command: AnonymizeCommand) => Promise<Anonymized>;
  readonly anonymizationStatus: (command: OneUser) => Promise<AnonymizationStatus>;
  readonly endLogin: (command: EndLoginCommand) => Promise<void>;
  readonly listDrift: (command: ListDriftCommand) => Promise<Drift>;
  readonly readOperation: (command: ReadOperationCommand) => Promise<Operation>;
  /** The receipt at this address, signed now. Fault `not-found`. */
  readonly readReceipt: (address: string) => Promise<Receipt>;
  /** What receipts are verified with, as a JWK set. */
  readonly receiptKeys: () => JsonObject;
}
