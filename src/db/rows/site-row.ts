import { siteConfigOf } from '../../domain/site-config.ts';
import type { Site } from '../../domain/site.ts';
import type { RawRow } from '../database.ts';
import { raw, type Sql } from '../sql.ts';
import { dateOf, numberOf, objectOf, textOf } from './values.ts';

export const siteColumns: Sql = raw('id, name, title, domain, areaId, createdAt, updatedAt, config');

export const siteOf = (row: RawRow): Site => {
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
