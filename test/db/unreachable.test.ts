import { openDatabase } from '../../src/db/database.ts';
import { raw } from '../../src/db/sql.ts';
import { fakeLog } from '../support/fakes/log.ts';
import { freePortPair } from '../support/free-port.ts';
import { describeOnMysql } from '../support/recorded-copy.ts';

const asked = async (url: string) => {
  const log = fakeLog();
  const database = openDatabase({ url, log });
  try {
    await expect(database.select(raw('SELECT 1 AS one'))).rejects.toMatchObject({ code: 'not-ready' });
  } finally {
    await database.close();
  }
  return log.lines;
};
const line = (reason: string) => ({
  level: 'warn',
  facts: { reason, statement: 'SELECT 1 AS one' },
  line: 'the database does not answer',
});

describe('a database that does not answer', () => {
  it('is logged with the reason, and without what its address holds', async () => {
    const port = await freePortPair();

    expect(await asked(`mysql://somebody:something@127.0.0.1:${port}/nowhere`)).toEqual([line('ECONNREFUSED')]);
  });
});

describeOnMysql('a server that is there', () => {
  it('is told from one that is away: no such database, a wrong password', async () => {
    const there = new URL(process.env['TEST_DATABASE_URL'] ?? '');
    there.pathname = '/civitas_is_not_there';
    const stranger = new URL(there);
    [stranger.username, stranger.password] = ['nobody', 'wrong'];

    expect(await asked(there.href)).toEqual([line('ER_BAD_DB_ERROR')]);
    expect(await asked(stranger.href)).toEqual([line(expect.stringMatching(/^ER_ACCESS_DENIED_/) as string)]);
  });
});
