import { userRoles } from '../../domain/role.ts';
import { ruleOf, userFieldNames } from '../../domain/user-fields.ts';
import type { Database } from '../database.ts';
import { numberOf } from '../rows/values.ts';
import { listOf, raw, sql, type Sql } from '../sql.ts';
import type { Issuers } from './issuers.ts';
import type { AdoptionReport, Found } from './report.ts';

const mostIds = 20;
const mostPlaces = 1000;

/** Rows without a person, by why. `anonymizedAt` rows have lost theirs on purpose. */
export const surveyAlone = async (database: Database, issuers: Issuers): Promise<AdoptionReport['alone']> => {
  const ids = [...issuers];
  const known = listOf(ids.map(([id]) => id));
  const withIssuer = listOf(ids.filter(([, issuer]) => issuer !== null).map(([id]) => id));
  const rows = (which: Sql): Promise<Found> =>
    found(database, sql`personId IS NULL AND anonymizedAt IS NULL AND ${which}`);
  const site = sql`COALESCE(siteId, 0) <> 0 AND siteId IN ${known}`;
  const named = raw('COALESCE(externalUserId, 0) > 0');
  return {
    withoutSite: await rows(sql`NOT (${site})`),
    withoutIssuer: await rows(sql`${site} AND ${named} AND siteId NOT IN ${withIssuer}`),
    withoutExternalId: await rows(sql`${site} AND NOT (${named})`),
    leftOver: await rows(sql`${site} AND ${named} AND siteId IN ${withIssuer}`),
  };
};

/** Values of `users` that our rules do not know. */
export const surveyMisfits = async (database: Database): Promise<AdoptionReport['misfits']> => {
  const length = raw(database.dialect.name === 'mysql' ? 'CHAR_LENGTH' : 'LENGTH');
  const checks: readonly (readonly [string, Sql])[] = [
    ['role is none we know', sql`role NOT IN ${listOf(userRoles)}`],
    ['externalUserId is not positive', raw('externalUserId <= 0')],
    ['extraData is no object', raw("TRIM(extraData) NOT LIKE '{%'")],
    ['email has no @', raw("email IS NOT NULL AND email NOT LIKE '%@%'")],
    ...userFieldNames.flatMap((field): readonly (readonly [string, Sql])[] => {
      const { shape } = ruleOf(field);
      if (!('maxLength' in shape)) return [];
      const { maxLength } = shape;
      return [[`${field} is longer than ${maxLength}`, sql`${length}(${raw(`\`${field}\``)}) > ${maxLength}`]];
    }),
  ];
  const results = [];
  for (const [what, which] of checks) results.push([what, await found(database, which)] as const);
  return Object.fromEntries(results.filter(([, { count }]) => count > 0));
};

/** People that stand several times at one site, with the slots of their rows. */
export const surveySeveralRows = async ({ select }: Database): Promise<AdoptionReport['people']['severalRows']> => {
  const rows = await select(
    sql`SELECT u.siteId AS siteId, u.personId AS personId, u.id AS id, u.slot AS slot, u.deletedAt IS NOT NULL AS deleted
        FROM (SELECT siteId, personId FROM users WHERE personId IS NOT NULL AND siteId > 0
              GROUP BY siteId, personId HAVING COUNT(*) > 1 ORDER BY siteId, personId LIMIT ${String(mostPlaces)}) several
        JOIN users u ON u.siteId = several.siteId AND u.personId = several.personId ORDER BY u.siteId, u.personId, u.slot`,
  );
  const places = new Map<
    string,
    { siteId: number; personId: number; rows: { userId: number; slot: number; deleted: boolean }[] }
  >();
  for (const row of rows) {
    const [siteId, personId] = [numberOf(row['siteId']) ?? 0, numberOf(row['personId']) ?? 0];
    const place = places.get(`${siteId} ${personId}`) ?? { siteId, personId, rows: [] };
    place.rows.push({
      userId: numberOf(row['id']) ?? 0,
      slot: numberOf(row['slot']) ?? 0,
      deleted: numberOf(row['deleted']) === 1,
    });
    places.set(`${siteId} ${personId}`, place);
  }
  return [...places.values()];
};

const found = async ({ select }: Database, which: Sql): Promise<Found> => {
  const [total] = await select(sql`SELECT COUNT(*) AS n FROM users WHERE ${which}`);
  const count = numberOf(total?.['n']) ?? 0;
  if (count === 0) return { count, ids: [] };
  const rows = await select(sql`SELECT id FROM users WHERE ${which} ORDER BY id LIMIT ${String(mostIds)}`);
  return { count, ids: rows.map((row) => numberOf(row['id']) ?? 0) };
};
