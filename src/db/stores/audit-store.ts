import type {
  AuditPosition,
  AuditQuery,
  AuditRow,
  AuditStore,
  ListedRow,
  NewAuditRow,
  OperationEntry,
} from '../../ports/audit.ts';
import type { Database, RawRow } from '../database.ts';
import type { Dialect } from '../dialects/dialect.ts';
import { dateOf, numberOf, toTheSecond, flagOf, textOf } from '../rows/values.ts';
import { allOf, isId, joined, raw, sql, type Sql, listOf } from '../sql.ts';

/** More than one call can make: a person has some dozens of rows at most. */
const maxListed = 10_000;

export const auditStore = ({ select, change, dialect }: Database): AuditStore => ({
  append: async (rows) => {
    if (rows.length === 0) return;
    await change(
      sql`INSERT INTO civitas_audit
          (\`at\`, \`call\`, operation, actorId, actorKind, actorName, siteId, userId, disposition, counts, digest, oauth, reason, withheld, told, shown, place, places, listedAt, mac)
          VALUES ${joined(rows.map(valuesOf), ', ')}`,
    );
  },

  ofOperation: async (operation) => {
    const rows = await select(
      sql`SELECT ${auditColumns} FROM civitas_audit audit WHERE operation = ${operation} ORDER BY id LIMIT ${raw(String(maxListed))}`,
    );
    return rows.map(auditRowOf);
  },

  ofOperations: async (operations) => {
    if (operations.length === 0) return [];
    const rows = await select(
      sql`SELECT ${auditColumns} FROM civitas_audit audit WHERE operation IN ${listOf(operations)} ORDER BY operation, id LIMIT ${raw(String(maxListed))}`,
    );
    return rows.map(auditRowOf);
  },

  page: async (query) => {
    const read = async (part: AuditQuery): Promise<readonly ListedRow[]> =>
      (await select(pageOf(part, dialect))).map((row) => ({
        ...auditRowOf(row),
        actorSiteId: numberOf(row['actorSiteId']),
      }));
    const [first = query, ...others] = partsOf(query);
    let rows = await read(first);
    // No more is kept than a page, however many parts there are.
    for (const part of others) rows = [...rows, ...(await read(part))].sort(bySite).slice(0, query.limit);
    return rows;
  },

  ofUser: async (siteId, userId) => {
    if (!isId(siteId) || !isId(userId)) return [];
    const rows = await select(
      sql`SELECT ${auditColumns} FROM civitas_audit audit WHERE siteId = ${siteId} AND userId = ${userId} AND disposition IS NOT NULL ORDER BY id LIMIT ${raw(String(maxListed))}`,
    );
    return rows.map(auditRowOf);
  },

  newestOf: async (users, limit) => {
    if (users.length === 0) return [];
    const branches = users.map(
      ({ siteId, userId }, index) =>
        sql`SELECT * FROM (SELECT ${auditColumns} FROM civitas_audit audit
            WHERE ${siteId === null ? raw('siteId IS NULL') : sql`siteId = ${siteId}`} AND userId = ${userId}
            ORDER BY id DESC LIMIT ${raw(String(limit))}) ${raw(`branch${index}`)}`,
    );
    return (await select(joined(branches, ' UNION ALL '))).map(auditRowOf);
  },

  anonymizedUntold: async (before, limit) => {
    // Looks tell of nobody that they were anonymized: neither since when that is told, nor that it is.
    const [oldest] = await select(
      raw('SELECT `at` FROM civitas_audit WHERE disposition IS NOT NULL ORDER BY `at`, id LIMIT 1'),
    );
    const first = dateOf(oldest?.['at']);
    if (first === null) return [];
    const rows = await select(
      sql`SELECT u.id, u.siteId FROM users u LEFT JOIN civitas_audit audit ON audit.siteId = u.siteId AND audit.userId = u.id AND audit.disposition IS NOT NULL
          WHERE u.anonymizedAt >= ${toTheSecond(first)} AND u.anonymizedAt < ${before} AND u.siteId IS NOT NULL AND audit.id IS NULL
          ORDER BY u.id LIMIT ${raw(String(limit))}`,
    );
    return rows.map((row) => ({ siteId: numberOf(row['siteId']) ?? 0, userId: numberOf(row['id']) ?? 0 }));
  },
});

/** Each site has up to six ranges, of which SQLite takes five hundred in one statement. */
const sitesAtOnce = 50;

/** Of several sites one part after the other: an admin of many, at the console. */
const partsOf = (query: AuditQuery): readonly AuditQuery[] => {
  const { siteIds } = query;
  if (siteIds === 'all' || siteIds.length <= sitesAtOnce) return [query];
  const first = { ...query, siteIds: siteIds.slice(0, sitesAtOnce) };
  return [first, ...partsOf({ ...query, siteIds: siteIds.slice(sitesAtOnce) })];
};
/** As a statement orders the rows of several sites. */
const bySite = (one: AuditRow, other: AuditRow): number =>
  (other.listedAt ?? other.at).getTime() - (one.listedAt ?? one.at).getTime() ||
  (other.userId ?? 0) - (one.userId ?? 0) ||
  other.id - one.id;

