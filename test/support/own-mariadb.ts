import { execFile, execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { freePortPair } from './free-port.ts';
import { until } from './until.ts';

const run = promisify(execFile);

/** Debian keeps servers where not everybody looks. */
const path = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;
// Its own place for what is temporary: it may not write to where ours is.
const env = { ...process.env, PATH: path, TMPDIR: '' };

/** Whether there is a MariaDB to be started, as Debian's package mariadb-server brings it. */
export const hasMariadb = (): boolean => {
  try {
    execFileSync('mariadbd', ['--version'], { env });
    return true;
  } catch {
    return false;
  }
};

/** A MariaDB of our own, in memory where there is room, that may be ill-treated. */
export interface OwnMariadb {
  /** As a user without any right over the server itself: `TEST_DATABASE_URL`. */
  readonly url: string;
  /** Asked as root, over a connection of its own. */
  ask(statement: string): Promise<readonly RowDataPacket[]>;
  /** Stands still, as a machine that hangs; and goes on. */
  freeze(): void;
  thaw(): void;
  /** SIGKILL, and its end. */
  kill(): Promise<void>;
  /** Starts, or starts again, with these options beside its own. */
  start(...options: readonly string[]): Promise<void>;
  /** Its end, and that of its folder. */
  remove(): Promise<void>;
}

const user = 'civitas';

export const ownMariadb = async (...options: readonly string[]): Promise<OwnMariadb> => {
  const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'civitas-mariadb-'));
  // A server will not run as root unless it is told so.
  const isRoot = process.getuid?.() === 0;
  const nobody = 65_534;
  const owner = isRoot ? { uid: nobody, gid: nobody } : {};
  if (isRoot) chownSync(folder, nobody, nobody);
  const data = join(folder, 'data');
  mkdirSync(data);
  if (isRoot) chownSync(data, nobody, nobody);
  const log = join(folder, 'error.log');
  const port = await freePortPair();
  let child: ChildProcess | undefined;
  const hasEnded = (): boolean => (child?.exitCode ?? child?.signalCode ?? null) !== null;

  const ask: OwnMariadb['ask'] = async (statement) => {
    const connection = await createConnection({
      ...{ host: '127.0.0.1', port, user: 'root', multipleStatements: true, connectTimeout: 2000 },
    });
    try {
      const [result] = await connection.query(statement);
      return Array.isArray(result) ? (result as RowDataPacket[]) : [];
    } finally {
      connection.destroy();
    }
  };
  const start: OwnMariadb['start'] = async (...more) => {
    const out = openSync(log, 'a');
    child = spawn('mariadbd', [...ownOptions(folder, data, port), ...options, ...more], {
      ...owner,
      env,
      stdio: ['ignore', out, out],
    });
    await until('the server answers', async () => {
      if (hasEnded()) throw new Error(readFileSync(log, 'utf8').slice(-2000));
      return ask('SELECT 1').then(
        () => true,
        () => false,
      );
    });
  };
  const kill = async (): Promise<void> => {
    if (child === undefined || hasEnded()) return;
    const end = once(child, 'exit');
    child.kill('SIGKILL');
    await end;
  };
  try {
    await run(
      'mariadb-install-db',
      [
        ...['--no-defaults', `--datadir=${data}`, '--auth-root-authentication-method=normal'],
        ...['--skip-test-db', '--skip-name-resolve', ...options],
      ],
      { ...owner, env },
    );
    await start();
    await ask(`CREATE USER '${user}'@'%'; GRANT ALL ON \`civitas\\_%\`.* TO '${user}'@'%'`);
  } catch (error) {
    await kill();
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  return {
    url: `mysql://${user}@127.0.0.1:${port}`,
    ...{ ask, start, kill },
    freeze: () => void child?.kill('SIGSTOP'),
    thaw: () => void child?.kill('SIGCONT'),
    remove: async () => {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

const ownOptions = (folder: string, data: string, port: number): readonly string[] => [
  ...['--no-defaults', `--datadir=${data}`, `--port=${port}`, '--bind-address=127.0.0.1'],
  ...[`--socket=${folder}/s.sock`, `--pid-file=${folder}/p.pid`, '--skip-name-resolve'],
  ...['--character-set-server=utf8mb4', '--innodb-buffer-pool-size=32M', '--innodb-flush-log-at-trx-commit=0'],
  ...['--skip-innodb-doublewrite', '--innodb-log-file-size=16M'],
];
