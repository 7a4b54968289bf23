import { mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise';
import { openDatabase, type Database } from '../../src/db/database.ts';
import { createMigrator } from '../../src/db/migrator.ts';

/** Where cities are built: a server of databases, or a folder of files. */
export interface Ground {
  readonly kind: 'mysql' | 'embedded';
  /** For people: what it is. */
  readonly title: string;
  /** An empty or unfinished or finished database of this name, migrated; nobody else's benchmark may use it meanwhile. */
  readonly open: (name: string) => Promise<Plot>;
  readonly close: () => Promise<void>;
}
export interface Plot {
  readonly url: string;
  readonly database: Database;
  readonly drop: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** All names begin like this, so that nobody takes them for anything else. */
const prefix = 'civitas_bench_';

/** The server at this address if it answers, else the embedded database under `./data`; `embedded` asks for that. */
export const findGround = async (address: string): Promise<Ground> => {
  if (address === 'embedded') return embedded('asked for');
  try {
    const connection = await createConnection({ uri: address, connectTimeout: 2000 });
    return await onServer(address, connection);
  } catch {
    return embedded('no MariaDB or MySQL answers');
  }
};

const onServer = async (address: string, connection: Connection): Promise<Ground> => {
  const [[version]] = await connection.query<RowDataPacket[]>(
    'SELECT VERSION() AS version, ROUND(@@innodb_buffer_pool_size / 1048576) AS pool',
  );
  return {
    kind: 'mysql',
    title: `${String(version?.['version'])} (buffer pool ${String(version?.['pool'])} MB)`,
    open: async (name) => {
      const full = prefix + name;
      const [[locked]] = await connection.query<RowDataPacket[]>('SELECT GET_LOCK(?, 0) AS n', [full]);
      if (Number(locked?.['n']) !== 1) throw new Error(`another benchmark is using ${full}`);
      await connection.query(`CREATE DATABASE IF NOT EXISTS \`${full}\``);
      const url = new URL(address);
      url.pathname = `/${full}`;
      return plotAt(url.href, async () => {
        await connection.query(`DROP DATABASE \`${full}\``);
      });
    },
    close: () => connection.end(),
  };
};

const embedded = (why: string): Ground => ({
  kind: 'embedded',
  title: `the embedded database (${why})`,
  open: async (name) => {
    const folder = join(process.cwd(), 'data', 'bench');
    mkdirSync(folder, { recursive: true });
    const file = join(folder, `${prefix}${name}.sqlite`);
    return plotAt(`sqlite:${file}`, async () => {
      await Promise.all(['', '-wal', '-shm'].map((end) => rm(file + end, { force: true })));
    });
  },
  close: () => Promise.resolve(),
});

const plotAt = async (url: string, remove: () => Promise<void>): Promise<Plot> => {
  // One connection: what is set for a session holds for all that is filled in.
  const database = openDatabase({ url, poolSize: 1 });
  await createMigrator(database).up();
  let open = true;
  const close = async (): Promise<void> => {
    if (open) await database.close();
    open = false;
  };
  return {
    url,
    database,
    close,
    drop: async () => {
      await close();
      await remove();
    },
  };
};
