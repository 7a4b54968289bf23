import { atLeast, isRole, type Role } from '../domain/actor.ts';

/** Columns in our own few words; db/ translates them. */
export interface Column {
  readonly kind: 'number' | 'text' | 'flag' | 'date' | 'json' | 'point';
  /** Holds something of its author that an anonymization must not leave. */
  readonly personal: boolean;
  /** Whether answers show it. */
  readonly shown: boolean;
}
export interface ActivityRow {
  readonly id: number;
  readonly userId: number;
  readonly createdAt: Date;
  readonly deletedAt: Date | null;
  readonly [column: string]: unknown;
}

/** What happens to a contribution. `anonymize`: the row stays and loses its personal columns. */
export type Disposition = 'keep' | 'anonymize' | 'remove';
/** What a site says at the moment of anonymizing. */
export interface SiteState {
  readonly votingIsActive: boolean;
}

/** A table whose rows are people's, contributions or what else OpenStad keeps (side-tables), and what anonymizing does to them. */
export interface PersonalTable {
  readonly table: string;
  readonly columns: Readonly<Record<string, { readonly personal: boolean }>>;
  /** What an anonymization does to a row that everybody sees … */
  readonly whenAnonymized: (site: SiteState) => Disposition;
  /** … and to a soft-deleted one, where the others of its kind stay. */
  readonly whenHidden: Disposition;
}

/** What becomes of a row whose user's site says so. */
export const dispositionOf = (
  { whenAnonymized, whenHidden }: PersonalTable,
  site: SiteState,
  isHidden: boolean,
): Disposition => {
  const disposition = whenAnonymized(site);
  return isHidden && disposition !== 'remove' ? whenHidden : disposition;
};

export const personalColumns = ({ columns }: PersonalTable): readonly string[] =>
  Object.entries(columns).flatMap(([name, { personal: isPersonal }]) => (isPersonal ? [name] : []));

/** Everything about one kind of contribution: in the list of index.ts it is in activity, preview, anonymize, delete and OpenAPI. */
export interface ActivityType<N extends string = string, P extends string = string> extends PersonalTable {
  readonly name: N;
  readonly plural: P;
  /** As activity lists call it. Source: user-api.md §3. */
  readonly label: string;
  readonly columns: Readonly<Record<string, Column>>;
  /** A contribution belongs to a site itself, or through its idea. */
  readonly belongsTo: 'site' | 'idea';
  /** What an anonymization's list of this kind holds: the rows that stay under the replaced name, or those that go. */
  readonly listed: 'what-stays' | 'what-goes';
  /** In which number of a person the management API counts it: `messages_count` or `votes_count`. */
  readonly countsAs: 'message' | 'vote';
  /** Whether people who are neither owner nor moderator may see any of it: `isOpenTo` asks. */
  readonly isPublic: (votesAreViewable: boolean) => boolean;
  /** Its line in an activity list, HTML as written. */
  readonly line: (row: ActivityRow) => string;
}

export const activityType = <const N extends string, const P extends string>(
  type: ActivityType<N, P>,
): ActivityType<N, P> => type;

/** The column that names the idea under which a contribution stands, which is an idea itself; null: under none. */
export const ideaColumn = ({ belongsTo, table }: ActivityType): 'ideaId' | 'id' | null => {
  if (belongsTo === 'idea') return 'ideaId';
  return table === 'ideas' ? 'id' : null;
};

/**
 * Whether somebody who is neither owner nor moderator, with this role at the site, sees a contribution. `idea`: the one under which
 * it stands, null where that is gone: a vote on it would tell of it. Source: user-api.md §3 "Activity".
 */
export const isOpenTo = (
  role: Role,
  type: ActivityType,
  { votesAreViewable, idea }: { readonly votesAreViewable: boolean; readonly idea: Stage | null },
): boolean => {
  if (!type.isPublic(votesAreViewable)) return false;
  if (ideaColumn(type) === null) return true;
  const needed = idea === null ? null : (idea.viewableByRole ?? 'all');
  return isRole(needed) && atLeast(role, needed);
};
interface Stage {
  readonly viewableByRole: string | null;
}

export const shown = (kind: Column['kind']): Column => ({ kind, personal: false, shown: true });
export const unshown = (kind: Column['kind']): Column => ({ kind, personal: false, shown: false });
/** Personal, and in nobody's answer. */
export const personal = (kind: Column['kind']): Column => ({ kind, personal: true, shown: false });

export const textOrEmpty = (value: unknown): string => (typeof value === 'string' ? value : '');
