import type { ActivityRow } from '../../activity-types/definition.ts';
import type { ByActivity } from '../../activity-types/index.ts';
import type { Actor } from '../../domain/actor.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { Site } from '../../domain/sites/site.ts';
import type { User } from '../../domain/users/user.ts';
import type { OneUser } from '../commands.ts';
import type { TitledContribution } from '../../ports/activity-store.ts';
import type { OauthOutcome } from '../outbox/deliver-message.ts';

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

export interface AnonymizeCommand extends OneUser {
  readonly extent: 'this-site' | 'all-sites';
  /** Part of the anonymization of a whole site: soft-deleted rows may be named too, and admins of the site are left out. */
  readonly wholeSite?: true;
  /** The union of both; undefined: everything; present but empty: nothing. */
  readonly only?: { readonly userIds: readonly number[]; readonly siteIds: readonly number[] };
  /** `summary`: counts instead of lists, in flat memory. `changes`: that, and the first of what changes, goes and stays. */
  readonly view: 'lists' | 'summary' | 'changes';
  /** Runs what lists much (`bytes`) when it is the actor's turn, few at a time; absent: at once. */
  readonly whenMuch?: <T>(work: () => Promise<T>, bytes: number) => Promise<T>;
  /** `If-Match`: whether a plan of this digest is what the caller saw. */
  readonly stillMatches?: (digest: string) => boolean;
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
  /** Soft-deleted contributions of all kinds, whatever becomes of them. */
  readonly hidden: number;
}

export interface AnonymizationSummary {
  readonly digest: string;
  readonly users: number;
  readonly sites: readonly SiteTotals[];
  /** Whether the person is to be removed at the OAuth server, as nobody would be left here; null: it is not for this actor to hear. */
  readonly oauth: 'removed' | 'kept' | null;
  /** How many contributions came from other nodes of a cluster while it was done, and were taken as well; absent: none, or it is a preview. */
  readonly late?: number;
}

/** How many there are, and the first hundred of them by id. */
export interface First<T> {
  readonly number: number;
  readonly first: readonly T[];
}
/** A field of a user as the actor sees it, and what it becomes; of extraData each key by itself. */
export interface FieldChange {
  readonly field: string;
  readonly key?: string;
  readonly before: unknown;
  readonly after: unknown;
}
export interface ChangedRow {
  /** As it was before. */
  readonly user: User;
  /** null: it is gone. */
  readonly site: Site | null;
  readonly changes: readonly FieldChange[];
}
export interface ConcernedContribution extends TitledContribution {
  readonly site: Site | null;
  /** The name that stands under what stays. */
  readonly shownAs: string | null;
}
/** What it would look like: of what answers show the actor, and no more in the numbers either. Source: people.md §2. */
export interface AnonymizationChanges {
  readonly rows: First<ChangedRow>;
  readonly stays: ByActivity<First<ConcernedContribution>>;
  readonly goes: ByActivity<First<ConcernedContribution>>;
}

export interface AnonymizationView {
  /** As whom it was read: who asked, as they stood when it was their turn. */
  readonly actor: Actor;
  readonly summary: AnonymizationSummary;
  /** null when they were not asked for. */
  readonly lists: AnonymizationLists | null;
  /** null when they were not asked for. */
  readonly changes: AnonymizationChanges | null;
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
