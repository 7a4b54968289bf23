import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Fault, isFault } from '../domain/fault.ts';
import type { Log } from '../ports/platform.ts';
import { driverCode } from './database-fault.ts';
import type { Database, RawRow } from './database.ts';
import type { ServerTrouble } from './dialects/dialect.ts';
import { takeLease } from './leases.ts';
import { textOf } from './rows/values.ts';
import { schemaOf, type Schema } from './schema.ts';
import { raw, sql, rendered, type Sql } from './sql.ts';

export interface Migrator {
  /** The names of what is not done yet, in order. Changes nothing. */
  pending(): Promise<readonly string[]>;
  /** Never rejects, and never later than after a second (MySQL and MariaDB). Takes no connection from those who work. */
  state(): Promise<DatabaseState>;
  /** Does it; two instances at once do it once. Answers the names of what this one did. Fault `busy` after ten minutes of waiting. */
  up(): Promise<readonly string[]>;
  /** What `up` would do to what is there now. Changes nothing. */
  rehearse(): Promise<Rehearsed & { readonly steps: readonly string[] }>;
}

/** Whether the database can serve; `says`: how we know that it cannot, by a word of the driver or of the server. */
export interface DatabaseState {
  readonly state: 'ready' | 'not-migrated' | 'unreachable' | ServerTrouble['state'];
  readonly says: string | null;
}

/** One step of the schema's history. A step that was merged is never edited. */
export type Migration = (schema: Schema) => Promise<void>;

const time = { now: (): Date => new Date(), spread: Math.random };
const lifeMs = 60_000;
const timeoutMs = 600_000;

export const createMigrator = (database: Database, log?: Pick<Log, 'info'>): Migrator => {
  const schema = schemaOf(database, (statement) => patiently(() => database.change(statement)));
  const pending = async (): Promise<readonly string[]> => {
    const done = new Set(await doneIn(schema));
    return migrationNames().filter((name) => !done.has(name));
  };

  return {
    pending,
    state: () => stateOf(database, pending).catch((error: unknown) => unreachable(error)),
    rehearse: async () => {
      const steps = await pending();
      const rehearsal = rehearsalOn(database);
      for (const step of steps) await (await migrationNamed(step))(rehearsal.schema);
      return { steps, ...rehearsal.found() };
    },
    up: async () => {
      await makeBooks(schema);
      const lease = await takeLease(database, time, { name: 'migrations', lifeMs, timeoutMs });
      if (lease === null)
        throw new Fault('busy', { retryAfterSeconds: 60 }, 'Another instance is migrating the database.');
      // A step on a big table may take longer than a lease lives.
      const heartbeat = setInterval(() => void lease.renew().catch(() => false), lifeMs / 4);
      try {
        const steps = await pending();
        for (const name of steps) {
          log?.info({ step: name }, 'migrating');
          await (
            await migrationNamed(name)
          )(schema);
          await database.change(
            sql`INSERT INTO civitas_migrations (\`name\`, \`doneAt\`) VALUES (${name}, ${time.now()})`,
          );
        }
        return steps;
      } finally {
        clearInterval(heartbeat);
        await lease.release();
      }
    },
  };
};

/** Who holds a table (a backup, a long report) is waited for; meanwhile we stand in nobody's way for more than two seconds at a time. */
const patiently = async <T>(work: () => Promise<T>): Promise<T> => {
  const begun = performance.now();
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isFault(error, 'busy') || performance.now() - begun > timeoutMs) throw error;
    }
  }
};

