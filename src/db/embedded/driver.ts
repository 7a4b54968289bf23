import Libsql from 'libsql';

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
export const closeLast = (driver: Driver): void => {
  driver.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  driver.close();
};
