import { exactText } from '../../domain/json.ts';
import { Fault } from '../../domain/fault.ts';
import { siteConfigOf, type Site } from '../../domain/sites/site.ts';
import type { AllSites, SiteStore } from '../../ports/site-store.ts';
import { ambient, type Ambient } from '../unit-of-work.ts';
import type { Database, RawRow } from '../database.ts';
import { isId } from '../sql.ts';
import { isDeletedRow, isLiveRow, numberOf, dateOf, objectOf, textOf, toTheSecond } from '../rows/values.ts';
import { keyOf, siteCache } from '../site-cache.ts';
import { listOf, raw, sql, type Sql } from '../sql.ts';

type Sites = readonly Site[];
/** Sites in a list, and things kept in memory, at most. */
const maxSites = 10_000;

/** Keeps what it read for `freshSeconds`, or until `changed` or `forget`; several that ask at once share one statement. */
export const siteStore = (database: Database, freshSeconds: number): SiteStore => {
  // Live and past ones.
  const siteOf = siteReader(2 * maxSites);

  const sitesWhere = async (which: Sql): Promise<Sites> =>
    (await database.select(sql`SELECT ${siteColumns} FROM sites WHERE ${which}`)).map(siteOf);
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

/**
 * One reading at a time, for who must not be answered by one that began before they asked: all who ask while it is under way share
 * the next one.
 */
export const sharedReading = <T>(read: () => Promise<T>): (() => Promise<T>) => {
  let underWay: Promise<T> | null = null;
  let next: Promise<T> | null = null;

  const begin = (): Promise<T> => {
    next = null;
    underWay = read().finally(() => {
      underWay = null;
    });
    return underWay;
  };

  return () => {
    if (next !== null) return next;
    if (underWay === null) return begin();
    next = underWay.then(begin, begin);
    return next;
  };
};

const siteColumns: Sql = raw('id, name, title, domain, areaId, createdAt, updatedAt, config');

/**
 * A row that reads as it did before is the same site again: to read a config of 1 MB anew costs some 20 ms of everybody's time, to
 * compare it next to nothing.
 */
const siteReader = (most: number): ((row: RawRow) => Site) => {
  const before = new Map<unknown, { readonly row: RawRow; readonly site: Site }>();
  return (row) => {
    const known = before.get(row['id']);
    if (known !== undefined && isSameRow(known.row, row)) return known.site;
    if (before.size >= most) before.clear();
    const site = siteOf(row);
    before.set(row['id'], { row, site });
    return site;
  };
};

const isSameRow = (one: RawRow, other: RawRow): boolean =>
  Object.keys(other).every((column) => one[column] === other[column]);

const siteOf = (row: RawRow): Site => {
  const rawConfig = objectOf(row['config']);
  return {
    id: numberOf(row['id']) ?? 0,
    name: textOf(row['name']) ?? '',
    title: textOf(row['title']) ?? '',
    domain: textOf(row['domain']) ?? '',
    areaId: numberOf(row['areaId']),
    createdAt: dateOf(row['createdAt']) ?? new Date(0),
    updatedAt: dateOf(row['updatedAt']) ?? new Date(0),
    config: siteConfigOf(rawConfig),
    rawConfig,
  };
};

const writeSites = (database: Database, noteUnit: () => void): Pick<SiteStore, 'insert' | 'save' | 'remove'> => {
  /** An adopted database may know areas. */
  const orNoSuchArea = async <T>(written: Promise<T>): Promise<T> => {
    try {
      return await written;
    } catch (error) {
      if (database.dialect.errorKind(error) !== 'referred-to') throw error;
      const wrong = { pointer: '/areaId', detail: 'names no area' };
      throw new Fault('invalid-values', { errors: [wrong] }, '/areaId: names no area', { cause: error });
    }
  };
  return {
    insert: ({ name, title, domain, areaId, config }, at) => {
      noteUnit();
      const now = toTheSecond(at);
      return orNoSuchArea(
        database.insert(
          sql`INSERT INTO sites (name, title, domain, config, hostStatus, areaId, createdAt, updatedAt)
              VALUES (${name}, ${title}, ${domain}, ${JSON.stringify(config)}, '{}', ${areaId}, ${now}, ${now})`,
        ),
      );
    },
    save: async (id, { name, title, domain, areaId, config }, at) => {
      noteUnit();
      await orNoSuchArea(
        database.change(
          sql`UPDATE sites SET name = ${name}, title = ${title}, domain = ${domain}, config = ${exactText(config)},
              areaId = ${areaId}, updatedAt = ${toTheSecond(at)} WHERE id = ${id}`,
        ),
      );
    },
    remove: async (id, at) => {
      noteUnit();
      await database.change(sql`UPDATE sites SET deletedAt = ${toTheSecond(at)} WHERE id = ${id}`);
    },
  };
};
