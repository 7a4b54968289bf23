import { mkdtempSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { raw, sql } from '../../src/db/sql.ts';
import { openCommands, runCommand } from '../support/program.ts';
import { startRecordedWorld, type RecordedWorld } from '../support/recorded-world.ts';
import { until } from '../support/until.ts';
import { atTerminal, ctrlC } from './support/terminal.ts';
import { withoutReader } from './support/without-reader.ts';

/** people.md §4: people at the command line, beside the API that runs. */
let world: RecordedWorld;
const folder = mkdtempSync(join(tmpdir(), 'civitas-person-'));
beforeAll(async () => {
  world = await startRecordedWorld({}, { outboxSeconds: 3600 });
});
beforeEach(() => world.oauth.proxy.behave('pass'));
afterAll(async () => {
  await commands.close();
  await world.close();
  rmSync(folder, { recursive: true, force: true });
});

const me = `cli:${userInfo().username}`;
const commands = openCommands();
const person = (...args: readonly string[]) =>
  commands.run('person', { env: { ...world.env, LOG_LEVEL: 'warn' }, args });
// oxlint-disable-next-line @typescript-eslint/no-explicit-any
const dataOf = async (...args: readonly string[]): Promise<any> => {
  const { code, printed, output } = await person(...args, '--json');
  if (code !== 0) throw new Error(output);
  return JSON.parse(printed) as unknown;
};
const isAnonymized = async (userId: number): Promise<boolean> => {
  const [row] = await world.container.database.select(raw(`SELECT anonymizedAt FROM users WHERE id = ${userId}`));
  return (row?.['anonymizedAt'] ?? null) !== null;
};

describe('person find', () => {
  it('finds people as GET /api/person does, by words, address and id; a line for each row', async () => {
    const { body } = await world.call('admin', 'GET', '/api/site/1/user/111');
    for (const [words, query] of [
      [[body.firstName, body.lastName], `q=${body.firstName}+${body.lastName}`],
      [['--email', body.email], `email=${encodeURIComponent(body.email)}`],
      [['--external-id', '1004'], 'externalUserId=1004'],
    ] as const) {
      const api = await world.call('admin', 'GET', `/api/person?${query}`);
      const { records } = await dataOf('find', ...words);
      expect(records.length).toBeGreaterThan(0);
      expect(records).toEqual(api.body.records);
      const { printed, code } = await person('find', ...words);
      expect(code).toBe(0);
      const lines = printed.trim().split('\n');
      expect(lines[0]).toBe('person\tname\temail\trole\tsite\tlast login');
      const names = (records as { users: { id: number; site: { id: number } }[] }[]).flatMap(({ users }) =>
        users.map(({ id, site }) => `${site.id}/${id}`),
      );
      expect(lines.slice(1).map((line) => line.split('\t')[0])).toEqual(names);
    }
  });

  it('says that nobody was found on stderr, and what is wrong with its words with exit code 2', async () => {
    expect(await person('find', 'nobodyiscalledso')).toMatchObject({
      code: 0,
      printed: '',
      output: 'Nobody was found.\n',
    });
    for (const words of [[], ['x', '--email', 'y@z.nl'], ['x', '--limit', '101'], ['x', '--cursor', 'no']]) {
      const { code, output, printed } = await person('find', ...words);
      expect([words, code, printed, output.trim().split('\n').length]).toEqual([words, 2, '', 1]);
    }
  });
});

describe('person show', () => {
  it('shows what GET …/person answers, by site and id or the id alone, and the audit says who looked', async () => {
    const shown = await dataOf('show', '1/111');
    const alone = await dataOf('show', '111');
    const api = await world.call('admin', 'GET', '/api/site/1/user/111/person');
    expect(alone).toEqual(shown);
    expect({ ...shown, fetchedAt: null }).toEqual({ ...api.body, fetchedAt: null });
    const audit = await world.call('admin', 'GET', '/api/audit?call=read-person&actorKind=cli&pageSize=100');
    expect(audit.body.records.length).toBeGreaterThan(1);
    for (const { actor } of audit.body.records) expect(actor).toEqual({ kind: 'cli', name: me });
  });

  it.each([
    ['a user who is not there', ['999999'], 1, /^There is no user 999999\.$/],
    ['a user at another site', ['7/111'], 1, /^There is no such user at this site\.$/],
    ['no site', ['99/111'], 1, /^There is no site 99\.$/],
    ['what is no name', ['one'], 2, /SITE\/USER/],
    ['nothing', [], 2, /missing required argument/],
  ])('says in one line that it means %s', async (_what, words, expected, line) => {
    const { code, output, printed } = await person('show', ...words);
    expect([code, printed, output.trim()]).toEqual([expected, '', expect.stringMatching(line)]);
    expect(output.trim()).not.toContain('\n');
  });

  it('lets nothing that people wrote move the cursor of a terminal', async () => {
    const { change } = world.container.database;
    await change(sql`UPDATE users SET firstName = ${'A\u001b[2J\u202eB'} WHERE externalUserId = 1004`);
    const terminal = atTerminal(['person', 'show', '106'], world.env);
    expect(await terminal.ended).toBe(0);
    expect(terminal.shown()).toContain('A·[2J·B');
    expect(terminal.shown()).not.toContain('\u001b[2J');
  });
});

describe('person preview', () => {
  it('shows what will-anonymizeall answers, as a table, as JSON and in full, and changes nothing', async () => {
    const api = await world.call('admin', 'GET', '/api/site/1/user/111/will-anonymizeall?view=summary');
    expect(await dataOf('preview', '111')).toEqual(api.body);
    const changes = await world.call('admin', 'GET', '/api/site/1/user/111/will-anonymizeall?view=changes');
    expect(await dataOf('preview', '111', '--changes')).toEqual(changes.body);
    const here = await world.call('admin', 'GET', '/api/site/1/user/111/will-anonymize?view=summary');
    expect(await dataOf('preview', '111', '--this-site')).toEqual(here.body);
    const only = await world.call('admin', 'GET', '/api/site/1/user/111/will-anonymizeall?view=summary&onlySiteIds=2');
    expect(await dataOf('preview', '111', '--only-sites', '2')).toEqual(only.body);
    const { printed } = await person('preview', '111');
    const { body } = await world.call('admin', 'GET', '/api/site/1/user/111');
    expect(printed.split('\n')[0]).toMatch(/^person\t[^\t]+, 1\/111$/);
    expect(printed.split('\n')[0]).toContain(`<${body.email}>`);
    for (const { id, title } of api.body.sites) expect(printed).toContain(`${id}\t${title}\t`);
    expect(printed).toContain(`digest\t${api.body.digest}\n`);
    expect(await isAnonymized(111)).toBe(false);
  });
});

describe('person anonymize', () => {
  it('without a terminal does nothing unless it is told --yes or --if-match, and says so with exit code 2', async () => {
    const { code, output, printed } = await person('anonymize', '111');
    expect([code, printed]).toEqual([2, '']);
    expect(output).toMatch(/^Nothing was done: [^\n]*--yes[^\n]*--if-match[^\n]*\n$/);
    expect(await isAnonymized(111)).toBe(false);
  });

  it.each([
    ['--only-users', '999999'],
    ['--only-sites', '99,98'],
  ])('where %s %s names no row of the person says so with exit code 2', async (option, ids) => {
    for (const words of [['preview'], ['anonymize', '--yes']]) {
      const { code, output, printed } = await person(...words, '111', option, ids);
      const line = `Nothing was done: ${option} ${ids} names no row of this person, whose rows are 1/111, `;
      expect([code, printed, output]).toEqual([2, '', expect.stringContaining(line)]);
    }
  });

  it('does nothing where the plan has another digest by now: exit code 3', async () => {
    const { digest } = await dataOf('preview', '111', '--this-site');
    const { code, output } = await person('anonymize', '111', '--if-match', digest);
    expect([code, output]).toEqual([3, expect.stringContaining('Nothing was done')]);
    expect(await isAnonymized(111)).toBe(false);
  });

  it('at a terminal shows the plan, asks, and does nothing for anything but a yes', async () => {
    for (const answer of ['\n', 'n\n', 'nyes\n', '\u0004']) {
      const terminal = atTerminal(['person', 'anonymize', '111'], world.env);
      await terminal.sees('[y/N]');
      expect(terminal.shown()).toMatch(/Anonymize 3 rows of [^\n]+ <[^\n]+>, 1\/111\? There is no way back\./);
      terminal.type(answer);
      expect([answer, await terminal.ended]).toEqual([answer, 3]);
      expect(terminal.shown()).toContain('Nothing was done.');
    }
    expect(await isAnonymized(111)).toBe(false);
  });

  it('does what it showed when somebody says yes: everywhere, with a receipt that says who it was, checked at once', async () => {
    const before = await dataOf('preview', '111');
    const terminal = atTerminal(['person', 'anonymize', '1/111', '--reason', 'Zaak-7'], {
      ...world.env,
      NO_COLOR: '1',
    });
    await terminal.sees('[y/N]');
    terminal.type('y\n');
    expect(await terminal.ended).toBe(0);
    const shown = terminal.shown();
    expect(shown).toContain(before.digest);
    expect(shown).toMatch(/Anonymized: 3 rows\./);
    expect(shown).not.toMatch(/\u001b\[\d+m/);
    expect([await isAnonymized(111), await isAnonymized(112), await isAnonymized(113)]).toEqual([true, true, true]);

    const address = /\/receipts\/[\w-]+/.exec(shown)?.[0] ?? '';
    const receipt = await world.call(null, 'GET', address);
    const claims = JSON.parse(Buffer.from(receipt.text.split('.')[1] ?? '', 'base64url').toString());
    expect(claims).toMatchObject({ by: { kind: 'cli', name: me }, reason: 'Zaak-7', digest: before.digest, users: 3 });
    const page = await fetch(world.url + address, { headers: { accept: 'text/html' } });
    expect(await page.text()).toContain(`an operator, at the command line (<bdi>${me}</bdi>)`);
    const operation = await world.call('admin', 'GET', `/api/operation/${claims.operation}`);
    expect(operation.body).toMatchObject({ state: 'done', by: { kind: 'cli', name: me } });
  });

  it('bound to a digest says as JSON what it did, on stdout alone', async () => {
    const { digest } = await dataOf('preview', '124');
    const { code, printed } = await person('anonymize', '124', '--if-match', `"${digest}"`, '--json');
    expect(code).toBe(0);
    expect(JSON.parse(printed)).toMatchObject({
      ...{ digest, operation: expect.any(String), receipt: expect.stringMatching(/^\/receipts\//) },
      outcome: { removal: 'removed' },
    });
    const again = await person('anonymize', '124', '--yes');
    expect([again.code, again.output]).toEqual([0, expect.stringContaining('Nothing is left to anonymize.')]);
  });

  it('ends with 4 where the OAuth server does not answer, and the outbox goes on: retry ends with 0', async () => {
    await world.oauth.proxy.behave('refuse');
    const { code, output } = await person('anonymize', '114', '--yes', '--no-wait');
    expect([code, output]).toEqual([4, expect.stringContaining('has not answered yet')]);
    const waited = await person('anonymize', '129', '--yes', '--wait', '1');
    expect([waited.code, await isAnonymized(129)]).toEqual([4, true]);
    const again = await person('anonymize', '114', '--yes', '--wait', '1');
    expect([again.code, again.output]).toEqual([
      4,
      expect.stringMatching(/\nNothing is left to anonymize\.\nThe OAuth server has not answered yet\./),
    ]);
    const asJson = await person('anonymize', '114', '--yes', '--no-wait', '--json');
    expect([asJson.code, JSON.parse(asJson.printed)]).toEqual([
      4,
      expect.objectContaining({ users: 0, operation: null, outcome: expect.objectContaining({ removal: 'pending' }) }),
    ]);
    const silent = { env: { ...world.env, LOG_LEVEL: 'silent' } };
    expect((await runCommand('outbox retry', silent)).code).toBe(4);
    await world.oauth.proxy.behave('pass');
    await until('that nothing waits', async () => (await commands.run('outbox retry', silent)).code === 0);
    const settled = await person('anonymize', '114', '--yes', '--no-wait');
    expect([settled.code, settled.output]).toEqual([0, expect.stringMatching(/\nNothing is left to anonymize\.\n$/)]);
  });

  it('whose reader goes away does it all the same, and ends with 1 and a line that says so', async () => {
    const { code, said } = await withoutReader(['person', 'anonymize', '105', '--yes'], world.env);
    expect([code, said]).toEqual([1, expect.stringMatching(/Anonymized: \d rows?\.\n[^\n]*nobody reads stdout/)]);
    expect(await isAnonymized(105)).toBe(true);
  });

  it('that is stopped while it asks has done nothing, and says so', async () => {
    const terminal = atTerminal(['person', 'anonymize', '110'], world.env);
    await terminal.sees('[y/N]');
    terminal.type(ctrlC);
    expect(await terminal.ended).toBe(130);
    expect(terminal.shown()).toContain('Stopped. Nothing was changed.');
    expect(await isAnonymized(110)).toBe(false);
  });

  it('that is stopped while it does it finishes it, and says what it did', async () => {
    await world.oauth.proxy.behave('hang');
    const terminal = atTerminal(['person', 'anonymize', '120', '--yes'], world.env);
    await until('that it is done here', () => isAnonymized(120));
    terminal.type(ctrlC);
    await terminal.sees('what has begun is finished first');
    expect([await terminal.ended, terminal.shown()]).toEqual([4, expect.stringMatching(/Anonymized: \d row/)]);
    expect(terminal.shown()).toMatch(/\/receipts\/[\w-]+/);
  });

  it('that is stopped while it waits for the OAuth server says what it did, with the receipt', async () => {
    await world.oauth.proxy.behave('refuse');
    const terminal = atTerminal(['person', 'anonymize', '110', '--yes', '--wait', '600'], world.env);
    await terminal.sees('waiting for the OAuth server');
    terminal.type(ctrlC);
    expect([await terminal.ended, terminal.shown()]).toEqual([4, expect.stringMatching(/\/receipts\/[\w-]+/)]);
    expect(terminal.shown()).toMatch(/Anonymized: \d row/);
    expect(await isAnonymized(110)).toBe(true);
  });
});

describe('person export', () => {
  it('writes one JSON document to stdout, as the API does, or into a file that nobody else may read', async () => {
    const api = await world.call('admin', 'GET', '/api/site/1/user/106/export');
    const { code, printed } = await person('export', '1/106');
    expect([code, JSON.parse(printed)]).toEqual([0, api.body]);
    const file = join(folder, 'export.json');
    expect(await person('export', '106', '--output', file)).toMatchObject({ code: 0, printed: '' });
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(api.body);
    expect((statSync(file).mode & 0o777).toString(8)).toBe('600');
    const again = await person('export', '106', '--output', file);
    expect([again.code, again.output]).toEqual([1, expect.stringContaining('there is such a file already')]);
    const nowhere = join(folder, 'nowhere', 'export.json');
    expect(await person('export', '106', '--output', nowhere)).toMatchObject({
      code: 1,
      output: expect.stringContaining('no such folder'),
    });
    expect(existsSync(`${file}.part`)).toBe(false);
    const other = join(folder, 'other.json');
    writeFileSync(`${other}.part`, 'of another');
    const beside = await person('export', '106', '--output', other);
    expect([beside.code, beside.output]).toEqual([
      1,
      expect.stringContaining(`${other}.part cannot be written: there is such a file already`),
    ]);
    expect([existsSync(other), readFileSync(`${other}.part`, 'utf8')]).toEqual([false, 'of another']);
    const audit = await world.call('admin', 'GET', '/api/audit?call=export&actorKind=cli');
    expect(audit.body.records).toContainEqual(
      expect.objectContaining({ userId: 106, actor: { kind: 'cli', name: me } }),
    );
  });

  it('as a page is what browsers get, in Dutch or English, on stdout or in a file', async () => {
    const page = await fetch(`${world.url}/api/site/1/user/106/export`, {
      headers: { 'x-authorization': 'fixed-admin', accept: 'text/html', 'accept-language': 'nl' },
    });
    // What would steer a terminal is written as a browser reads it, too.
    const shown = (await page.text()).replaceAll('\u001b', '&#x1b;').replaceAll('\u202e', '&#x202e;');
    const { code, printed } = await person('export', '1/106', '--html', 'nl');
    expect([code, printed.trimEnd()]).toEqual([0, shown.trimEnd()]);
    const file = join(folder, 'export.html');
    expect(await person('export', '106', '--html', 'en', '--output', file)).toMatchObject({ code: 0, printed: '' });
    expect(readFileSync(file, 'utf8')).toContain('<html lang="en">');
    for (const words of [
      ['--html', 'de'],
      ['--html', 'nl', '--json'],
    ]) {
      const refused = await person('export', '106', ...words);
      expect([words, refused.code, refused.printed, refused.output.trim().split('\n').length]).toEqual([
        words,
        2,
        '',
        1,
      ]);
    }
  });
});
