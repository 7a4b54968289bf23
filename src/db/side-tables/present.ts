import type { SideTable } from '../../side-tables/definition.ts';
import { sideTables } from '../../side-tables/index.ts';
import { undeclaredIn, type CatalogColumn, type Undeclared } from '../../side-tables/unknown.ts';
import { readCatalog } from '../catalog.ts';
import type { Database } from '../database.ts';

export interface Present extends Pick<Undeclared, 'clearable' | 'gaps'> {
  /** Those that exist here, in order of their names, with the columns that they have here. */
  readonly tables: readonly SideTable[];
}

/** Looks once; what it found holds until the process ends, as tables do not come and go beside it. A failed look is not kept. */
export const onceLooked = (database: Database): (() => Promise<Present>) => {
  let looked: Promise<Present> | undefined;
  return () => {
    looked ??= readCatalog(database)
      .then((catalog) => ({ ...undeclaredIn(catalog), tables: presentIn(catalog) }))
      .catch((error: unknown) => {
        looked = undefined;
        throw error;
      });
    return looked;
  };
};

/** Older and newer OpenStads lack a column here and there. A table that names users in no way we know is a gap, not a side table. */
const presentIn = (catalog: readonly CatalogColumn[]): readonly SideTable[] =>
  sideTables
    .map((side) => {
      const there = new Set(catalog.filter(({ table }) => table === side.table).map(({ column }) => column));
      const names = side.names.filter(({ column, siteColumn = column, unless }) =>
        [column, siteColumn, unless?.column ?? column].every((name) => there.has(name)),
      );
      const columns = Object.fromEntries(Object.entries(side.columns).filter(([column]) => there.has(column)));
      return { ...side, names, columns };
    })
    .filter(({ names }) => names.length > 0)
    .sort((one, other) => (one.table < other.table ? -1 : 1));