/** Over a connection of its own, all of it: what is waited for in front of the pool says nothing of the server. */
const stateOf = async (
  { askBeside, dialect, select }: Database,
  pending: () => Promise<readonly string[]>,
): Promise<DatabaseState> => {
  if (askBeside === null) return migrated((await pending()).length === 0);
  const end = performance.now() + lookMs;
  const left = (): number => Math.max(1, end - performance.now());
  const ask = (text: string): Promise<unknown> =>
    askBeside(text, left()).catch((error: unknown) => {
      if (!crowded.has(driverCode(error).number)) throw error;
      // No room for one more: those of the pool may serve all the same.
      return Promise.race([
        select(raw(text)),
        pause(left(), undefined, { ref: false }).then(() => Promise.reject(error as Error)),
      ]);
    });
  const trouble = await dialect.troubleOf(ask);
  if (trouble !== null) return trouble;
  const rows = await ask('SELECT `name` FROM civitas_migrations LIMIT 10000').catch((error: unknown) => {
    if (driverCode(error).number === noSuchTable) return [];
    throw error;
  });
  const done = new Set((rows as readonly RawRow[]).map((row) => textOf(row['name']) ?? ''));
  return migrated(migrationNames().every((name) => done.has(name)));
};
const lookMs = 700;
const noSuchTable = 1146;
/** Too many connections: of all, of this user, of this user within an hour. */
const crowded = new Set([1040, 1203, 1226]);
const migrated = (isIt: boolean): DatabaseState => ({ state: isIt ? 'ready' : 'not-migrated', says: null });
const unreachable = (error: unknown): DatabaseState => {
  const { code, number } = driverCode(isFault(error) ? error.cause : error);
  return { state: 'unreachable', says: code === '' ? String(number || 'no answer') : code };
};

/** The two tables that migrating itself needs. */
const makeBooks = async (schema: Schema): Promise<void> => {
  await schema.createTable('civitas_leases', {
    columns: {
      name: [{ exact: 191 }, 'NOT NULL'],
      token: [{ exact: 36 }, 'NOT NULL'],
      expiresAt: ['moment', 'NOT NULL'],
    },
    primaryKey: ['name'],
  });
  await schema.createTable('civitas_migrations', {
    columns: { name: [{ exact: 191 }, 'NOT NULL'], doneAt: ['moment', 'NOT NULL'] },
    primaryKey: ['name'],
  });
};

const doneIn = async ({ database, hasTable }: Schema): Promise<readonly string[]> => {
  if (!(await hasTable('civitas_migrations'))) return [];
  const rows = await database.select(sql`SELECT \`name\` FROM civitas_migrations ORDER BY \`name\` LIMIT 10000`);
  return rows.map((row) => textOf(row['name']) ?? '');
};

/** Beside the sources (.ts) and beside what is built from them (.js), wherever the process was started. */
const directory = join(import.meta.dirname, '..', '..', 'migrations');

const migrationNames = (): readonly string[] =>
  readdirSync(directory)
    .filter((file) => /^\d{4}-[a-z0-9-]+\.(ts|js)$/.test(file))
    .map((file) => file.replace(/\.(ts|js)$/, ''))
    .sort();

const extension = import.meta.filename.endsWith('.ts') ? 'ts' : 'js';

/** A relative import, which works for Node on every platform and for jest. */
const migrationNamed = async (name: string): Promise<Migration> => {
  const loaded: unknown = await import(`../../migrations/${name}.${extension}`);
  if (!isMigration(loaded)) throw new Error(`the migration ${name} exports no up`);
  return loaded.up;
};

const isMigration = (loaded: unknown): loaded is { readonly up: Migration } =>
  typeof loaded === 'object' && loaded !== null && 'up' in loaded && typeof loaded.up === 'function';

/** What migrations would do to a database. */
interface Rehearsed {
  readonly tablesAdded: readonly string[];
  /** To tables that are there; `table.column`. */
  readonly columnsAdded: readonly string[];
  /** Statements on tables that are there, in order: what takes time on big ones. */
  readonly alters: readonly string[];
}

/** A schema on which migrations may be run without changing anything: it looks, as the real one does, and notes what it would send. */
const rehearsalOn = (database: Database): { readonly schema: Schema; readonly found: () => Rehearsed } => {
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
    changeKey: async (table, definition) => {
      if (!made.has(table)) await real.changeKey(table, definition);
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
