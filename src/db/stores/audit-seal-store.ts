import type { AuditSealStore, Seal } from '../../ports/audit.ts';
import { RunAgain } from '../../ports/unit-of-work.ts';
import type { Database, RawRow } from '../database.ts';
import { numberOf, textOf } from '../rows/values.ts';
import { joined, listOf, raw, sql } from '../sql.ts';
import { auditColumns, auditRowOf } from './audit-store.ts';

const lookedBack = 1000;
const sealColumns = raw('s.seq, s.auditId, s.rowHash, s.hash');
const recently = raw(
  `(SELECT CASE WHEN COUNT(*) < ${lookedBack} THEN 0 ELSE MIN(last.auditId) END FROM (SELECT auditId FROM civitas_audit_seals ORDER BY seq DESC LIMIT ${lookedBack}) last)`,
);
const unsealedRows = raw(
  'FROM civitas_audit audit LEFT JOIN civitas_audit_seals s ON s.auditId = audit.id WHERE s.seq IS NULL',
);

/** The chain of seals over the audit's rows. Source: docs/adr/0006. */
export const auditSealStore = ({ select, change, dialect }: Database): AuditSealStore => ({
  head: async () => {
    const [row] = await select(sql`SELECT ${sealColumns} FROM civitas_audit_seals s ORDER BY s.seq DESC LIMIT 1`);
    return row === undefined ? null : sealOf(row);
  },

  at: async (seq) => {
    const [row] = await select(sql`SELECT ${sealColumns} FROM civitas_audit_seals s WHERE s.seq = ${seq}`);
    return row === undefined ? null : sealOf(row);
  },

  unsealed: async (where, behind, limit) => {
    const from = behind !== null ? sql`${behind}` : where === 'all' ? raw(String(Number.MIN_SAFE_INTEGER)) : recently;
    const rows = await select(
      sql`SELECT ${auditColumns} ${unsealedRows} AND audit.id > ${from} ORDER BY audit.id LIMIT ${raw(String(limit))}`,
    );
    return rows.map(auditRowOf);
  },

  add: async (seals) => {
    if (seals.length === 0) return;
    const values = seals.map(({ seq, auditId, rowHash, hash }) => sql`(${seq}, ${auditId}, ${rowHash}, ${hash})`);
    const added = await change(
      sql`${raw(dialect.insertUnlessThere)} civitas_audit_seals (seq, auditId, rowHash, hash) VALUES ${joined(values, ', ')}`,
    );
    if (added !== seals.length) throw new RunAgain('somebody else sealed at the same moment');
  },

  after: async (seq, limit) => {
    const rows = await select(
      sql`SELECT ${sealColumns}, ${auditColumns} FROM civitas_audit_seals s LEFT JOIN civitas_audit audit ON audit.id = s.auditId
          WHERE s.seq > ${seq} ORDER BY s.seq LIMIT ${raw(String(limit))}`,
    );
    return rows.map((row) => ({ ...sealOf(row), row: numberOf(row['id']) === null ? null : auditRowOf(row) }));
  },

  byOperation: async (behind, limit) => {
    const from =
      behind === null
        ? raw('1 = 1')
        : sql`audit.operation >= ${behind.operation} AND (audit.operation > ${behind.operation} OR audit.id > ${behind.id})`;
    const rows = await select(
      sql`SELECT ${auditColumns}, s.seq FROM civitas_audit audit LEFT JOIN civitas_audit_seals s ON s.auditId = audit.id
          WHERE ${from} ORDER BY audit.operation, audit.id LIMIT ${raw(String(limit))}`,
    );
    return rows.map((row) => ({ ...auditRowOf(row), isSealed: row['seq'] !== null }));
  },

  lastOf: async (auditIds) => {
    const [row] = await select(
      sql`SELECT ${sealColumns}, b.hash AS earlier FROM civitas_audit_seals s LEFT JOIN civitas_audit_seals b ON b.seq = s.seq - 1
          WHERE s.auditId IN ${listOf(auditIds)} ORDER BY s.seq DESC LIMIT 1`,
    );
    return row === undefined ? null : { seal: sealOf(row), before: textOf(row['earlier']) };
  },
});

const sealOf = (row: RawRow): Seal => ({
  seq: numberOf(row['seq']) ?? 0,
  auditId: numberOf(row['auditId']) ?? 0,
  rowHash: textOf(row['rowHash']) ?? '',
  hash: textOf(row['hash']) ?? '',
});
