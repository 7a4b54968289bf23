import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { raw } from '../../src/db/sql.ts';
import { builtFolder } from '../support/compiled.ts';
import { scratchDatabase } from '../support/database.ts';
import { openCommands } from '../support/program.ts';
import { receiptKey } from '../support/receipt-key.ts';
import { startRecordedWorld, type RecordedWorld } from '../support/recorded-world.ts';
import { atTerminal, ctrlC } from './support/terminal.ts';
import { withoutReader } from './support/without-reader.ts';

/** people.md §4: clients, outbox, audit, settings and migration at the command line. */
let world: RecordedWorld;
beforeAll(async () => {
  world = await startRecordedWorld({}, { outboxSeconds: 3600 });
});
afterAll(async () => {
  await commands.close();
  await world.close();
});
const commands = openCommands();
const command = (name: string, ...args: readonly string[]) =>
  commands.run(name, { env: { ...world.env, LOG_LEVEL: 'warn' }, args });

describe('client', () => {
  it('is made, listed, given another secret and revoked, with one JSON document each', async () => {
    const created = await command('client create', 'Office', '--sites', '1,2', '--scopes', 'admin', '--json');
    const client = JSON.parse(created.printed) as {
      readonly id: number;
      readonly secret: string;
      readonly key: string;
    };
    expect([created.code, client]).toEqual([0, expect.objectContaining({ name: 'Office', siteIds: [1, 2] })]);
    const listed = await command('client list');
    expect(listed.printed.split('\n')[0]).toBe('id\tname\tkey\tscopes\tsites\tcreated\tlast used');
    expect(listed.printed).toContain(`${client.id}\tOffice\t${client.key}\tadmin\t1,2\t`);
    expect(listed.printed).not.toContain(client.secret);
    const rotated = JSON.parse((await command('client rotate', String(client.id), '--json')).printed) as {
      secret: string;
    };
    expect(rotated.secret).not.toBe(client.secret);
    const unsaid = await command('client revoke', String(client.id));
    expect([unsaid.code, unsaid.printed]).toEqual([2, '']);
    expect((await command('client revoke', String(client.id), '--yes')).code).toBe(0);
    const again = await command('client revoke', String(client.id), '--yes');
    expect([again.code, again.output]).toEqual([1, 'There is no such client.\n']);
  });

  it('of no site is refused in one line', async () => {
    const { code, output } = await command('client create', 'Office', '--sites', '1,99');
    expect([code, output]).toEqual([2, expect.stringMatching(/^[^\n]*is no site[^\n]*\n$/)]);
  });
});

describe('outbox remove-person', () => {
  it('asks, refuses a person who has rows, and says who is not there', async () => {
    const [row] = await world.container.database.select(raw('SELECT personId FROM users WHERE id = 106'));
    const personId = String(row?.['personId']);
    expect((await command('outbox remove-person', personId)).code).toBe(2);
    const terminal = atTerminal(['outbox', 'remove-person', personId], world.env);
    await terminal.sees('[y/N]');
    terminal.type('no\n');
    expect(await terminal.ended).toBe(3);
    const refused = await command('outbox remove-person', personId, '--yes');
    expect([refused.code, refused.output]).toEqual([3, expect.stringMatching(/^Users [^\n]*106[^\n]*\n$/)]);
    const nobody = await command('outbox remove-person', '999999', '--yes');
    expect([nobody.code, nobody.output]).toEqual([1, 'There is no person 999999.\n']);
  });
});

describe('audit list', () => {
  it('lists what GET /api/audit does, asked by the same, past the end of a page', async () => {
    for (let look = 0; look < 3; look += 1) await world.call('admin', 'GET', '/api/site/1/user/111/person');
    const api = await world.call('admin', 'GET', '/api/audit?call=read-person&siteId=1&pageSize=100');
    const { printed, code } = await command(
      'audit list',
      '--call',
      'read-person',
      '--site',
      '1',
      '--limit',
      '200',
      '--json',
    );
    expect([code, JSON.parse(printed).records]).toEqual([0, api.body.records]);
    const first = JSON.parse((await command('audit list', '--limit', '2', '--json')).printed);
    expect(first.records).toHaveLength(2);
    const next = await command('audit list', '--limit', '2', '--cursor', first.metadata.cursor, '--json');
    expect(JSON.parse(next.printed).records[0]).not.toEqual(first.records[0]);
    expect((await command('audit list', '--from', 'yesterday')).code).toBe(2);
    expect((await command('audit list', '--call', 'nonsense')).output).toContain('Nothing of this is in the audit.');
  });
});

