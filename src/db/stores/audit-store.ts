import type { AuditStore, NewAuditRow } from '../../ports/audit.ts';
import type { Database } from '../database.ts';
import { isId } from '../sql.ts';
import { auditColumns, auditRowOf } from '../rows/audit-row.ts';
import { dateOf, numberOf, toTheSecond } from '../rows/values.ts';
import { joined, raw, sql, type Sql } from '../sql.ts';

/** More than one call can make: a person has some dozens of rows at most. */
const maxListed = 10_000;

export const auditStore = ({ select, change }: Database): AuditStore => ({
  append: async (rows) => {
    if (rows.length === 0) return;
    await change(
      sql`INSERT INTO civitas_audit
          (\`at\`, \`call\`, operation, actorId, actorKind, siteId, userId, disposition, counts, digest, oauth, reason, withheld, told, shown, place, places, mac)
          VALUES ${joined(rows.map(valuesOf), ', ')}`,
    );
  },

  ofOperation: async (operation) => {
    const rows = await select(
      sql`SELECT ${auditColumns} FROM civitas_audit audit WHERE operation = ${operation} ORDER BY id LIMIT ${raw(String(maxListed))}`,
    );
    return rows.map(auditRowOf);
  },

  ofUser: async (siteId, userId) => {
    if (!isId(siteId) || !isId(userId)) return [];
    const rows = await select(
      sql`SELECT ${auditColumns} FROM civitas_audit audit WHERE siteId = ${siteId} AND userId = ${userId} ORDER BY id LIMIT ${raw(String(maxListed))}`,
    );
    return rows.map(auditRowOf);
  },

  anonymizedUntold: async (before, limit) => {
    const [oldest] = await select(raw('SELECT MIN(`at`) AS `at` FROM civitas_audit'));
    const first = dateOf(oldest?.['at']);
    if (first === null) return [];
    const rows = await select(
      sql`SELECT u.id, u.siteId FROM users u LEFT JOIN civitas_audit audit ON audit.siteId = u.siteId AND audit.userId = u.id
          WHERE u.anonymizedAt >= ${toTheSecond(first)} AND u.anonymizedAt < ${before} AND u.siteId IS NOT NULL AND audit.id IS NULL
          ORDER BY u.id LIMIT ${raw(String(limit))}`,
    );
    return rows.map((row) => ({ siteId: numberOf(row['siteId']) ?? 0, userId: numberOf(row['id']) ?? 0 }));
  },
});

const valuesOf = (row: NewAuditRow): Sql =>
  sql`(${joined(
    [
      ...[row.at, row.call, row.operation, row.actorId, row.actorKind, row.siteId, row.userId, row.disposition],
      ...[row.counts, row.digest, row.oauth, row.reason, row.withheld, row.told, row.shown],
      ...[row.place, row.places, row.mac],
    ],
    ', ',
  )})`;
