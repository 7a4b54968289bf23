import type { Clock } from '../../ports/clock.ts';
import type { InOneTransaction } from '../../ports/unit-of-work.ts';
import { undeclaredIn, type CatalogColumn } from '../../side-tables/unknown.ts';
import { readCatalog } from '../catalog.ts';
import type { Database } from '../database.ts';
import type { Migrator } from '../migrator.ts';
import { numberOf } from '../rows/values.ts';
import { raw } from '../sql.ts';
import { fillWords } from '../users/fill-words.ts';
import { putCountsRight } from '../users/user-counts.ts';
import { readIssuers } from './issuers.ts';
import { linkPeople } from './link-people.ts';
import type { AdoptionReport } from './report.ts';
import { surveyAlone, surveyMisfits, surveySeveralRows } from './survey.ts';

interface Needs {
  readonly database: Database;
  readonly migrator: Migrator;
  readonly inOneTransaction: InOneTransaction;
  readonly clock: Pick<Clock, 'now'>;
  /** The global OAuth server's, for sites that name none. */
  readonly globalIssuer: string | null;
}

/**
 * Brings a database up to date, an OpenStad one too: adds what is missing, links people, and looks around. Loses nothing; may be
 * interrupted anywhere and run again. Source: running.md, "Adopting an OpenStad database"; docs/adr/0005.
 */
export const adopt = async ({
  database,
  migrator,
  inOneTransaction,
  clock,
  globalIssuer,
}: Needs): Promise<AdoptionReport> => {
  const before = await readCatalog(database);
  const steps = await migrator.up();
  const after = await readCatalog(database);
  const issuers = await readIssuers(database, globalIssuer);
  const linkedNow = await linkPeople(database, inOneTransaction, issuers, clock.now());
  // An OpenStad API that goes on writing neither counts nor keeps words.
  const countsPutRight = await inOneTransaction(() => putCountsRight(database));
  await fillWords(database);
  const [persons] = await database.select(raw('SELECT COUNT(*) AS n FROM civitas_persons'));
  return {
    steps,
    ...added(before, after),
    people: {
      linkedNow,
      persons: numberOf(persons?.['n']) ?? 0,
      severalRows: await surveySeveralRows(database),
    },
    countsPutRight,
    alone: await surveyAlone(database, issuers),
    misfits: await surveyMisfits(database),
    undeclared: undeclaredIn(after),
  };
};

const added = (
  before: readonly CatalogColumn[],
  after: readonly CatalogColumn[],
): Pick<AdoptionReport, 'tablesAdded' | 'columnsAdded'> => {
  const tables = new Set(before.map(({ table }) => table));
  const columns = new Set(before.map(({ table, column }) => `${table}.${column}`));
  return {
    tablesAdded: [...new Set(after.map(({ table }) => table))].filter((table) => !tables.has(table)),
    columnsAdded: after
      .filter(({ table }) => tables.has(table))
      .map(({ table, column }) => `${table}.${column}`)
      .filter((name) => !columns.has(name)),
  };
};