describe('settings', () => {
  it('are printed as Markdown or JSON, without any setting', async () => {
    const printed = await commands.run('settings', { env: {} });
    expect([printed.code, printed.printed]).toEqual([
      0,
      expect.stringContaining('| `DATABASE_URL` | `database.url` |'),
    ]);
    const rows = JSON.parse(
      (await commands.run('settings', { env: {}, args: ['--json'] })).printed,
    ) as readonly object[];
    expect(rows).toContainEqual(expect.objectContaining({ variable: 'DATABASE_URL', setting: 'database.url' }));
  });

  it('--check says that all are right and tells no secret, or every fault at once', async () => {
    const right = await command('settings', '--check');
    expect([right.code, right.output]).toEqual([0, expect.stringContaining('All settings are right')]);
    for (const secret of ['AUTH_JWT_SECRET', 'DATA_KEY', 'RECEIPT_KEY', 'AUTH_FIXED_TOKENS'])
      expect(right.output).not.toContain(world.env[secret]);
    const wrong = await commands.run('settings', { env: { NODE_ENV: 'production', PORT: 'x' }, args: ['--check'] });
    expect(wrong.code).toBe(1);
    for (const variable of ['PORT', 'DATABASE_URL', 'DATA_KEY']) expect(wrong.output).toContain(variable);
  });
});

describe('migrate at a terminal', () => {
  const secrets = {
    ...{ NODE_ENV: 'test', AUTH_JWT_SECRET: 'a secret of thirty-two characters', RECEIPT_KEY: receiptKey },
    DATA_KEY: Buffer.alloc(32, 7).toString('base64'),
  };

  it('shows how far it is, logs nothing, and stopped in the middle says where; another time it finishes', async () => {
    const scratch = await scratchDatabase();
    const env = { ...secrets, DATABASE_URL: scratch.url };
    try {
      const terminal = atTerminal(['migrate'], env);
      await terminal.sees('\u001b[K');
      terminal.type(ctrlC);
      const code = await terminal.ended;
      // It may have been quicker than the signal, which then meets a program that has said all.
      expect([code, terminal.shown()]).toEqual(
        terminal.shown().includes('Migrated:')
          ? [expect.any(Number), expect.any(String)]
          : [130, expect.stringMatching(/Stopped[^\n]*What was done stays: run this again\./)],
      );
      expect(terminal.shown()).not.toContain('"level"');
      const again = await commands.run('migrate', { env });
      expect([again.code, again.printed]).toEqual([0, expect.stringContaining('Nothing is left to do.')]);
      expect((await commands.run('client list', { env })).printed).toBe('There is no client.\n');
    } finally {
      await scratch.remove();
    }
  });
});

describe('a reader who has enough', () => {
  it('goes away from what only looks without a word; what was to be done is done, and ends with 1', async () => {
    expect(await withoutReader(['client', 'list'], world.env)).toEqual({ code: 0, said: '' });
    const made = await withoutReader(['client', 'create', 'Unread', '--sites', '1'], world.env);
    expect(made).toEqual({ code: 1, said: expect.stringContaining('nobody reads stdout') });
    expect((await command('client list')).printed).toContain('\tUnread\t');
  });

  it('ends the command quietly', async () => {
    const program = join(builtFolder, 'dist/src/cli/civitas.js');
    const child = spawn('bash', ['-c', `set -o pipefail; "${process.execPath}" "${program}" settings | head -1`], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const said: Buffer[] = [];
    child.stderr.on('data', (piece: Buffer) => said.push(piece));
    child.stdout.resume();
    expect([(await once(child, 'close'))[0], Buffer.concat(said).toString()]).toEqual([0, '']);
  });
});
