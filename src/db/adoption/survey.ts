import { activityTypes } from '../../activity-types/index.ts';
import { roles, userRoles } from '../../domain/actor.ts';
import { ruleOf, userFieldNames, type Shape } from '../../domain/users/user-fields.ts';
import type { CatalogColumn } from '../../side-tables/unknown.ts';
import type { Database } from '../database.ts';
import { certainDate, deletion, numberOf } from '../rows/values.ts';
import { joined, listOf, raw, sql, type Sql } from '../sql.ts';
import { type Issuers, slotsFor } from './link-people.ts';
import type { AdoptionReport, Found, OddValue, OnProgress, SeveralRows } from './report.ts';

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

/** What one column must not hold, and what to do where it does. */
interface Check {
  readonly column: string;
  readonly what: string;
  readonly which: Sql;
  /** The end of an UPDATE that puts it right; null: what is right has to be known. */
  readonly set: string | null;
}

/** Values that no API would write, table by table: one statement reads a whole table, a second one the ids of what it found. */
export const surveyOddValues = async (
  database: Database,
  catalog: readonly CatalogColumn[],
  onProgress: OnProgress,
): Promise<readonly OddValue[]> => {
  const odd: OddValue[] = [];
  for (const [at, table] of tables.entries()) {
    onProgress({ work: 'looking for odd values', done: at, of: tables.length });
    const columns = catalog.filter((one) => one.table === table);
    const checks = columns.flatMap((column) => checksOf(database.dialect.name, column));
    if (checks.length === 0) continue;
    const sums = checks.map(
      ({ which }, index) => sql`SUM(CASE WHEN ${which} THEN 1 ELSE 0 END) AS ${raw(`n${index}`)}`,
    );
    const [row] = await database.select(sql`SELECT ${joined(sums, ', ')} FROM ${raw(`\`${table}\``)}`);
    for (const [index, { column, what, which, set }] of checks.entries()) {
      const count = numberOf(row?.[`n${index}`]) ?? 0;
      if (count === 0) continue;
      const found = { count, ids: await idsOf(database, table, which) };
      odd.push({ table, column, what, ...found, remedy: remedyFor(table, set, found) });
    }
  }
  return odd;
};

const tables = ['sites', 'users', ...activityTypes.map(({ table }) => table)];

const idsOf = async ({ select }: Database, table: string, which: Sql): Promise<readonly number[]> => {
  const rows = await select(
    sql`SELECT id FROM ${raw(`\`${table}\``)} WHERE ${which} ORDER BY id LIMIT ${String(maxIds)}`,
  );
  return rows.map((row) => numberOf(row['id']) ?? 0);
};

const remedyFor = (table: string, set: string | null, { count, ids }: Found): string =>
  set === null
    ? 'Put it right where you know what is; until then it stays as it is.'
    : `It does no harm; to put it right: UPDATE ${table} SET ${set} WHERE id IN (${ids.join(', ')}${count > ids.length ? ', …' : ''});`;

const checksOf = (dialect: Database['dialect']['name'], column: CatalogColumn): readonly Check[] => [
  ...datesOf(dialect, column),
  ...wordsOf(column),
  ...(column.table === 'users' ? userChecksOf(dialect, column) : []),
];

const datesOf = (dialect: Database['dialect']['name'], { column, type, nullable }: CatalogColumn): readonly Check[] => {
  if (!/^(date|timestamp)/i.test(type)) return [];
  const moment = dialect === 'mysql' ? `\`${column}\` + INTERVAL 0 DAY` : `datetime(\`${column}\`)`;
  return [
    {
      column,
      what: 'is no date',
      which: raw(`\`${column}\` IS NOT NULL AND ${moment} IS NULL`),
      set: `${column} = ${nullable ? 'NULL' : "'1970-01-01'"}`,
    },
  ];
};

/** A word that is not in the list of an ENUM is kept as ''. */
const wordsOf = ({ column, type, nullable }: CatalogColumn): readonly Check[] =>
  /^enum\(/i.test(type)
    ? [{ column, what: 'is empty', which: raw(`\`${column}\` = ''`), set: nullable ? `${column} = NULL` : null }]
    : [];

const userChecksOf = (dialect: Database['dialect']['name'], { column, type }: CatalogColumn): readonly Check[] => {
  const field = userFieldNames.find((name) => name === column);
  if (field === undefined) return [];
  const name = raw(`\`${column}\``);
  const only = (what: string, which: Sql, set: string | null = null): readonly Check[] => [
    { column, what, which, set },
  ];
  if (field === 'externalUserId')
    return only('is not positive', sql`${name} IS NOT NULL AND ${name} <= 0`, `${column} = NULL`);
  const shape: Shape = ruleOf(field).shape;
  switch (shape.kind) {
    case 'flag':
      return only('is neither 0 nor 1', sql`${name} IS NOT NULL AND ${name} NOT IN (0, 1)`, `${column} = 1`);
    case 'userRole':
      return only('is no role', sql`${name} NOT IN ${listOf(userRoles)}`, `${column} = 'anonymous'`);
    case 'role':
      // Of an ENUM the empty word has been told already.
      return /^enum\(/i.test(type) ? [] : only('is no role', sql`${name} NOT IN ${listOf(roles)}`, `${column} = NULL`);
    case 'json':
      return only('is no object', sql`TRIM(${name}) NOT LIKE ${'{%'}`, `${column} = '{}'`);
    case 'email':
      return [
        ...only('has no @', sql`${name} IS NOT NULL AND ${name} NOT LIKE ${'%@%'}`),
        ...tooLong(dialect, column, shape.maxLength),
      ];
    case 'text':
    case 'name':
      return tooLong(dialect, column, shape.maxLength);
    case 'number':
    case 'date':
    case 'gender':
      return [];
  }
};

const tooLong = (dialect: Database['dialect']['name'], column: string, maxLength: number): readonly Check[] => [
  {
    column,
    what: `is longer than ${maxLength}`,
    which: sql`${raw(`${dialect === 'mysql' ? 'CHAR_LENGTH' : 'LENGTH'}(\`${column}\`)`)} > ${maxLength}`,
    set: null,
  },
];
