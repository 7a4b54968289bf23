import { activityTypes } from '../../activity-types/index.ts';
import { Fault } from '../../domain/fault.ts';
import { userFieldNames } from '../../domain/users/user-fields.ts';
import type { Clock } from '../../ports/platform.ts';
import type { InOneTransaction } from '../../ports/unit-of-work.ts';
import { declarationsFor } from '../../side-tables/declaration.ts';
import { undeclaredIn, type CatalogColumn } from '../../side-tables/unknown.ts';
import { readCatalog } from '../catalog.ts';
import type { Database } from '../database.ts';
import type { Migrator } from '../migrator.ts';
import { numberOf } from '../rows/values.ts';
import { raw } from '../sql.ts';
import { fillWords, putCountsRight } from '../users/words-and-counts.ts';
import { readIssuers, type Issuers, type Linking, linkPeople } from './link-people.ts';
import { surveyOddValues } from './odd-values.ts';
import type { AdoptionReport, OnProgress } from './report.ts';
import { surveyAlone, surveySeveralRows } from './survey.ts';

export interface AdoptionNeeds {
  readonly database: Database;
  readonly migrator: Migrator;
  readonly inOneTransaction: InOneTransaction;
  readonly clock: Pick<Clock, 'now'>;
  readonly secrets: Linking['secrets'];
  /** The global OAuth server's, for sites that name none. */
  readonly globalIssuer: string | null;
  readonly onProgress?: OnProgress;
}

/**
 * Brings a database up to date, an OpenStad one too: adds what is missing, links people, and looks around. Loses nothing; may be
 * interrupted anywhere and run again. Fault `conflict` (rule `older-openstad`) before anything is changed. Source: running.md,
 * "Adopting"; docs/adr/0005.
 */
export const adopt = async (needs: AdoptionNeeds): Promise<AdoptionReport> => {
  const { database, migrator, inOneTransaction, clock, secrets, globalIssuer, onProgress = untold } = needs;
  const before = await readCatalog(database);
  mustBeCurrent(before);
  const steps = await migrator.up();
  const after = await readCatalog(database);
  const issuers = await readIssuers(database, globalIssuer);
  const linkedNow = await linkPeople(database, inOneTransaction, { issuers, secrets, now: clock.now() }, onProgress);
  // An OpenStad API that goes on writing neither counts nor keeps words.
  onProgress({ work: 'totals of lists', done: 0, of: null });
  const countsPutRight = await inOneTransaction(() => putCountsRight(database));
  await fillWords(database, (done) => {
    onProgress({ work: 'search words', done, of: null });
  });
  const [persons] = await database.select(raw('SELECT COUNT(*) AS n FROM civitas_persons'));
  return {
    dryRun: false,
    steps,
    ...added(before, after),
    alters: [],
    ...(await lookAround(needs, after, issuers)),
    people: {
      linkedNow,
      persons: numberOf(persons?.['n']) ?? 0,
      severalRows: await surveySeveralRows(database, after),
    },
    countsPutRight,
  };
};

/** What is found in a database whose OpenStad tables are there, whether it was adopted or not. */
export const lookAround = async (
  { database, onProgress = untold }: Pick<AdoptionNeeds, 'database' | 'onProgress'>,
  catalog: readonly CatalogColumn[],
  issuers: Issuers,
): Promise<Pick<AdoptionReport, 'alone' | 'oddValues' | 'undeclared' | 'declarations'>> => {
  const undeclared = undeclaredIn(catalog);
  return {
    alone: await surveyAlone(database, catalog, issuers),
    oddValues: await surveyOddValues(database, catalog, onProgress),
    undeclared,
    declarations: declarationsFor(catalog, undeclared.gaps),
  };
};

const untold: OnProgress = () => undefined;

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

/** Columns of `users` that our own steps add. */
const ourColumns: ReadonlySet<string> = new Set([
  'personId',
  'slot',
  'profileWithheld',
  'addressWritten',
  'anonymizedAt',
  'signedUpForNewsletter',
]);

/** What OpenStad's own tables have to have, in the order of its releases' last steps. */
const needed: readonly (readonly [table: string, columns: readonly string[]])[] = [
  ['sites', ['id', 'name', 'title', 'domain', 'config', 'hostStatus', 'areaId', 'createdAt', 'updatedAt', 'deletedAt']],
  ['users', userFieldNames.filter((name) => !ourColumns.has(name))],
  ...activityTypes.map(({ table, columns }) => [table, Object.keys(columns)] as const),
];

/**
 * An older OpenStad lacks columns that its own steps add: were they ours, its steps would stop at them, and what else those change
 * would be missing. Fault `conflict`, which says so; a database of which we have begun to take care is left to our own steps.
 */
export const mustBeCurrent = (catalog: readonly CatalogColumn[]): void => {
  const tables = new Set(catalog.map(({ table }) => table));
  if (tables.has('civitas_migrations') || !needed.some(([table]) => tables.has(table))) return;
  const there = new Set(catalog.map(({ table, column }) => `${table}.${column}`));
  const missing = needed.flatMap(([table, columns]) =>
    tables.has(table) ? columns.map((column) => `${table}.${column}`).filter((name) => !there.has(name)) : [table],
  );
  if (missing.length === 0) return;
  throw new Fault(
    'conflict',
    { rule: 'older-openstad' },
    `This database is of an older OpenStad: ${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing. Start its newest API on it once (its own steps add them), then run this again. Nothing was changed.`,
  );
};
