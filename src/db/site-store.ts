import NodeCache from 'node-cache';
import type { Site } from '../domain/site.ts';
import type { SiteStore } from '../ports/site-store.ts';
import type { Database } from './database.ts';
import { isId } from './ids.ts';
import { siteColumns, siteOf } from './rows/site-row.ts';
import { listOf, sql, type Sql } from './sql.ts';

const mostSites = 10_000;

/** Keeps what it read for `freshSeconds`; several that ask at once share one statement. `forget` is for who changes a site. */
export const siteStore = (database: Database, freshSeconds: number): SiteStore & { readonly forget: () => void } => {
  // checkperiod 0: no timer that keeps a process alive; entries go when they are asked for, and there are as many as sites.
  const cache = new NodeCache({ stdTTL: freshSeconds, useClones: false, checkperiod: 0 });

  const sitesWhere = async (which: Sql): Promise<readonly Site[]> =>
    (await database.select(sql`SELECT ${siteColumns} FROM sites WHERE ${which}`)).map(siteOf);
  const read = (rest: Sql): Promise<readonly Site[]> => sitesWhere(sql`deletedAt IS NULL ${rest}`);

  const cached = async (key: string, rest: Sql, from = read): Promise<readonly Site[]> => {
    const known = cache.get<Promise<readonly Site[]>>(key);
    if (known !== undefined) return known;
    const reading = from(rest);
    if (freshSeconds > 0) cache.set(key, reading);
    try {
      const sites = await reading;
      // Whoever asks for sites that do not exist must not fill the memory.
      if (sites.length === 0 && key !== 'past') cache.del(key);
      return sites;
    } catch (error) {
      cache.del(key);
      throw error;
    }
  };

  return {
    byId: async (id) => (isId(id) ? ((await cached(`id ${id}`, sql`AND id = ${id}`))[0] ?? null) : null),
    byDomain: async (domain) => {
      const name = domain.toLowerCase();
      return (await cached(`domain ${name}`, sql`AND domain = ${name} ORDER BY id LIMIT 1`))[0] ?? null;
    },
    all: () => cached('all', sql`ORDER BY id LIMIT ${String(mostSites)}`),
    past: () => cached('past', sql`deletedAt IS NOT NULL ORDER BY id LIMIT ${String(mostSites)}`, sitesWhere),
    readNow: async (ids) => {
      const wanted = ids.filter(isId);
      return wanted.length === 0 ? [] : read(sql`AND id IN ${listOf(wanted)} ORDER BY id`);
    },
    forget: () => {
      cache.flushAll();
    },
  };
};
