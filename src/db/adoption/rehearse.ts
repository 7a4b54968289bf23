import { readCatalog } from '../catalog.ts';
import type { Database } from '../database.ts';
import { numberOf } from '../rows/values.ts';
import { raw } from '../sql.ts';
import { wrongCounts } from '../users/words-and-counts.ts';
import { lookAround, type AdoptionNeeds, mustBeCurrent } from './adopt.ts';
import { readIssuers } from './link-people.ts';
import type { AdoptionReport } from './report.ts';
import { knowsPersons, surveySeveralRows } from './survey.ts';

/**
 * The report that `adopt` would give, as far as it can be told beforehand; nothing is changed. Faults as there.
 * Source: running.md, "Databases".
 */
export const rehearse = async (
  needs: Pick<AdoptionNeeds, 'database' | 'migrator' | 'globalIssuer' | 'onProgress'>,
): Promise<AdoptionReport> => {
  const { database, migrator, globalIssuer } = needs;
  const catalog = await readCatalog(database);
  mustBeCurrent(catalog);
  const { steps, tablesAdded, columnsAdded, alters } = await migrator.rehearse();
  const done = { dryRun: true, steps, tablesAdded, columnsAdded, alters };
  if (!catalog.some(({ table }) => table === 'users')) return { ...done, ...nothingThere };
  const { alone, ...found } = await lookAround(needs, catalog, await readIssuers(database, globalIssuer));
  const hasCounts = catalog.some(({ table }) => table === 'civitas_user_counts');
  return {
    ...done,
    people: {
      linkedNow: alone.leftOver.count,
      persons: knowsPersons(catalog) ? await countPersons(database) : 0,
      severalRows: await surveySeveralRows(database, catalog),
    },
    countsPutRight: hasCounts ? (await wrongCounts(database)).length : 0,
    alone: { ...alone, leftOver: { count: 0, ids: [] } },
    ...found,
  };
};

const nobody = { count: 0, ids: [] } as const;
/** An empty database has nothing to look at. */
const nothingThere = {
  people: { linkedNow: 0, persons: 0, severalRows: [] },
  countsPutRight: 0,
  alone: { withoutSite: nobody, withoutIssuer: nobody, withoutExternalId: nobody, leftOver: nobody },
  oddValues: [],
  undeclared: { clearable: [], columns: [], tables: [], gaps: [] },
  declarations: [],
} as const;

const countPersons = async ({ select }: Database): Promise<number> => {
  const [row] = await select(raw('SELECT COUNT(*) AS n FROM civitas_persons'));
  return numberOf(row?.['n']) ?? 0;
};
