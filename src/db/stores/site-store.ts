import NodeCache from 'node-cache';
import type { Site } from '../../domain/sites/site.ts';
import type { AllSites, SiteStore } from '../../ports/site-store.ts';
import type { Database } from '../database.ts';
import { isDeletedRow, isLiveRow, numberOf } from '../rows/values.ts';
import { isId, listOf, raw, sql, type Sql } from '../sql.ts';
import { ambient, type Ambient } from '../unit-of-work.ts';
import { sharedReading, siteColumns, siteReader, writeSites } from './site-rows.ts';

/** Sites in a list, and things kept in memory, at most. */
const maxSites = 10_000;

/** Sites and their configs, from a cache in memory: keeps what it read for `freshSeconds`, or until `changed` or `forget`; several that ask at once share one statement. */
export const siteStore = (database: Database, freshSeconds: number): SiteStore => {
  // Live and past ones.
  const siteOf = siteReader(2 * maxSites);

  const sitesWhere = async (which: Sql): Promise<Sites> =>
    (await database.select(sql`SELECT ${siteColumns} FROM sites WHERE ${which}`, { current: true })).map(siteOf);
  const live = (rest: Sql): Promise<Sites> => sitesWhere(sql`${isLiveRow('sites')} ${rest}`);

  const readAll = (): Promise<Sites> => live(sql`ORDER BY id LIMIT ${String(maxSites)}`);
  const readPast = (): Promise<Sites> =>
    sitesWhere(sql`${isDeletedRow('sites')} ORDER BY id LIMIT ${String(maxSites)}`);
  const someOf = (ids: readonly number[]): Promise<Sites> => live(sql`AND id IN ${listOf(ids)} ORDER BY id`);
  const somePast = (ids: readonly number[]): Promise<Sites> =>
    sitesWhere(sql`${isDeletedRow('sites')} AND id IN ${listOf(ids)} ORDER BY id`);
  const whole = { all: readAll, past: readPast };
  const cache = siteCache(freshSeconds, maxSites, { whole, some: { all: someOf, past: somePast } });
  const readAnew = (): Promise<AllSites> => cache.anew();
  const shared = sharedReading(readAnew);

  /** They see what they wrote, which nobody else may before their commit. */
  const changedBy = new WeakSet<Ambient>();
  const noteUnit = (): void => {
    const unit = ambient();
    if (unit !== undefined) changedBy.add(unit);
  };
  /**
   * A unit of work takes what is kept and good, else reads over its own connection. Somebody else's reading may be waiting for that
   * very connection; and what a snapshot reads is old by now, so that others must not have it.
   */
  const inside = async (unit: Ambient, good: Sites | undefined, read: () => Promise<Sites>): Promise<Sites> =>
    good === undefined || changedBy.has(unit) ? read() : good;
  const kept = (key: string, read: () => Promise<Sites>): Promise<Sites> => {
    const unit = ambient();
    return unit === undefined ? cache.kept(key, read) : inside(unit, cache.keptNow(key), read);
  };
  const list = (name: keyof AllSites): Promise<Sites> => {
    const unit = ambient();
    return unit === undefined ? cache.list(name) : inside(unit, cache.listNow(name), whole[name]);
  };
  const allNow = async (): Promise<AllSites> => {
    const unit = ambient();
    if (unit === undefined) return shared();
    // What a unit finds past the cache is there now, and kept, unless it is its own.
    if (unit.kind === 'unit' && !changedBy.has(unit)) return readAnew();
    const [all, past] = await Promise.all([readAll(), readPast()]);
    return { all, past };
  };

  return {
    byId: async (id) => (isId(id) ? ((await kept(keyOf(id), () => live(sql`AND id = ${id}`)))[0] ?? null) : null),
    byDomain: async (domain) => {
      const name = domain.toLowerCase();
      const found = await kept(`domain ${name}`, () => live(sql`AND domain = ${name} ORDER BY id LIMIT 1`));
      return found[0] ?? null;
    },
    all: () => list('all'),
    past: () => list('past'),
    allNow,
    readNow: async (ids) => {
      const wanted = ids.filter(isId);
      return wanted.length === 0 ? [] : someOf(wanted);
    },
    locked: async (id) => {
      const rest = sql`AND id = ${id}${raw(database.dialect.forUpdate)}`;
      return isId(id) ? ((await live(rest))[0] ?? null) : null;
    },
    idOfDomain: async (domain) => {
      const rows = sql`SELECT id FROM sites WHERE ${isLiveRow('sites')} AND domain = ${domain} ORDER BY id LIMIT 1`;
      return numberOf((await database.select(rows))[0]?.['id']);
    },
    ...writeSites(database, noteUnit),
    changed: (id) => {
      cache.changed(id);
    },
    forget: () => {
      cache.forget();
    },
  };
};

