import type { CatalogColumn } from '../../side-tables/unknown.ts';
import type { Database } from '../database.ts';
import { certainDate, deletion, numberOf } from '../rows/values.ts';
import { listOf, raw, sql, type Sql } from '../sql.ts';
import { type Issuers, slotsFor } from './link-people.ts';
import type { AdoptionReport, Found, SeveralRows } from './report.ts';

const maxIds = 20;
const maxPlaces = 1000;

/** Rows that have no person; before there is such a column, all. `anonymizedAt` rows have lost theirs on purpose. */
const withoutPerson = (catalog: readonly CatalogColumn[]): Sql =>
  knowsPersons(catalog) ? raw('personId IS NULL AND anonymizedAt IS NULL') : raw('1 = 1');

/** Whether the step was done that adds our columns to `users`. */
export const knowsPersons = (catalog: readonly CatalogColumn[]): boolean =>
  catalog.some(({ table, column }) => table === 'users' && column === 'anonymizedAt');

/** Rows without a person, by why. */
export const surveyAlone = async (
  database: Database,
  catalog: readonly CatalogColumn[],
  issuers: Issuers,
): Promise<AdoptionReport['alone']> => {
  const ids = [...issuers];
  const known = listOf(ids.map(([id]) => id));
  const withIssuer = listOf(ids.filter(([, issuer]) => issuer !== null).map(([id]) => id));
  const rows = (which: Sql): Promise<Found> => found(database, sql`${withoutPerson(catalog)} AND ${which}`);
  const site = sql`COALESCE(siteId, 0) <> 0 AND siteId IN ${known}`;
  const named = raw('COALESCE(externalUserId, 0) > 0');
  return {
    withoutSite: await rows(sql`NOT (${site})`),
    withoutIssuer: await rows(sql`${site} AND ${named} AND siteId NOT IN ${withIssuer}`),
    withoutExternalId: await rows(sql`${site} AND NOT (${named})`),
    leftOver: await rows(sql`${site} AND ${named} AND siteId IN ${withIssuer}`),
  };
};

/** People that stand several times at one site, with the slots of their rows; before they are linked, those that they will have. */
export const surveySeveralRows = async (
  database: Database,
  catalog: readonly CatalogColumn[],
): Promise<readonly SeveralRows[]> => {
  const isLinked = knowsPersons(catalog);
  const [person, slot] = isLinked ? [raw('personId'), raw('u.slot')] : [raw('externalUserId'), raw('0')];
  const rows = await database.select(
    sql`SELECT u.siteId AS siteId, u.${person} AS person, u.id AS id, ${slot} AS slot, u.createdAt AS createdAt, u.deletedAt AS deletedAt
        FROM (SELECT siteId, ${person} FROM users WHERE ${person} > 0 AND siteId > 0
              GROUP BY siteId, ${person} HAVING COUNT(*) > 1 ORDER BY siteId, ${person} LIMIT ${String(maxPlaces)}) several
        JOIN users u ON u.siteId = several.siteId AND u.${person} = several.${person} ORDER BY u.siteId, u.${person}, slot, u.id`,
  );
  const groups = new Map<string, (typeof rows)[number][]>();
  for (const row of rows) {
    const group = `${numberOf(row['siteId']) ?? 0} ${numberOf(row['person']) ?? 0}`;
    groups.set(group, [...(groups.get(group) ?? []), row]);
  }
  return [...groups.values()].map((some) => {
    const placed = some.map((row) => ({
      id: numberOf(row['id']) ?? 0,
      slot: numberOf(row['slot']) ?? 0,
      createdAt: certainDate.read(row['createdAt']),
      isLive: deletion.read(row['deletedAt']) === null,
    }));
    const slots = isLinked ? new Map(placed.map((row) => [row.id, row.slot])) : slotsFor(placed, new Set());
    return {
      siteId: numberOf(some[0]?.['siteId']) ?? 0,
      personId: isLinked ? numberOf(some[0]?.['person']) : null,
      rows: placed
        .map(({ id, isLive }) => ({ userId: id, slot: slots.get(id) ?? 0, deleted: !isLive }))
        .sort((one, other) => one.slot - other.slot),
    };
  });
};

const found = async ({ select }: Database, which: Sql): Promise<Found> => {
  const [total] = await select(sql`SELECT COUNT(*) AS n FROM users WHERE ${which}`);
  const count = numberOf(total?.['n']) ?? 0;
  if (count === 0) return { count, ids: [] };
  const rows = await select(sql`SELECT id FROM users WHERE ${which} ORDER BY id LIMIT ${String(maxIds)}`);
  return { count, ids: rows.map((row) => numberOf(row['id']) ?? 0) };
};