/** Ranges of an index that hold the rows in their order, each cut off at the page's end, and the page cut from what they give together. */
const pageOf = (query: AuditQuery, dialect: Dialect): Sql => {
  const order = raw(query.siteIds === 'all' ? '`at` DESC, id DESC' : 'listedAt DESC, userId DESC, id DESC');
  const limit = raw(String(query.limit));
  const branches = rangesOf(query).map(
    (range, index) =>
      sql`SELECT * FROM (SELECT ${auditColumns} FROM civitas_audit audit${raw(dialect.forceIndex(indexOf(query)))}
          WHERE ${range} AND place IS NOT NULL ORDER BY ${order} LIMIT ${limit}) ${raw(`branch${index}`)}`,
  );
  return sql`SELECT audit.*, actor.siteId AS actorSiteId FROM (${joined(branches, ' UNION ALL ')}) audit
             LEFT JOIN users actor ON actor.id = audit.actorId AND audit.actorKind IN ('staff', 'console')
             ORDER BY ${raw(query.siteIds === 'all' ? 'audit.`at` DESC, audit.id DESC' : 'audit.listedAt DESC, audit.userId DESC, audit.id DESC')} LIMIT ${limit}`;
};

/** What was done stands in an index of its own, as a condition would walk through all looks. */
const indexOf = ({ siteIds, withLooks }: AuditQuery): string => {
  const columns = siteIds === 'all' ? 'at_id' : 'listedAt_userId_id';
  return `civitas_audit_${siteIds === 'all' ? '' : 'siteId_'}${withLooks ? '' : 'disposition_'}${columns}`;
};

const dispositions = ['anonymized', 'deleted'] as const satisfies readonly OperationEntry['disposition'][];

/** What is behind a position is several ranges: with OR between them, all rows of its moment would be walked for each page. */
const rangesOf = ({ siteIds, from, before, after, withLooks }: AuditQuery): readonly Sql[] => {
  const moment = raw(siteIds === 'all' ? '`at`' : 'listedAt');
  const since = from === null ? [] : [sql`${moment} >= ${from}`];
  const until = before === null ? [] : [sql`${moment} < ${before}`];
  const behind = (at: AuditPosition): readonly Sql[] => [
    allOf([sql`${moment} < ${at.moment}`, ...since, ...until]),
    ...(siteIds === 'all'
      ? [sql`${moment} = ${at.moment} AND id < ${at.id}`]
      : [
          sql`${moment} = ${at.moment} AND userId < ${at.userId}`,
          sql`${moment} = ${at.moment} AND userId = ${at.userId} AND id < ${at.id}`,
        ]),
  ];
  const inMoments = after === null ? [allOf([...since, ...until])] : behind(after);
  const ranges = withLooks
    ? inMoments
    : dispositions.flatMap((one) => inMoments.map((range) => sql`disposition = ${one} AND ${range}`));
  return siteIds === 'all' ? ranges : siteIds.flatMap((id) => ranges.map((range) => sql`siteId = ${id} AND ${range}`));
};

const valuesOf = (row: NewAuditRow): Sql =>
  sql`(${joined(
    [
      ...[row.at, row.call, row.operation, row.actorId, row.actorKind, row.actorName, row.siteId, row.userId],
      ...[row.disposition, row.counts, row.digest, row.oauth, row.reason, row.withheld, row.told, row.shown],
      ...[row.rank, row.rowCount, row.listedAt, row.mac],
    ],
    ', ',
  )})`;

const columnNames = [
  ...['id', 'at', 'call', 'operation', 'actorId', 'actorKind', 'actorName', 'siteId', 'userId'],
  ...[
    'disposition',
    'counts',
    'digest',
    'oauth',
    'reason',
    'withheld',
    'told',
    'shown',
    'place',
    'places',
    'listedAt',
    'mac',
  ],
];
/** Of a table that is called `audit` in the statement. */
export const auditColumns: Sql = raw(columnNames.map((name) => `audit.\`${name}\``).join(', '));

export const auditRowOf = (row: RawRow): AuditRow => {
  const read = {
    id: numberOf(row['id']),
    at: dateOf(row['at']),
    call: textOf(row['call']),
    operation: textOf(row['operation']),
    actorId: numberOf(row['actorId']),
    actorKind: textOf(row['actorKind']),
    actorName: textOf(row['actorName']),
    siteId: numberOf(row['siteId']),
    userId: numberOf(row['userId']),
    disposition: textOf(row['disposition']),
    counts: textOf(row['counts']),
    digest: textOf(row['digest']),
    oauth: textOf(row['oauth']),
    reason: textOf(row['reason']),
    withheld: flagOf(row['withheld']),
    told: flagOf(row['told']),
    shown: flagOf(row['shown']),
    rank: numberOf(row['place']),
    rowCount: numberOf(row['places']),
    mac: textOf(row['mac']),
  };
  // What cannot be read is taken for nothing, which must not be what was authenticated.
  const isOdd = Object.entries(read).some(([name, value]) => value === null && (row[name] ?? null) !== null);
  const { id, at, call, operation, disposition, mac, ...others } = read;
  return {
    ...others,
    id: id ?? 0,
    at: at ?? new Date(0),
    call: call ?? '',
    operation: operation ?? '',
    disposition: disposition,
    listedAt: dateOf(row['listedAt']),
    mac: isOdd ? null : mac,
  };
};
