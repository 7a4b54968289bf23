import { aNewRow } from '../support/builders.ts';
import { raw } from '../../src/db/sql.ts';
import { startRecordedWorld, type RecordedWorld } from '../support/recorded-world.ts';

/**
 * Somebody who writes the database, and has no key: they would have people anonymized in an admin's name, by a list that this admin
 * planned for others. See database-writer.test.ts for whole sites.
 */
const base = '/api/anonymization-run';
let world: RecordedWorld;
let adminId: number;
let members: readonly number[];
beforeAll(async () => {
  world = await startRecordedWorld({}, { outboxSeconds: 3600 });
  adminId = await enrol('admin');
  members = [await enrol('member'), await enrol('member'), await enrol('member'), await enrol('member')];
});
afterAll(() => world.close());

const enrol = (role: 'admin' | 'member'): Promise<number> =>
  world.container.ports.inOneTransaction(() => world.container.ports.users.insert(aNewRow({ siteId: 1, role })));
const change = (text: string) => world.container.database.change(raw(text));
const work = () => world.container.jobs.find(({ name }) => name === 'work-on-runs')!.run(() => false);
const anonymized = async (): Promise<readonly number[]> =>
  (await world.container.database.select(raw('SELECT id FROM users WHERE anonymizedAt IS NOT NULL ORDER BY id'))).map(
    ({ id }) => Number(id),
  );
interface Run {
  readonly id: number;
  readonly address: string;
  readonly tag: string;
}
const planned = async (users: readonly number[]): Promise<Run> => {
  const { status, headers, text } = await world.call(adminId, 'POST', base, { users });
  if (status !== 201) throw new Error(text);
  const address = headers.get('location') ?? '';
  const run = await world.container.ports.runs.named(address.split('/').at(-1) ?? '');
  return { id: run?.id ?? 0, address, tag: headers.get('etag') ?? '' };
};
const start = ({ address, tag }: Run) =>
  world.call(adminId, 'POST', `${address}/start`, undefined, { 'if-match': tag });
const started = async (users: readonly number[]): Promise<Run> => {
  const run = await planned(users);
  expect((await start(run)).status).toBe(202);
  return run;
};
const look = ({ address }: Run) => world.call(adminId, 'GET', address);
const [runs, people] = ['civitas_anonymization_runs', 'civitas_anonymization_run_people'] as const;
afterEach(async () => {
  await change(`DELETE FROM ${runs}`);
  await change(`DELETE FROM ${people}`);
});

describe('a list of people', () => {
  it.each([
    [
      'who was put in',
      (id: number, other: number) =>
        `INSERT INTO ${people} (runId, userId, outcome, attempts, \`at\`, place, siteId, digest, mac) SELECT runId, ${other}, outcome, attempts, \`at\`, 0, siteId, digest, mac FROM ${people} WHERE runId = ${id} AND place = 1`,
    ],
    [
      'whose entry names somebody else',
      (id: number, other: number) => `UPDATE ${people} SET userId = ${other} WHERE runId = ${id} AND place = 1`,
    ],
    [
      'whose entry names another site',
      (id: number) => `UPDATE ${people} SET siteId = 2 WHERE runId = ${id} AND place = 1`,
    ],
    ['whose plan is another', (id: number) => `UPDATE ${people} SET digest = 'x' WHERE runId = ${id} AND place = 1`],
    ['without a MAC', (id: number) => `UPDATE ${people} SET mac = NULL WHERE runId = ${id} AND place = 1`],
    [
      'who is to be tried again',
      (id: number, other: number) =>
        `UPDATE ${people} SET userId = ${other}, outcome = 'failed', dueAt = \`at\` WHERE runId = ${id} AND place = 1`,
    ],
  ] as const)('anonymizes nobody %s, and goes on no more', async (_who, statement) => {
    const before = await anonymized();
    const run = await started(members.slice(0, 1));
    await change(statement(run.id, members[1]!));

    await work();
    await work();

    expect(await anonymized()).toEqual(before);
    expect((await look(run)).body).toMatchObject({ state: 'paused', reason: 'not-written-by-us' });
    expect(world.log()).toMatch(/"level":"error"[^\n]*the anonymization of a list of people was not asked for here/);
    const resumed = await world.call(adminId, 'POST', `${run.address}/resume`);
    expect([resumed.status, resumed.body.rule]).toEqual([409, 'not-written-by-us']);
  });

  it.each([
    ...[
      "state = 'going'",
      'siteIds = \'"all"\'',
      "extent = 'all-sites'",
      'forSiteId = NULL',
      'actorId = 2, everywhere = 1',
      'atConsole = 1',
      'planner = \'{"actorId":2,"everywhere":true,"operator":null}\'',
      "forgivenAt = '2030-01-01 00:00:00'",
    ],
    ...[
      "operator = 'cli:root'",
      "statedReason = 'Zaak-1'",
      "plan = '{}'",
      'planned = 9',
      "publicId = 'AAAAAAAAAAAAAAAAAAAAAA'",
    ],
  ])('of which somebody wrote %s is not ours', async (assignment) => {
    const before = await anonymized();
    const run = await planned(members.slice(0, 1));
    await change(`UPDATE ${runs} SET ${assignment} WHERE id = ${run.id}`);
    await change(`UPDATE ${runs} SET state = 'going' WHERE id = ${run.id}`);

    await work();

    expect(await anonymized()).toEqual(before);
    const [row] = await world.container.database.select(raw(`SELECT state, reason FROM ${runs} WHERE id = ${run.id}`));
    expect(row).toEqual({ state: 'paused', reason: 'not-written-by-us' });
  });

  it('is not started with others on it than were planned', async () => {
    const run = await planned(members.slice(0, 2));
    await change(`UPDATE ${people} SET userId = ${members[2]} WHERE runId = ${run.id} AND place = 2`);
    const { status, body } = await start(run);
    expect([status, body.type]).toEqual([412, '/problems/plan-changed']);
  });

  it('gives no entry to another list', async () => {
    const before = await anonymized();
    const theirs = await planned([members[2]!]);
    const run = await started([members[0]!]);
    await change(`UPDATE ${people} SET place = 0 WHERE runId = ${theirs.id}`);
    await change(`UPDATE ${people} SET runId = ${run.id} WHERE runId = ${theirs.id}`);
    await work();
    expect(await anonymized()).toEqual(before);
    expect((await look(run)).body.reason).toBe('not-written-by-us');
  });

  it('does not take whom it left out for somebody to be visited', async () => {
    const before = await anonymized();
    const run = await started([members[0]!, 2]);
    await change(`UPDATE ${people} SET outcome = 'planned', reason = NULL WHERE runId = ${run.id}`);
    await change(`DELETE FROM ${people} WHERE runId = ${run.id} AND userId = ${members[0]}`);
    await work();
    expect(await anonymized()).toEqual(before);
  });

  it('says so where people were taken out of it', async () => {
    const run = await started(members.slice(0, 2));
    await change(`DELETE FROM ${people} WHERE runId = ${run.id} AND place = 2`);
    await work();
    expect((await look(run)).body).toMatchObject({ state: 'done', reason: 'people-are-missing' });
    expect(world.log()).toMatch(/"level":"error"[^\n]*people are missing from the list of a run/);
    expect(await anonymized()).toContain(members[0]);
  });
});
