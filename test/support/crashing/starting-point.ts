import { copyFileSync, existsSync, rmSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise';
import { scratchDatabase } from '../database.ts';

/** A database that is put back to how it was when `keep` was called. */
export interface StartingPoint {
  /** Where it is before `keep`. */
  readonly url: string;
  /** Nobody may be connected. */
  readonly keep: () => Promise<void>;
  /** Answers where it is now. */
  readonly restore: () => Promise<string>;
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
  let copies = 0;
  const forget = (): void => {
    for (const end of ['', '-wal', '-shm']) rmSync(`${file}.${copies}${end}`, { force: true });
  };
  return {
    url,
    keep: () => Promise.resolve(),
    restore: () => {
      forget();
      copies += 1;
      // What was committed last may still stand in the write-ahead log.
      for (const end of ['', '-wal'].filter((one) => existsSync(file + one)))
        copyFileSync(file + end, `${file}.${copies}${end}`);
      return Promise.resolve(`${url}.${copies}`);
    },
    quiet: () => Promise.resolve(),
    remove: () => scratch.remove(),
  };
};

/** The rows from memory: dropping and making tables would take longer than the tests. */
const onServer = async (scratch: Scratch): Promise<StartingPoint> => {
  const { url } = scratch;
  const connection = await createConnection({ uri: url, dateStrings: true, multipleStatements: true });
  const kept = new Map<string, readonly RowDataPacket[]>();
  await connection.query('SET FOREIGN_KEY_CHECKS = 0');
  const quiet = async (): Promise<void> => {
    while ((await othersOn(connection)) > 0) await pause(5);
  };
  return {
    url,
    keep: async () => {
      await quiet();
      const [tables] = await connection.query<RowDataPacket[]>({ sql: 'SHOW TABLES', rowsAsArray: true });
      for (const [table] of tables as unknown as readonly [string][]) {
        const [rows] = await connection.query<RowDataPacket[]>(`SELECT * FROM \`${table}\``);
        kept.set(table, rows);
      }
    },
    restore: async () => {
      await quiet();
      await connection.query('START TRANSACTION');
      for (const [table, rows] of kept) {
        await connection.query(`DELETE FROM \`${table}\``);
        const columns = Object.keys(rows[0] ?? {}).map((name) => `\`${name}\``);
        const values = rows.map((row) => Object.values(row).map(plain));
        if (rows.length > 0)
          await connection.query(`INSERT INTO \`${table}\` (${columns.join(', ')}) VALUES ?`, [values]);
      }
      await connection.query('COMMIT');
      return url;
    },
    quiet,
    remove: async () => {
      await connection.end();
      await scratch.remove();
    },
  };
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
