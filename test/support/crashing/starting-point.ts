import { copyFileSync, existsSync, rmSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise';
import { scratchDatabase } from '../database.ts';

/** Puts the database back to how it was when this was made. Answers where it is now. */
export type Restore = () => Promise<string>;

/** A database that is put back to how it was. */
export interface StartingPoint {
  /** Where it is at first. */
  readonly url: string;
  /** How it is now. Nobody may be at work on it; what a killed client did not commit is no part of it. */
  readonly keep: () => Promise<Restore>;
  /** Waits until nobody is connected any more: a killed client's transaction is rolled back by then. */
  readonly quiet: () => Promise<void>;
  readonly remove: () => Promise<void>;
}

export const startingPoint = async (): Promise<StartingPoint> => {
  const scratch = await scratchDatabase();
  return scratch.url.startsWith('mysql:') ? onServer(scratch) : inFile(scratch);
};

type Scratch = Awaited<ReturnType<typeof scratchDatabase>>;

/** A copy of the file for each time: no trace of the last one can be in it. */
const inFile = (scratch: Scratch): StartingPoint => {
  const { url } = scratch;
  const file = url.slice('sqlite:'.length);
  let current = file;
  let copies = 0;
  // What was committed last may still stand in the write-ahead log.
  const copy = (from: string): string => {
    copies += 1;
    const to = `${file}.${copies}`;
    for (const end of ['', '-wal'].filter((one) => existsSync(from + one))) copyFileSync(from + end, to + end);
    return to;
  };
  return {
    url,
    keep: () => {
      const kept = copy(current);
      return Promise.resolve(() => {
        for (const end of ['', '-wal', '-shm']) rmSync(current + end, { force: true });
        current = copy(kept);
        return Promise.resolve(`sqlite:${current}`);
      });
    },
    quiet: () => Promise.resolve(),
    remove: () => scratch.remove(),
  };
};

/** The rows from memory: dropping and making tables would take longer than the tests. */
const onServer = async (scratch: Scratch): Promise<StartingPoint> => {
  const { url } = scratch;
  const connection = await createConnection({ uri: url, dateStrings: true, multipleStatements: true });
  await connection.query('SET FOREIGN_KEY_CHECKS = 0');
  const quiet = async (): Promise<void> => {
    while ((await othersOn(connection)) > 0) await pause(5);
  };
  return {
    url,
    keep: async () => {
      await quiet();
      const [tables] = await connection.query<RowDataPacket[]>({ sql: 'SHOW TABLES', rowsAsArray: true });
      const fills: string[] = [];
      for (const [table] of tables as unknown as readonly [string][]) {
        const [rows] = await connection.query<RowDataPacket[]>(`SELECT * FROM \`${table}\``);
        fills.push(`DELETE FROM \`${table}\``, ...filling(connection, table, rows));
      }
      const statements = ['START TRANSACTION', ...fills, 'COMMIT'].join(';\n');
      return async () => {
        await quiet();
        await connection.query(statements);
        return url;
      };
    },
    quiet,
    remove: async () => {
      await connection.end();
      await scratch.remove();
    },
  };
};

const filling = (connection: Connection, table: string, rows: readonly RowDataPacket[]): readonly string[] => {
  if (rows.length === 0) return [];
  const columns = Object.keys(rows[0] ?? {}).map((name) => `\`${name}\``);
  const values = rows.map((row) => Object.values(row).map(plain));
  return [connection.format(`INSERT INTO \`${table}\` (${columns.join(', ')}) VALUES ?`, [values])];
};

const othersOn = async (connection: Connection): Promise<number> => {
  const [[row]] = await connection.query<RowDataPacket[]>(
    'SELECT COUNT(*) AS n FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()',
  );
  return Number(row?.['n']);
};

/** JSON comes as objects from some servers. */
const plain = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Buffer.isBuffer(value) ? JSON.stringify(value) : value;
