import { startProgram, type Program } from '../support/program.ts';
import { startRecordedWorld, type Call, type RecordedWorld } from '../support/recorded-world.ts';

let world: RecordedWorld;
let programs: readonly Program[];
beforeAll(async () => {
  world = await startRecordedWorld();
  programs = await Promise.all([startProgram({ env: world.env }), startProgram({ env: world.env })]);
});
afterAll(async () => {
  await Promise.all(programs.map((program) => program.stop()));
  await world.close();
});

const instances = {
  'in one process': () => [world.call],
  'in two processes on one database': () => programs.map(({ url }) => world.at(url)),
} as const;
const spread = <T>(calls: readonly Call[], count: number, ask: (call: Call, index: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_none, index) => ask(calls[index % calls.length]!, index)));
const there = (externalId: number) => world.oauth.server.people().find(({ id }) => id === externalId);

describe.each([
  ['in one process', { id: 101, externalId: 1001, email: 'een@example.org' }],
  ['in two processes on one database', { id: 130, externalId: 1014, email: 'twee@example.org' }],
] as const)('at the same moment %s', (where, { id, externalId, email }) => {
  it('twenty PUTs of twenty keys keep twenty, here and at the OAuth server', async () => {
    const keys = Array.from({ length: 20 }, (_none, index) => `sleutel${index}`);
    const kept = Object.fromEntries(keys.map((key, index) => [key, index]));

    const answers = await spread(instances[where](), 20, (call, index) =>
      call('admin', 'PUT', `/api/site/1/user/${id}`, { extraData: { [keys[index]!]: index } }),
    );

    expect(answers.map(({ status }) => status)).toEqual(keys.map(() => 200));
    expect((await world.call('admin', 'GET', `/api/site/1/user/${id}`)).body.extraData).toMatchObject(kept);
    expect(there(externalId)?.extraData).toMatchObject(kept);
    expect(there(externalId)?.extraData).toHaveProperty('bio');
  });

  it('ten POSTs of one address make one row and one person', async () => {
    const answers = await spread(instances[where](), 10, (call, index) =>
      call('admin', 'POST', '/api/site/1/user', {
        email: index % 2 === 0 ? email : email.toUpperCase(),
        firstName: 'Nieuw',
      }),
    );

    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual([201, ...Array.from({ length: 9 }, () => 409)]);
    const listed = await world.call('admin', 'GET', `/api/site/1/user?page=0&filter={"email":"${email}"}`);
    expect(listed.body.metadata.totalCount).toBe(1);
    expect(world.oauth.server.people().filter((person) => person.email?.toLowerCase() === email)).toHaveLength(1);
    expect(await world.container.ports.outbox.waiting()).toEqual([]);
  });
});

describe('ten POSTs of one address at two sites at once', () => {
  it('make two rows and one person', async () => {
    const email = 'twee-sites@example.org';

    const answers = await spread(instances['in two processes on one database'](), 10, (call, index) =>
      call('admin', 'POST', `/api/site/${1 + (index % 2)}/user`, { email }),
    );

    const made = answers.filter(({ status }) => status === 201);
    expect(made.map((answer) => Number(answer.body.siteId)).sort()).toEqual([1, 2]);
    expect(world.oauth.server.people().filter((person) => person.email === email)).toHaveLength(1);
    expect(new Set(made.map((answer) => Number(answer.body.externalUserId))).size).toBe(1);
  });
});
