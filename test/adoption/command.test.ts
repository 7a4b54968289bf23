import { openDatabase } from '../../src/db/database.ts';
import { raw, sql } from '../../src/db/sql.ts';
import { scratchDatabase } from '../support/database.ts';
import { freePortPair } from '../support/free-port.ts';
import { startOauthWorld } from '../support/oauth-world.ts';
import { runCommand } from '../support/program.ts';
import { receiptKey } from '../support/receipt-key.ts';
import { describeOnMysql, recordedCopy } from '../support/recorded-copy.ts';

const secrets = {
  NODE_ENV: 'test',
  AUTH_JWT_SECRET: 'a secret of thirty-two characters',
  DATA_KEY: Buffer.alloc(32, 7).toString('base64'),
  RECEIPT_KEY: receiptKey,
};
const migrate = (url: string, args: readonly string[] = [], more: Readonly<Record<string, string>> = {}) =>
  runCommand('migrate', { env: { ...secrets, DATABASE_URL: url, ...more }, args });

describe('npm run migrate', () => {
  it('says what it can do', async () => {
    const { code, output } = await migrate('sqlite:./nowhere/none.sqlite', ['--help']);
    expect(code).toBe(0);
    for (const word of ['--dry-run', '--json', 'docs/adoption.md']) expect(output).toContain(word);
  });

  it('prints one JSON report to stdout, the log beside it', async () => {
    const scratch = await scratchDatabase();
    try {
      const first = await migrate(scratch.url, ['--json']);
      const dry = await migrate(scratch.url, ['--json', '--dry-run']);
      expect([first.code, dry.code]).toEqual([0, 0]);
      expect(JSON.parse(first.printed)).toMatchObject({ dryRun: false, oauthServers: [], toDo: [] });
      expect(JSON.parse(dry.printed)).toMatchObject({ dryRun: true, steps: [], tablesAdded: [] });
      expect(first.output).toContain('"migrating"');
    } finally {
      await scratch.remove();
    }
  });

  it('names host, database and cause in one line when the database does not answer', async () => {
    const port = await freePortPair();
    const { code, output } = await migrate(`mysql://somebody:something@127.0.0.1:${port}/city`, [], {
      LOG_LEVEL: 'error',
    });
    expect(code).toBe(1);
    expect(output).toBe(
      `The database city at 127.0.0.1:${port} cannot be used: nothing listens there (ECONNREFUSED).\n`,
    );
  });

  it('does not make a file that it is only to look at', async () => {
    const { code, output } = await migrate('sqlite:./test/none.sqlite', ['--dry-run']);
    expect(code).toBe(1);
    expect(output).toBe(
      'The database sqlite:./test/none.sqlite cannot be used: there is no such file (SQLITE_CANTOPEN).\n',
    );
  });
});

describeOnMysql('npm run migrate on a server', () => {
  it('says in one line that there is no such database, or that the password is wrong', async () => {
    const there = new URL(process.env['TEST_DATABASE_URL'] ?? '');
    there.pathname = '/civitas_is_not_there';
    const stranger = new URL(there);
    [stranger.username, stranger.password] = ['nobody', 'wrong'];
    const [missing, refused] = await Promise.all(
      [there, stranger].map(({ href }) => migrate(href, [], { LOG_LEVEL: 'error' })),
    );
    const name = `The database civitas_is_not_there at ${there.hostname}:${there.port === '' ? '3306' : there.port} cannot be used`;
    expect(missing).toMatchObject({
      code: 1,
      output: `${name}: there is no database of that name (ER_BAD_DB_ERROR).\n`,
    });
    expect(refused?.code).toBe(1);
    expect(refused?.output).toMatch(new RegExp(`^${name}: .*\\(ER_ACCESS_DENIED_[A-Z_]+\\)\\.\n$`));
  });

  it('ends with what to do: OAuth hosts that are not allowed, credentials that are refused, people several times, odd rows', async () => {
    const copy = await recordedCopy('openstad-api-database-worn');
    const oauth = await startOauthWorld({
      people: [],
      clients: [1, 2].map((id) => ({ id, clientId: `peer-client-${id}`, clientSecret: `peer-secret-${id}` })),
    });
    try {
      const database = openDatabase({ url: copy.url });
      await database.change(
        sql`UPDATE sites SET config = REPLACE(config, 'http://127.0.0.1:4440', ${oauth.url}) WHERE id IN (1, 3)`,
      );
      await database.change(raw("UPDATE users SET lastLogin = '0000-00-00' WHERE id = 103"));
      await database.close();
      const { code, printed } = await migrate(copy.url, [], { AUTH_ALLOWED_HOSTS: oauth.host });

      expect(code).toBe(0);
      const toDo = printed.slice(printed.indexOf('What to do:'));
      expect(printed).toContain(`OAuth server ${oauth.host} (site 1): allowed, reachable, credentials accepted`);
      expect(toDo).toContain(`OAuth server ${oauth.host} (site 3): allowed, reachable, credentials refused`);
      expect(toDo).toContain('OAuth server 127.0.0.1:4440 (site 2): not allowed');
      expect(toDo).toContain('Add 127.0.0.1:4440 to AUTH_ALLOWED_HOSTS');
      expect(toDo).toContain('One person has 6 rows at site 1: user 90302, 90303, 90304, 90305, 90306, 90307');
      expect(toDo).toContain('2 users without a site: user 90311, 90312');
      expect(toDo).toContain("UPDATE users SET lastLogin = '1970-01-01' WHERE id IN (103);");
      expect(toDo).toContain('ALTER TABLE `users` MODIFY COLUMN `klantnummer` int(11) NULL;');
      expect(toDo).not.toContain('peer-secret');
    } finally {
      await oauth.close();
      await copy.remove();
    }
  });
});
