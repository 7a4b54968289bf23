import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { openDatabase, type Database } from '../../src/db/database.ts';
import { createMigrator } from '../../src/db/migrator.ts';

export interface TestDatabase {
  readonly database: Database;
  readonly url: string;
  /** How many SQL statements were sent so far (BEGIN, COMMIT and the like not counted). */
  statements(): number;
  close(): Promise<void>;
}

export const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** A fresh, migrated scratch database: a temporary SQLite file, or a database of its own on TEST_DATABASE_URL's server. */
export const openTestDatabase = async (): Promise<TestDatabase> => {
  const scratch = await scratchDatabase();
  let sent = 0;
  const database = openDatabase({ url: scratch.url, onStatement: () => (sent += 1) });
  await createMigrator(database).up();
  return {
    database,
    url: scratch.url,
    statements: () => sent,
    close: async () => {
      await database.close();
      await scratch.remove();
    },
  };
};

/** An empty database: its address, and how to be rid of it. */
export const scratchDatabase = async (): Promise<{ readonly url: string; remove(): Promise<void> }> => {
  const server = process.env['TEST_DATABASE_URL'];
  return server?.startsWith('mysql:') === true ? scratchOn(server) : scratchFile();
};

const scratchFile = async () => {
  const directory = mkdtempSync(join(tmpdir(), 'civitas-test-'));
  return {
    url: `sqlite:${join(directory, 'scratch.sqlite')}`,
    remove: async () => {
      rmSync(directory, { recursive: true, force: true });
    },
  };
};

const scratchOn = async (server: string) => {
  const name = `civitas_test_${process.pid}_${randomUUID().slice(0, 8)}`;
  const url = new URL(server);
  url.pathname = `/${name}`;
  await onServer(server, `CREATE DATABASE \`${name}\``);
  return { url: url.href, remove: () => onServer(server, `DROP DATABASE \`${name}\``) };
};

const onServer = async (server: string, statement: string): Promise<void> => {
  const url = new URL(server);
  url.pathname = '/';
  const connection = await createConnection(url.href);
  await connection.query(statement);
  await connection.end();
};