type Sites = readonly Site[];
type Read = () => Promise<Sites>;
type ListName = keyof AllSites;

export interface SiteCache {
  /**
   * What is kept under this key, else what is read now; kept where it found something, as who asks for sites that do not exist
   * must not fill the memory.
   */
  kept(key: string, read: Read): Promise<Sites>;
  /** A list of all sites in id order, kept or read now; of one that is kept, sites that changed are read anew, and no others. */
  list(name: ListName): Promise<Sites>;
  /** What is kept under this key and good now, or undefined: for who may neither read for others nor wait for their reading. */
  keptNow(key: string): Sites | undefined;
  /** A list that is kept and good now, or undefined: it has a site to be read anew, or that is under way. */
  listNow(name: ListName): Sites | undefined;
  /** Past what is kept: what is read now is kept in its place, and what is kept of single sites goes where it differs from that. */
  anew(): Promise<Readonly<Record<ListName, Sites>>>;
  /** A site was made, changed or removed. */
  changed(id: number): void;
  forget(): void;
}

export interface ReadLists {
  readonly whole: Readonly<Record<ListName, Read>>;
  /** Those of them in such a list now. */
  readonly some: Readonly<Record<ListName, (ids: readonly number[]) => Promise<Sites>>>;
}

/** A list as it was read, and what changed since that reading began. */
interface KeptList {
  sites: Sites;
  readonly until: number;
  readonly changed: Set<number>;
  /** Those that had changed are being read. */
  mending: Promise<void> | null;
}

/**
 * Bounded in time and number. Several that ask at once share one reading. A reading of one site that began before its change is not
 * kept, nor shared with who asks after it: it may have seen what was there before. A list that began before is put right for that
 * site alone, and grows no younger by it: an editor who changes a title again and again has no other site read anew.
 */
