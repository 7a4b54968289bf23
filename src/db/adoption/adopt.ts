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
import { fillWords, putCountsRight, wrongCounts } from '../users/words-and-counts.ts';
import { readIssuers, type Issuers, type Linking, linkPeople } from './link-people.ts';
import type { AdoptionReport, OnProgress } from './report.ts';
import { knowsPersons, surveyAlone, surveyOddValues, surveySeveralRows } from './survey.ts';

interface AdoptionNeeds {
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

/** What is found in a database whose OpenStad tables are there, whether it was adopted or not. */
const lookAround = async (
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
const mustBeCurrent = (catalog: readonly CatalogColumn[]): void => {
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
