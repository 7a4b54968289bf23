import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { openDatabase, type Database } from '../../src/db/database.ts';
import { createMigrator } from '../../src/db/migrator.ts';
import { raw } from '../../src/db/sql.ts';
import { compileProgram, type Compiled } from '../support/compiled.ts';
import { adoptIn, withRecording } from '../support/adopted.ts';
import { dumped, type DumpedRow } from '../support/dump.ts';
import { describeOnMysql, recordingNames } from '../support/recorded-copy.ts';
import { closedAfter } from '../support/until.ts';

/** Adopts in a process of its own, which is killed before its (n+1)th change. Whether it came to the end. */
const adoptInChild = ({ folder }: Compiled, url: string, changes: number): Promise<boolean> =>
  new Promise((resolve, reject) => {
    const script = join(folder, 'test', 'support', 'adopting-victim.js');
    execFile(process.execPath, [script, url, String(changes)], (error, out, errors) => {
      if (error === null) resolve(out.includes('done'));
      else if (error.signal === 'SIGKILL') resolve(false);
      else reject(new Error(`${error.message}\n${errors}`));
    });
  });

/** What there is to see, but for the time at which something was done and the numbers that persons got. */
const picture = async (database: Database): Promise<Readonly<Record<string, readonly DumpedRow[]>>> => {
  const dump = await dumped(database);
  const persons = new Map([...(dump.get('civitas_persons')?.values() ?? [])].map((row) => [row['id'], row]));
  const seen = (table: string, row: DumpedRow): DumpedRow => {
    if (table === 'civitas_persons')
      return {
        issuer: row['issuer'] ?? null,
        externalId: row['externalId'] ?? null,
        createdByUs: row['createdByUs'] ?? null,
      };
    if (table === 'civitas_migrations') return { name: row['name'] ?? null };
    if (table !== 'users') return row;
    const person = persons.get(row['personId'] ?? null);
    return {
      ...row,
      personId: person === undefined ? null : `${person['issuer'] ?? ''} ${person['externalId'] ?? ''}`,
    };
  };
  const schema = await database.select(
    raw(`SELECT CONCAT_WS(' ', TABLE_NAME, COLUMN_NAME, COLUMN_TYPE, IS_NULLABLE, CHARACTER_SET_NAME, COLUMN_KEY) AS line
         FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() ORDER BY line`),
  );
  const tables = [...dump].filter(([table]) => table !== 'civitas_leases');
  return {
    schema: schema.map((row) => ({ line: String(row['line']) })),
    ...Object.fromEntries(
      tables.map(([table, rows]) => [
        table,
        [...rows.values()]
          .map((row) => seen(table, row))
          .sort((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1)),
      ]),
    ),
  };
};

/** Differs wherever a life has got further. */
const progressOf = async (database: Database): Promise<string> => {
  const [row] = await database.select(
    raw(`SELECT (SELECT COUNT(*) FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE()) AS columns,
                (SELECT COUNT(*) FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND CHARACTER_SET_NAME = 'utf8mb4') AS texts,
                (SELECT COUNT(*) FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE()) AS indexes`),
  );
  const pending = await createMigrator(database).pending();
  return JSON.stringify([row, pending]);
};

describeOnMysql('a migration that is killed', () => {
  let program: Compiled;
  beforeAll(async () => {
    program = await compileProgram();
  });
  afterAll(() => program.remove());

  // Each state there is between in one database, some in those that are made otherwise.
  it.each(recordingNames.map((name) => [name, name === 'openstad-api-database-worn' ? 1 : 9] as const))(
    'again and again, and run again each time, ends as one that was not: %s, every %i changes',
    async (name, stride) => {
      const wanted: { current?: unknown } = {};
      await withRecording(name, async (database) => {
        await adoptIn(database);
        wanted.current = await picture(database);
      });
      await withRecording(name, async (_database, url) => {
        let deaths = 0;
        let allowed: number = stride;
        let known = '';
        // A life makes some changes and is killed before the next; where that got it no step further (a step that begins anew each
        // time), the next life may make one more.
        while (!(await adoptInChild(program, url, allowed))) {
          deaths += 1;
          const database = openDatabase({ url });
          // The dead one's lease would have to run out first.
          await database.change(raw('DELETE FROM civitas_leases WHERE 1 = 1'));
          const reached = await closedAfter(progressOf(database), () => database.close());
          allowed = reached === known ? allowed + 1 : stride;
          known = reached;
          if (deaths > 500) throw new Error('it does not get anywhere');
        }
        const database = openDatabase({ url });
        const found = await closedAfter(picture(database), () => database.close());
        expect(deaths).toBeGreaterThan(40 / stride);
        expect(found).toEqual(wanted.current);
      });
    },
    600_000,
  );
});
