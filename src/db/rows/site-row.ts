import { siteConfigOf } from '../../domain/site-config.ts';
import type { Site } from '../../domain/site.ts';
import type { RawRow } from '../database.ts';
import { raw, type Sql } from '../sql.ts';
import { dateOf, numberOf, objectOf, textOf } from './values.ts';

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
