import type { ActivityRow } from '../../activity-types/definition.ts';
import type { ActivityPlural, activityTypes } from '../../activity-types/index.ts';
import type { Actor } from '../../domain/actor.ts';
import type { Site } from '../../domain/sites/site.ts';
import type { UserChange } from '../../domain/users/user-change.ts';
import type { User } from '../../domain/users/user.ts';
import type { IdeaSummary } from '../../ports/activity-store.ts';
import type { Condition, Sort } from '../../ports/user-store.ts';
import type { AtSite, InTurn, OneUser } from '../commands.ts';

export interface ListSelection extends AtSite {
  readonly conditions: readonly Condition[];
  /** What is searched for, as `askedWords` gives it; empty: nothing in particular. */
  readonly words: readonly string[];
  readonly sort: Sort;
  /** Absent: at once. */
  readonly inTurn?: InTurn;
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

/** A page whose users are read as they are asked for. */
export interface StreamedPage extends Omit<ListedPage, 'users'> {
  readonly batches: AsyncIterable<readonly User[]>;
}

export interface GetUserCommand extends OneUser {
  /** Ask the OAuth server first (moderators and owner; ignored for everybody else). */
  readonly refresh: boolean;
}

export interface ShownUser {
  /** Who asked, as they stand now: the OAuth server may have been asked meanwhile, or others waited for. */
  readonly actor: Actor;
  readonly user: User;
}
export interface FoundUser extends ShownUser {
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

export interface ListActivityCommand extends OneUser {
  readonly includeOtherSites: boolean;
  readonly kinds: ReadonlySet<ActivityPlural>;
  readonly inTurn?: InTurn;
}

export interface ActivityItem {
  readonly row: ActivityRow;
  readonly idea: IdeaSummary | null;
  readonly site: Site;
  readonly type: (typeof activityTypes)[number];
}

export type SlicedActivity = (
  of: ActivityPlural | 'all',
) => AsyncIterable<readonly ActivityItem[]> | Iterable<readonly ActivityItem[]>;

/** Each kind that was asked for, newest first. */
export interface ListedActivity {
  readonly sites: readonly Site[];
  readonly asked: readonly ActivityPlural[];
  /** Of what is much, a slice is read when it is asked for. */
  readonly isMuch: boolean;
  /** Reads the order, in turn where it is much; then one kind, or all of them as one list. */
  readonly inOrder: () => Promise<SlicedActivity>;
}