export const siteCache = (freshSeconds: number, most: number, lists: ReadLists): SiteCache => {
  // checkperiod 0: no timer that keeps a process alive; entries go when they are asked for, or with all others.
  const known = new NodeCache({ stdTTL: freshSeconds, useClones: false, checkperiod: 0 });
  const underWay = new Map<string, Promise<Sites>>();
  const keptLists = new Map<ListName, KeptList>();
  const listsUnderWay = new Map<ListName, Promise<KeptList>>();
  /** Where changes are noted: of lists that are kept, and of those that are being read. */
  const notes = new Set<Set<number>>();
  let forgotten = 0;

  const keep = (key: string, sites: Sites): void => {
    if (freshSeconds <= 0) return;
    // Full of what nobody asked for again: to begin anew is simpler than to choose, and hardly ever happens.
    if (known.keys().length >= most) known.flushAll();
    known.set(key, sites);
  };

  const reading = async (key: string, read: Read): Promise<Sites> => {
    const isStill = (): boolean => underWay.get(key) === own;
    const own = read();
    underWay.set(key, own);
    try {
      const sites = await own;
      if (isStill() && sites.length > 0) keep(key, sites);
      return sites;
    } finally {
      if (isStill()) underWay.delete(key);
    }
  };

  const readList = async (name: ListName): Promise<KeptList> => {
    const changed = new Set<number>();
    notes.add(changed);
    try {
      const sites = await lists.whole[name]();
      return { sites, until: Date.now() + freshSeconds * 1000, changed, mending: null };
    } catch (error) {
      notes.delete(changed);
      throw error;
    }
  };

  /** Where one fails, nothing is noted for the other any more. */
  const bothRead = async (): Promise<readonly [KeptList, KeptList]> => {
    const readings = [readList('all'), readList('past')] as const;
    try {
      return await Promise.all(readings);
    } catch (error) {
      for (const reading of await Promise.allSettled(readings))
        if (reading.status === 'fulfilled') notes.delete(reading.value.changed);
      throw error;
    }
  };

  const keepList = (name: ListName, list: KeptList): void => {
    const isWorthKeeping = freshSeconds > 0 && (name === 'past' || list.sites.length > 0);
    const other = isWorthKeeping ? keptLists.get(name) : list;
    if (other !== undefined) notes.delete(other.changed);
    if (isWorthKeeping) keptLists.set(name, list);
  };

  const listReading = async (name: ListName): Promise<KeptList> => {
    const isStill = (): boolean => listsUnderWay.get(name) === own;
    const own = readList(name);
    listsUnderWay.set(name, own);
    try {
      const list = await own;
      if (isStill()) keepList(name, list);
      return list;
    } finally {
      if (isStill()) listsUnderWay.delete(name);
    }
  };

  const mend = async (name: ListName, list: KeptList): Promise<void> => {
    const ids = [...list.changed];
    list.changed.clear();
    try {
      list.sites = withThese(list.sites, ids, await lists.some[name](ids));
    } catch (error) {
      for (const id of ids) list.changed.add(id);
      throw error;
    } finally {
      list.mending = null;
    }
  };

  const isAsIn = (sites: ReadonlyMap<number, Site>, key: string): boolean =>
    (known.get<Sites>(key) ?? []).every((site) => sites.get(site.id) === site);

  return {
    kept: (key, read) => {
      const sites = known.get<Sites>(key);
      return sites === undefined ? (underWay.get(key) ?? reading(key, read)) : Promise.resolve(sites);
    },
    keptNow: (key) => known.get<Sites>(key),
    listNow: (name) => {
      const list = keptLists.get(name);
      const isGood = list !== undefined && list.until > Date.now() && list.changed.size === 0 && list.mending === null;
      return isGood ? list.sites : undefined;
    },
    list: async (name) => {
      const there = keptLists.get(name);
      const isGood = there !== undefined && there.until > Date.now();
      const list = isGood ? there : await (listsUnderWay.get(name) ?? listReading(name));
      // One that began before this call may not have seen all that changed before it.
      if (list.mending !== null) await list.mending;
      if (list.changed.size > 0) list.mending ??= mend(name, list);
      if (list.mending !== null) await list.mending;
      return list.sites;
    },
    anew: async () => {
      const begun = forgotten;
      const [all, past] = await bothRead();
      if (begun === forgotten) {
        keepList('all', all);
        keepList('past', past);
        const live = new Map(all.sites.map((site) => [site.id, site]));
        const others = known.keys().filter((key) => !isAsIn(live, key));
        known.del(others);
        if (others.length > 0) underWay.clear();
      }
      return { all: all.sites, past: past.sites };
    },
    changed: (id) => {
      for (const changed of notes) changed.add(id);
      known.del(known.keys().filter((key) => known.get<Sites>(key)?.some((site) => site.id === id) === true));
      // Which site a domain that is being looked up leads to is not known yet.
      for (const key of underWay.keys()) if (key === keyOf(id) || !key.startsWith('id ')) underWay.delete(key);
    },
    forget: () => {
      forgotten += 1;
      known.flushAll();
      underWay.clear();
      keptLists.clear();
      listsUnderWay.clear();
      notes.clear();
    },
  };
};

/** Of one site by its id. */
const keyOf = (id: number): string => `id ${id}`;

/** In id order; of these ids what was found, and nothing where nothing was. The same list where that is what it holds. */
const withThese = (sites: Sites, ids: readonly number[], found: Sites): Sites => {
  const others = new Set(ids);
  const before = sites.filter(({ id }) => others.has(id));
  if (before.length === found.length && before.every((site, at) => site === found[at])) return sites;
  return [...sites.filter(({ id }) => !others.has(id)), ...found].sort((one, other) => one.id - other.id);
};
