import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { createConnection } from 'mysql2/promise';
import { scratchDatabase } from './database.ts';

export const recordingNames = [
  'openstad-api-database',
  'openstad-api-database-worn',
  'openstad-api-database-upgraded',
  'openstad-api-database-fresh-started',
] as const;
export type RecordingName = (typeof recordingNames)[number];

/** Whether there is a server that a recorded database can be loaded into as it is: OpenStad knows only MySQL. */
export const hasMysql = process.env['TEST_DATABASE_URL']?.startsWith('mysql:') === true;

/** `describe`, or a skipped one that says why. */
export const describeOnMysql: (name: string, tests: () => void) => void = (name, tests) => {
  if (hasMysql) describe(name, tests);
  else describe.skip(`${name} (needs TEST_DATABASE_URL with MySQL or MariaDB)`, tests);
};

/** A scratch database of its own, loaded with the recording as OpenStad left it: every table, key and row. */
export const recordedCopy = async (name: RecordingName): Promise<{ readonly url: string; remove(): Promise<void> }> => {
  const scratch = await scratchDatabase();
  const packed = await readFile(join(process.cwd(), 'test', 'recordings', `${name}.sql.gz`));
  const url = new URL(scratch.url);
  url.searchParams.set('multipleStatements', 'true');
  const connection = await createConnection(url.href);
  await connection.query((await promisify(gunzip)(packed)).toString('utf8'));
  await connection.end();
  return scratch;
};
