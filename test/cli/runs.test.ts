import { userInfo } from 'node:os';
import { raw } from '../../src/db/sql.ts';
import { openCommands, runCommand } from '../support/program.ts';
import { startRecordedWorld, type RecordedWorld } from '../support/recorded-world.ts';
import { until } from '../support/until.ts';
import { atTerminal, ctrlC } from './support/terminal.ts';

/** people.md §4: runs over a list of people at the command line; the API beside it carries none of them on by itself. */
let world: RecordedWorld;
beforeAll(async () => {
  world = await startRecordedWorld({}, { outboxSeconds: 3600 });
});
afterAll(async () => {
  await commands.close();
  await world.close();
});

const me = `cli:${userInfo().username}`;
const commands = openCommands();
const run = (...args: readonly string[]) => commands.run('run', { env: { ...world.env, LOG_LEVEL: 'warn' }, args });
// oxlint-disable-next-line @typescript-eslint/no-explicit-any
const dataOf = async (...args: readonly string[]): Promise<any> => {
  const { code, printed, output } = await run(...args, '--json');
  if (code !== 0) throw new Error(output);
  return JSON.parse(printed) as unknown;
};
const anonymized = async (...ids: readonly number[]): Promise<readonly boolean[]> => {
  const rows = await world.container.database.select(
    raw(`SELECT anonymizedAt FROM users WHERE id IN (${ids.join(', ')}) ORDER BY id`),
  );
  return rows.map((row) => (row['anonymizedAt'] ?? null) !== null);
};

