/** What a statement is to the facade: which ones begin or end a transaction, need the writer lock, or change the schema. */
export interface StatementKind {
  readonly begins: boolean;
  readonly ends: boolean;
  readonly needsWriter: boolean;
  readonly changesSchema: boolean;
  readonly asksColumns: boolean;
}

const begin = /^\s*BEGIN\b/i;
/** A snapshot: it only reads, and never waits for a writer. */
const beginDeferred = /^\s*BEGIN\s+DEFERRED\b/i;
const end = /^\s*(COMMIT|END|ROLLBACK(?!\s+TO))\b/i;
/** What begins with WITH only reads: no write of ours does. */
const read = /^\s*(SELECT|WITH|PRAGMA|EXPLAIN)\b/i;
const schema = /^\s*(CREATE|ALTER|DROP)\b/i;
const columns = /^PRAGMA table_info\(/i;

export const kindOf = (sql: string): StatementKind => {
  const begins = begin.test(sql);
  const ends = !begins && end.test(sql);
  return {
    begins,
    ends,
    needsWriter: begins ? !beginDeferred.test(sql) : !ends && !read.test(sql),
    changesSchema: schema.test(sql),
    asksColumns: columns.test(sql),
  };
};
