import { personalColumns, type PersonalTable } from '../activity-types/definition.ts';

/** A personal column says what it holds once emptied; columns that may not be null hold an empty text or object. */
export interface SideColumn {
  readonly personal: boolean;
  readonly emptied: '' | '{}' | null;
  /** Opens a door: not even an export shows it. */
  readonly secret?: true;
}
/** How a row names somebody. An address or external id counts at the row's own site only; see `siteColumn`. */
export interface Naming {
  readonly column: string;
  readonly holds: 'user-id' | 'user-id-as-text' | 'email' | 'external-id';
  /** For addresses and external ids: the column with the site. Without one, a row is reached as `SideSubjects.anywhere` says. */
  readonly siteColumn?: string;
  /** Rows that hold this are a site's setting, and name nobody. */
  readonly unless?: { readonly column: string; readonly is: string };
}
/** What deleting does. `unlink`: the row stays and names nobody; `clear`: and its personal columns are emptied. */
export type DispositionOfDeleted = 'unlink' | 'clear' | 'remove';

/** A table that OpenStad has beside the six, holding something of a user. Source: running.md, "Adopting". */
export interface SideTable extends PersonalTable {
  readonly key: 'id' | 'uid';
  readonly names: readonly Naming[];
  readonly columns: Readonly<Record<string, SideColumn>>;
  readonly whenDeleted: DispositionOfDeleted;
}
/** What becomes of a row, soft-deleted ones too, when whom it names is anonymized or deleted. */
export type Dispositions = Pick<SideTable, 'whenAnonymized' | 'whenHidden' | 'whenDeleted'>;

export const kept: SideColumn = { personal: false, emptied: null };
export const personal = (emptied: SideColumn['emptied'] = null): SideColumn => ({ personal: true, emptied });
export const secret = (emptied: SideColumn['emptied'] = null): SideColumn => ({
  personal: true,
  emptied,
  secret: true,
});

/** The columns that OpenStad puts into every table. */
export const stamps = { id: kept, createdAt: kept, updatedAt: kept, deletedAt: kept };
export const userId: readonly Naming[] = [{ column: 'userId', holds: 'user-id' }];

/** Those that are emptied, with what stands in them then. */
export const emptiedColumns = (side: SideTable): readonly (readonly [string, SideColumn['emptied']])[] =>
  personalColumns(side).map((name) => [name, side.columns[name]?.emptied ?? null]);
