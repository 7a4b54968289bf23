import type { Database } from './database.ts';
import type { ColumnType, Dialect } from './dialects/dialect.ts';
import { raw, type Sql } from './sql.ts';

/** A column in a migration: its type and what follows it, in SQL that both databases read (`NOT NULL DEFAULT 0`). */
export type ColumnDefinition = readonly [type: ColumnType, rest?: string];
export interface TableDefinition {
  readonly columns: Readonly<Record<string, ColumnDefinition>>;
  readonly primaryKey?: readonly string[];
  /** Column → table, and what happens here when the row there goes. */
  readonly references?: Readonly<Record<string, Reference>>;
  /** Made with the table: each column alone, or several together. */
  readonly indexes?: readonly (readonly string[])[];
  readonly unique?: readonly (readonly string[])[];
}
export type KeyedTable = Required<Pick<TableDefinition, 'columns' | 'primaryKey'>>;
export type Reference = readonly [table: string, whenGone: 'CASCADE' | 'SET NULL' | 'NO ACTION'];

/**
 * What a migration may do. Each call first asks whether it is done, so that a migration that was interrupted, or meets a
 * database that OpenStad made, can simply be run.
 */
export interface Schema {
  readonly database: Database;
  readonly createTable: (table: string, definition: TableDefinition) => Promise<void>;
  readonly addColumn: (
    table: string,
    column: string,
    definition: ColumnDefinition,
    reference?: Reference,
  ) => Promise<void>;
  /**
   * Does nothing where an index over the same columns exists, whatever its name; `by-name`: where ours exists, as statements name it
   * (`forceIndex`).
   */
  readonly addIndex: (table: string, columns: readonly string[], kind?: 'unique' | 'by-name') => Promise<void>;
  /** Gives a table this primary key, and the columns of it that it lacks. */
  readonly changeKey: (table: string, definition: KeyedTable) => Promise<void>;
  readonly hasTable: (table: string) => Promise<boolean>;
  readonly run: (statement: Sql) => Promise<void>;
}

/** `send`: what becomes of each statement; sent, unless said otherwise (migrator.ts). */
export const schemaOf = (database: Database, send: (statement: Sql) => Promise<unknown> = database.change): Schema => {
  const { sequelize, dialect } = database;
  const queries = sequelize.getQueryInterface();
  const run = async (statement: string): Promise<void> => {
    await send(raw(statement));
  };
  const written = ([type, rest = 'NULL']: ColumnDefinition): string =>
    type === 'key' ? dialect.columnType(type) : `${dialect.columnType(type)} ${rest}`;
  const hasTable = async (table: string): Promise<boolean> => (await queries.showAllTables()).includes(table);

  const schema: Schema = {
    database,
    hasTable,
    run: async (statement) => {
      await send(statement);
    },
    createTable: async (table, { columns, primaryKey, references = {}, indexes = [], unique = [] }) => {
      const own = [
        ...indexes.map((one) => [one, 'INDEX'] as const),
        ...unique.map((one) => [one, 'UNIQUE INDEX'] as const),
      ];
      // SQLite makes indexes by statements of their own: an interruption may have left some out.
      const later = own.map(
        ([names, kind]) => `CREATE ${kind} IF NOT EXISTS ${indexName(table, names)} ON \`${table}\` (${quoted(names)})`,
      );
      const inline = own.map(([names, kind]) => `${kind} ${indexName(table, names)} (${quoted(names)})`);
      const isMysql = dialect.name === 'mysql';
      if (isMysql && (await hasTable(table))) return;
      // It may come in between, from another instance that makes ready to migrate.
      await run(
        `CREATE TABLE IF NOT EXISTS \`${table}\` (${[
          ...Object.entries(columns).map(([name, definition]) => `\`${name}\` ${written(definition)}`),
          ...(primaryKey === undefined ? [] : [`PRIMARY KEY (${quoted(primaryKey)})`]),
          ...Object.entries(references).map(([name, [other, whenGone]]) => foreignKey(table, name, other, whenGone)),
          ...(isMysql ? inline : []),
        ].join(', ')})${dialect.tableOptions}`,
      );
      if (!isMysql) for (const statement of later) await run(statement);
    },
    addColumn: async (table, column, definition, reference) => {
      const there = await queries.describeTable(table);
      if (Object.hasOwn(there, column)) return;
      // One ALTER: an interruption must not leave the column without its constraint.
      await run(
        `ALTER TABLE \`${table}\` ADD COLUMN \`${column}\` ${written(definition)}${referenceOf(dialect.name, table, column, reference)}`,
      );
    },
    changeKey: async (table, { columns, primaryKey }) => {
      if (dialect.name === 'mysql') {
        for (const [name, definition] of Object.entries(columns)) await schema.addColumn(table, name, definition);
        await run(`ALTER TABLE \`${table}\` DROP PRIMARY KEY, ADD PRIMARY KEY (${quoted(primaryKey)})`);
        return;
      }
      // SQLite changes no key of a table that is there. One that is gone was copied before an interruption.
      const copy = `${table}_copy`;
      if (await hasTable(table)) {
        const there = quoted(Object.keys(await queries.describeTable(table)));
        await schema.createTable(copy, { columns, primaryKey });
        await run(`DELETE FROM \`${copy}\` WHERE 1 = 1`);
        await run(`INSERT INTO \`${copy}\` (${there}) SELECT ${there} FROM \`${table}\``);
        await run(`DROP TABLE \`${table}\``);
      }
      await run(`ALTER TABLE \`${copy}\` RENAME TO \`${table}\``);
    },
    addIndex: async (table, columns, kind) => {
      const name = indexName(table, columns);
      const isIt = (index: Index): boolean =>
        kind === 'by-name' ? `\`${index.name}\`` === name : index.columns.join() === columns.join();
      if (readIndexes(await queries.showIndex(table)).some(isIt)) return;
      await run(`CREATE ${kind === 'unique' ? 'UNIQUE ' : ''}INDEX ${name} ON \`${table}\` (${quoted(columns)})`);
    },
  };
  return schema;
};

/** For statements that are one fixed text. */
export const text = raw;

const indexName = (table: string, columns: readonly string[]): string => `\`${[table, ...columns].join('_')}\``;
const quoted = (columns: readonly string[]): string => columns.map((name) => `\`${name}\``).join(', ');

const foreignKey = (table: string, column: string, other: string, whenGone: Reference[1]): string =>
  `CONSTRAINT \`${table}_${column}_fk\` FOREIGN KEY (\`${column}\`) REFERENCES \`${other}\` (\`id\`) ON DELETE ${whenGone} ON UPDATE CASCADE`;

/** MySQL ignores a reference beside the column, SQLite cannot add one later. */
const referenceOf = (
  dialect: Dialect['name'],
  table: string,
  column: string,
  reference: Reference | undefined,
): string => {
  if (reference === undefined) return '';
  const [other, whenGone] = reference;
  return dialect === 'mysql'
    ? `, ADD ${foreignKey(table, column, other, whenGone)}`
    : ` REFERENCES \`${other}\` (\`id\`) ON DELETE ${whenGone} ON UPDATE CASCADE`;
};

interface Index {
  readonly name: string;
  readonly columns: readonly string[];
}
/** Sequelize types what it answers here as `object`. */
const readIndexes = (answer: unknown): readonly Index[] =>
  Array.isArray(answer)
    ? answer.map((index: { readonly name?: string; readonly fields?: readonly { readonly attribute?: string }[] }) => ({
        name: index.name ?? '',
        columns: (index.fields ?? []).map(({ attribute }) => attribute ?? ''),
      }))
    : [];
