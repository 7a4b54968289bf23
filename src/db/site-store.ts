import type { Site } from '../domain/site.ts';
import type { AllSites, SiteStore } from '../ports/site-store.ts';
import { ambient } from './ambient.ts';
import type { Database } from './database.ts';
import { isId } from './ids.ts';
import { isDeletedRow, isLiveRow } from './rows/meanings.ts';
import { siteColumns, siteReader } from './rows/site-row.ts';
import { numberOf } from './rows/values.ts';
import { sharedReading } from './shared-reading.ts';
import { siteCache } from './site-cache.ts';
import { listOf, raw, sql, type Sql } from './sql.ts';
import { writeSites } from './write-sites.ts';

/** Sites in a list, and things kept in memory, at most. */
const maxSites = 10_000;

/** Keeps what it read for `freshSeconds`, or until `forget`; several that ask at once share one statement. */
export const siteStore = (database: Database, freshSeconds: number): SiteStore => {
  const cache = siteCache(freshSeconds, maxSites);

  // Live and past ones.
  const siteOf = siteReader(2 * maxSites);

  const sitesWhere = async (which: Sql): Promise<readonly Site[]> =>
    (await database.select(sql`SELECT ${siteColumns} FROM sites WHERE ${which}`)).map(siteOf);
  const live = (rest: Sql): Promise<readonly Site[]> => sitesWhere(sql`${isLiveRow('sites')} ${rest}`);

  const readAll = (): Promise<readonly Site[]> => live(sql`ORDER BY id LIMIT ${String(maxSites)}`);
  const readPast = (): Promise<readonly Site[]> =>
    sitesWhere(sql`${isDeletedRow('sites')} ORDER BY id LIMIT ${String(maxSites)}`);
  const readAnew = (): Promise<AllSites> =>
    cache.anew(async () => {
      const [all, past] = await Promise.all([readAll(), readPast()]);
      return { all, past };
    });
  const shared = sharedReading(readAnew);

  return {
    byId: async (id) =>
      isId(id) ? ((await cache.kept(`id ${id}`, () => live(sql`AND id = ${id}`)))[0] ?? null) : null,
    byDomain: async (domain) => {
      const name = domain.toLowerCase();
      const found = await cache.kept(`domain ${name}`, () => live(sql`AND domain = ${name} ORDER BY id LIMIT 1`));
      return found[0] ?? null;
    },
    all: () => cache.kept('all', readAll),
    past: () => cache.keptThoughEmpty('past', readPast),
    // Inside a unit of work over its own connection.
    allNow: () => (ambient() === undefined ? shared() : readAnew()),
    readNow: async (ids) => {
      const wanted = ids.filter(isId);
      return wanted.length === 0 ? [] : live(sql`AND id IN ${listOf(wanted)} ORDER BY id`);
    },
    locked: async (id) => {
      const rest = sql`AND id = ${id}${raw(database.dialect.forUpdate)}`;
      return isId(id) ? ((await live(rest))[0] ?? null) : null;
    },
    idOfDomain: async (domain) => {
      const rows = sql`SELECT id FROM sites WHERE ${isLiveRow('sites')} AND domain = ${domain} ORDER BY id LIMIT 1`;
      return numberOf((await database.select(rows))[0]?.['id']);
    },
    ...writeSites(database),
    forget: () => {
      cache.forget();
    },
  };
};