describe('run', () => {
  it('plans, shows and lists what the API shows, and anonymizes nobody by that', async () => {
    const planned = await dataOf('plan', '--users', '111,114', '--everywhere', '--reason', 'Zaak-1');
    expect(planned).toMatchObject({
      state: 'planned',
      extent: 'all-sites',
      statedReason: 'Zaak-1',
      plan: { persons: 2 },
    });
    const api = await world.call('admin', 'GET', `/api/anonymization-run/${planned.id}`);
    expect(await dataOf('show', planned.id)).toEqual(api.body);
    const list = await world.call('admin', 'GET', '/api/anonymization-run');
    expect(await dataOf('list')).toEqual(list.body);
    const { printed } = await run('show', planned.id);
    expect(printed).toContain(`digest\t${planned.plan.digest}\n`);
    expect(await anonymized(111, 114)).toEqual([false, false]);
    const cancelled = await run('cancel', planned.id);
    expect([cancelled.code, cancelled.output]).toEqual([2, expect.stringContaining('--yes')]);
    expect(await dataOf('cancel', planned.id, '--yes')).toMatchObject({ state: 'cancelled' });
    expect((await run('show', planned.id)).code).toBe(1);
  });

  it.each([
    ['nobody', ['plan'], 2],
    ['two ways at once', ['plan', '--users', '111', '--site', '1'], 2],
    ['ids of nobody', ['plan', '--users', '999999'], 2],
    ['everybody', ['plan', '--site', '1', '--filter', '{}'], 2],
    ['what is no JSON', ['plan', '--site', '1', '--filter', 'role=member'], 2],
    ['a state that is none', ['list', '--state', 'over'], 2],
    ['a name that is none', ['start', '../x'], 2],
    ['a run that is not there', ['start', 'a'.repeat(22), '--yes'], 1],
  ])('says in one line what is wrong with %s', async (_what, words, expected) => {
    const { code, output, printed } = await run(...words);
    expect([code, printed, output.trim().split('\n').length, output]).toEqual([expected, '', 1, expect.any(String)]);
  });

  it('starts what somebody agreed to at a terminal, carries it on with a bar, and says what came of it', async () => {
    const { id } = await dataOf('plan', '--users', '111,124', '--everywhere', '--reason', 'Zaak-2');
    const refused = atTerminal(['run', 'start', id], world.env);
    await refused.sees('[y/N]');
    refused.type('n\n');
    expect(await refused.ended).toBe(3);
    const mistaken = await run('start', id, '--if-match', 'another-digest-than-that');
    expect([mistaken.code, await anonymized(111)]).toEqual([3, [false]]);

    const terminal = atTerminal(['run', 'start', id, '--wait'], world.env);
    await terminal.sees('[y/N]');
    terminal.type('y\n');
    expect([0, 4]).toContain(await terminal.ended);
    expect(terminal.shown()).toMatch(/anonymizing people \[/);
    expect(terminal.shown()).toMatch(/state +\S* +done/);
    expect(await anonymized(111, 124)).toEqual([true, true]);
    const people = await dataOf('show', id, '--outcome', 'anonymized');
    expect(people.people.records).toHaveLength(2);
    const operation = await world.call('admin', 'GET', `/api/operation/${people.people.records[0].operation}`);
    expect(operation.body).toMatchObject({ by: { kind: 'cli', name: me }, reason: 'Zaak-2' });
  });

  it('is paused and resumed, and goes on where a signal stopped who carried it on', async () => {
    const { id } = await dataOf('plan', '--users', '106,129,110,105', '--everywhere');
    const started = await run('start', id, '--yes');
    expect([started.code, started.output]).toEqual([
      0,
      expect.stringContaining('Any instance that runs carries it on'),
    ]);
    expect(await dataOf('pause', id)).toMatchObject({ state: 'paused', reason: 'asked' });
    const standing = await run('start', id, '--yes');
    expect([standing.code, standing.output]).toEqual([3, expect.stringContaining('paused')]);
    const unsaid = await run('resume', id);
    expect([unsaid.code, unsaid.printed, unsaid.output]).toEqual([2, '', expect.stringContaining('--yes')]);
    const refused = atTerminal(['run', 'resume', id], world.env);
    await refused.sees('[y/N]');
    refused.type('n\n');
    expect([await refused.ended, (await dataOf('show', id)).state]).toEqual([3, 'paused']);
    expect(await dataOf('resume', id, '--yes')).toMatchObject({ state: 'running' });
    await world.oauth.proxy.behave('hang');
    const terminal = atTerminal(['run', 'start', id, '--yes', '--wait'], world.env);
    await terminal.sees('anonymizing people');
    terminal.type(ctrlC);
    const code = await terminal.ended;
    const { state } = await dataOf('show', id);
    // It may have been quicker than the signal.
    expect([code, state]).toEqual(code === 130 ? [130, 'running'] : [expect.any(Number), 'done']);
    await world.oauth.proxy.behave('pass');
    await until('that it is done', async () => {
      await run('start', id, '--yes', '--wait');
      return (await dataOf('show', id)).state === 'done';
    });
  });

  it('stops at the first failure, says of whom and no SQL, and goes on when it is resumed', async () => {
    const { change } = world.container.database;
    await change(raw('CREATE TABLE refused (id INT NOT NULL)'));
    await change(
      raw(`CREATE TRIGGER refuses AFTER UPDATE ON users FOR EACH ROW BEGIN
           INSERT INTO refused SELECT CASE WHEN NEW.id = 130 AND NEW.anonymizedAt IS NOT NULL THEN NULL ELSE NEW.id END; END`),
    );
    const { id } = await dataOf('plan', '--users', '130,131');
    const unlogged = { env: { ...world.env, LOG_LEVEL: 'info' } };
    const stopped = await runCommand('run', { ...unlogged, args: ['start', id, '--yes', '--wait'] });
    expect([stopped.code, stopped.printed]).toEqual([1, expect.stringContaining('paused (canary-failed)')]);
    expect(stopped.output).not.toMatch(/UPDATE|INSERT|\{"level"/);
    expect((await dataOf('show', id, '--outcome', 'failed')).people.records).toMatchObject([{ userId: 130 }]);
    expect(await anonymized(130, 131)).toEqual([false, false]);

    await change(raw('DROP TRIGGER refuses'));
    const resumed = await runCommand('run', { ...unlogged, args: ['resume', id, '--yes', '--wait'] });
    expect([0, 4]).toContain(resumed.code);
    expect(resumed.printed).toMatch(/state\tdone/);
    expect(await anonymized(130, 131)).toEqual([true, true]);
    await change(raw('DROP TABLE refused'));
  });
});
