import { adopt } from '../../src/db/adoption/adopt.ts';
import type { AdoptionReport } from '../../src/db/adoption/report.ts';
import { openDatabase, type Database } from '../../src/db/database.ts';
import { createMigrator } from '../../src/db/migrator.ts';
import { unitOfWork } from '../../src/db/unit-of-work.ts';
import { quiet } from './database.ts';
import { fakeSecrets } from './fakes/secrets.ts';
import { recordedCopy, type RecordingName } from './recorded-copy.ts';

/** What `npm run migrate` does with a database. */
export const adoptIn = (database: Database, globalIssuer: string | null = null): Promise<AdoptionReport> =>
  adopt({
    database,
    migrator: createMigrator(database),
    inOneTransaction: unitOfWork(database, quiet).inOneTransaction,
    clock: { now: () => new Date('2026-11-22T12:00:00Z') },
    secrets: fakeSecrets(),
    globalIssuer,
  });

/** Hands a scratch copy of a recorded database to some work, and removes it. MySQL only. */
export const withRecording = async (
  name: RecordingName,
  work: (database: Database, url: string) => Promise<void>,
): Promise<void> => {
  const copy = await recordedCopy(name);
  const database = openDatabase({ url: copy.url });
  try {
    await work(database, copy.url);
  } finally {
    await database.close();
    await copy.remove();
  }
};
