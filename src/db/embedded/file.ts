import { closeSync, existsSync, openSync, realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { closeLast, openDriver, type Driver } from './driver.ts';
import { writerLock, type WriterLock } from './writer-lock.ts';

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
