import type { AuditStore, DeedEntry, OutcomeEntry } from '../ports/audit.ts';
import type { Database } from './database.ts';
import { isId } from './ids.ts';
import { auditColumns, auditRowOf } from './rows/audit-row.ts';
import { joined, raw, sql, type Sql } from './sql.ts';

/** More than one call can make: a person has some dozens of rows at most. */
const mostListed = 10_000;

export const auditStore = ({ select, change }: Database): AuditStore => ({
  append: async (entries) => {
    if (entries.length === 0) return;
    await change(
      sql`INSERT INTO civitas_audit (\`at\`, \`call\`, operation, oauth, actorId, actorKind, siteId, userId, disposition, counts, digest)
          VALUES ${joined(entries.map(valuesOf), ', ')}`,
    );
  },

  ofDeed: async (deed) => {
    const rows = await select(
      sql`SELECT ${auditColumns} FROM civitas_audit audit WHERE operation = ${deed} ORDER BY id LIMIT ${raw(String(mostListed))}`,
    );
    return rows.map(auditRowOf);
  },

  ofUser: async (siteId, userId) => {
    if (!isId(siteId) || !isId(userId)) return [];
    const rows = await select(
      sql`SELECT ${auditColumns} FROM civitas_audit audit WHERE siteId = ${siteId} AND userId = ${userId} ORDER BY id LIMIT ${raw(String(mostListed))}`,
    );
    return rows.map(auditRowOf);
  },
});

const valuesOf = (entry: DeedEntry | OutcomeEntry): Sql => {
  const { at, call, deed, oauth } = entry;
  if (!('userId' in entry)) return sql`(${at}, ${call}, ${deed}, ${oauth}, NULL, NULL, NULL, NULL, NULL, NULL, NULL)`;
  const { actorId, actorKind, siteId, userId, fate, counts, digest } = entry;
  return sql`(${at}, ${call}, ${deed}, ${oauth}, ${actorId}, ${actorKind}, ${siteId}, ${userId}, ${fate}, ${JSON.stringify(counts)}, ${digest})`;
};
