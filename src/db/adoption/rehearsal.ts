import type { Database } from '../database.ts';
import { schemaOf, type Schema } from '../schema.ts';
import { rendered, type Sql } from '../sql.ts';

/** What migrations would do to a database. */
export interface Rehearsed {
  readonly tablesAdded: readonly string[];
  /** To tables that are there; `table.column`. */
  readonly columnsAdded: readonly string[];
  /** Statements on tables that are there, in order: what takes time on big ones. */
  readonly alters: readonly string[];
}

/** A schema on which migrations may be run without changing anything: it looks, as the real one does, and notes what it would send. */
export const rehearsalOn = (database: Database): { readonly schema: Schema; readonly found: () => Rehearsed } => {
  const made = new Set<string>();
  const columns: string[] = [];
  const alters: string[] = [];
  const note = (statement: Sql): Promise<void> => {
    const { text } = rendered(statement);
    // What is done to a table that is not there yet is part of making it.
    if (!made.has(targetOf(text))) alters.push(text.replaceAll(/\s+/g, ' ').trim());
    return Promise.resolve();
  };
  const real = schemaOf(database, note);
  const schema: Schema = {
    ...real,
    hasTable: async (table) => made.has(table) || (await real.hasTable(table)),
    createTable: async (table) => {
      if (!(await real.hasTable(table))) made.add(table);
    },
    addColumn: async (table, column, definition, reference) => {
      if (made.has(table)) return;
      const before = alters.length;
      await real.addColumn(table, column, definition, reference);
      if (alters.length > before) columns.push(`${table}.${column}`);
    },
    addIndex: async (table, wanted, unique) => {
      if (!made.has(table)) await real.addIndex(table, wanted, unique);
    },
  };
  return { schema, found: () => ({ tablesAdded: [...made], columnsAdded: columns, alters }) };
};

const targetOf = (statement: string): string =>
  /^\s*(?:ALTER TABLE|CREATE (?:UNIQUE )?INDEX \S+ ON|INSERT INTO|DELETE FROM|UPDATE)\s+`?(\w+)/.exec(statement)?.[1] ??
  '';
