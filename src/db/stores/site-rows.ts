import { Fault } from '../../domain/fault.ts';
import { exactText } from '../../domain/json.ts';
import { siteConfigOf, type Site } from '../../domain/sites/site.ts';
import type { SiteStore } from '../../ports/site-store.ts';
import type { Database, RawRow } from '../database.ts';
import { dateOf, numberOf, objectOf, textOf, toTheSecond } from '../rows/values.ts';
import { raw, sql, type Sql } from '../sql.ts';
import { touchCounts } from '../users/write-users.ts';

export const siteColumns: Sql = raw('id, name, title, domain, areaId, createdAt, updatedAt, config');

/**
 * A row that reads as it did before is the same site again: to read a config of 1 MB anew costs some 20 ms of everybody's time, to
 * compare it next to nothing.
 */
export const siteReader = (most: number): ((row: RawRow) => Site) => {
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

export const writeSites = (database: Database, noteUnit: () => void): Pick<SiteStore, 'insert' | 'save' | 'remove'> => {
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
      await touchCounts(database, id);
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
