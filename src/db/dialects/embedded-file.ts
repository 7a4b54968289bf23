import { closeSync, existsSync, openSync, realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import Libsql from 'libsql';

/** What all connections of this process to one file share. */
export interface DatabaseFile {
  readonly writer: WriterLock;
  /** Answers of PRAGMA table_info, which Sequelize asks before every SELECT of a model; emptied when the schema changes. */
  readonly columnAnswers: Map<string, unknown[]>;
  take(): Driver;
  giveBack(driver: Driver): void;
}

const maxIdle = 4;
const files = new Map<string, DatabaseFile>();

/** One entry per file, whatever the way it is written: two spellings with two locks would be no lock. */
export const databaseFile = (path: string): DatabaseFile => {
  const key = canonical(path);
  const known = files.get(key);
  if (known !== undefined) return known;
  const made = newFile(key);
  files.set(key, made);
  return made;
};

const newFile = (path: string): DatabaseFile => {
  const idle: Driver[] = [];
  let taken = 0;
  return {
    writer: writerLock(),
    columnAnswers: new Map(),
    take: () => {
      if (taken === 0) makePrivate(path);
      const driver = idle.pop() ?? openDriver(path);
      taken += 1;
      return driver;
    },
    giveBack: (driver) => {
      taken -= 1;
      if (idle.length < maxIdle && taken > 0) {
        idle.push(driver);
        return;
      }
      if (taken > 0) {
        driver.close();
        return;
      }
      // The last one closes the file.
      for (const other of idle.splice(0)) other.close();
      closeLast(driver);
      files.delete(path);
    },
  };
};

/** A new file is its owner's alone, as people stand in it; `-wal` and `-shm` take after it. */
const makePrivate = (path: string): void => {
  // Where there is no folder, the driver says so.
  if (!existsSync(path) && existsSync(dirname(path))) closeSync(openSync(path, 'a', 0o600));
};

/** The directory is followed through links; the file itself may not exist yet. */
const canonical = (path: string): string => {
  const absolute = resolve(path);
  try {
    return realpathSync(absolute);
  } catch {
    return join(realpathSync(dirname(absolute)), basename(absolute));
  }
};

/** Who may write, first come first served. SQLite knows one writer per file; waiting here costs no thread and no busy loop. */
interface WriterLock {
  /** Resolves once the owner may write; at once when it already may. Rejects with a `busy` error after `patienceMs`. */
  acquire(owner: object, timeoutMs: number): Promise<void>;
  release(owner: object): void;
}

interface Waiting {
  readonly owner: object;
  readonly grant: () => void;
}

/** Marks a wait that was too long, so that it is told apart from a conflict that is worth another run. */
export const waitedTooLong = 'SQLITE_BUSY_WAITED_TOO_LONG';

export const writerIsBusy = (): Error =>
  Object.assign(new Error('waited too long for the writer of this file'), { code: waitedTooLong });

export const writerLock = (): WriterLock => {
  let holder: object | null = null;
  let queue: readonly Waiting[] = [];

  return {
    acquire: (owner, timeoutMs) => {
      if (holder === null || holder === owner) {
        holder = owner;
        return Promise.resolve();
      }
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          queue = queue.filter((other) => other !== waiting);
          reject(writerIsBusy());
        }, timeoutMs);
        const waiting: Waiting = {
          owner,
          grant: () => {
            clearTimeout(timer);
            resolve();
          },
        };
        queue = [...queue, waiting];
      });
    },
    release: (owner) => {
      if (holder !== owner) return;
      const [next, ...rest] = queue;
      queue = rest;
      holder = next?.owner ?? null;
      next?.grant();
    },
  };
};

/** What the facade uses of libsql: a synchronous SQLite that comes prebuilt, without an install script. */
export interface DriverStatement {
  run(...parameters: readonly unknown[]): { readonly changes: number; readonly lastInsertRowid: number | bigint };
  all(...parameters: readonly unknown[]): unknown[];
}
export interface Driver {
  prepare(sql: string): DriverStatement;
  exec(sql: string): unknown;
  close(): unknown;
}

/** WAL lets snapshots read beside a writer; FULL makes every acknowledged commit survive a power cut. */
export const openDriver = (path: string): Driver => {
  const driver: Driver = new Libsql(path);
  driver.exec('PRAGMA busy_timeout=5000');
  driver.exec('PRAGMA journal_mode=WAL');
  driver.exec('PRAGMA synchronous=FULL');
  driver.exec('PRAGMA foreign_keys=ON');
  // What is cleared or removed is overwritten: else it would stand in free places of the file, where no query sees it.
  driver.exec('PRAGMA secure_delete=ON');
  // Other processes are waited for by asking again, so that a wait never blocks the event loop.
  driver.exec('PRAGMA busy_timeout=0');
  return driver;
};

/** Closes the last connection: brings the write-ahead log into the file and empties it, unless another process is busy with them. */
const closeLast = (driver: Driver): void => {
  driver.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  driver.close();
};
