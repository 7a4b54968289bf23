import { connectionsToAll, isThere, oneConnection, processOf, type OneConnection } from '../support/one-connection.ts';
import { startProgram, type Program } from '../support/program.ts';
import { startRecordedWorld, type RecordedWorld } from '../support/recorded-world.ts';
import { until } from '../support/until.ts';

/** "Worker processes on one port behave as one: what one changes or counts counts for all, and one that dies is replaced." */
const workers = 3;
let world: RecordedWorld;
let program: Program;
let connections: readonly OneConnection[] = [];
beforeAll(async () => {
  // This process only makes the world; its own jobs stay out of what the workers measure.
  world = await startRecordedWorld({}, { outboxSeconds: 3600 });
  const env = { ...world.env, WEB_CONCURRENCY: String(workers), LIMIT_FAILURES: '9' };
  program = await startProgram({ env });
  connections = await connectionsToAll(program, workers, 1);
});
afterAll(async () => {
  for (const connection of connections) connection.close();
  await program.stop();
  await world.close();
});

const perWorker = (): readonly OneConnection[] =>
  Array.from({ length: workers }, (_none, index) => connections.find(({ worker }) => worker === index + 1)!);

/** Lines of several processes reach us in any order. */
const told = (line: RegExp): Promise<void> => until(`a line ${line.source}`, () => line.test(program.output()));

it('every worker answers, and each line of the log says which', async () => {
  expect(perWorker().map(({ worker }) => worker)).toEqual([1, 2, 3]);
  const requests = program
    .output()
    .split('\n')
    .filter((line) => line.includes('"msg":"request"'));
  expect(requests.length).toBeGreaterThan(2);
  expect(requests.filter((line) => !/"worker":[123],/.test(line))).toEqual([]);
});

it('a site that one changes is seen by all others at their next request, a hundred times of a hundred', async () => {
  const all = perWorker();
  let late = 0;
  for (let turn = 0; turn < 100; turn += 1) {
    const [writer, ...readers] = [...all.slice(turn % workers), ...all.slice(0, turn % workers)];
    // Kept there before the change: else there is nothing to forget.
    await Promise.all(readers.map((reader) => reader.ask('GET', '/api/site/1')));
    const title = `Titel ${turn}`;
    const { status } = await writer!.ask('PUT', '/api/site/1', { token: 'fixed-admin', body: { title } });
    if (status !== 200) throw new Error(`turn ${turn}: ${status}`);
    const seen = await Promise.all(readers.map((reader) => reader.ask('GET', '/api/site/1')));
    late += seen.filter(({ text }) => (JSON.parse(text) as { title: string }).title !== title).length;
  }
  expect(late).toBe(0);
});

it('failures are counted over all, exactly', async () => {
  // Windows are minutes of the clock: not across the end of one.
  await until('the middle of a minute', () => Date.now() % 60_000 < 50_000);
  const all = perWorker();
  const answers: number[] = [];
  for (let turn = 0; turn < 12; turn += 1) {
    const { status } = await all[turn % workers]!.ask('GET', '/api/site/1/user/114', { token: 'not-a-token' });
    answers.push(status);
  }
  expect(answers).toEqual([...Array<number>(9).fill(401), 429, 429, 429]);
});

/** The value of one line of /metrics. */
const valueOf = (text: string, name: string): number =>
  Number(
    text
      .split('\n')
      .find((line) => line.startsWith(`${name} `))
      ?.slice(name.length + 1),
  );
const views = 'http_request_duration_seconds_count{route="/api/site/{siteId}/user/{userId}",method="GET",status="200"}';
const view = (one: OneConnection) => one.ask('GET', '/api/site/1/user/114', { token: 'fixed-admin' });
const metricsOf = async (one: OneConnection): Promise<string> => (await one.ask('GET', '/metrics')).text;

it('whichever is asked for metrics answers for all, and adds up no state of the database', async () => {
  const { ports } = world.container;
  const later = new Date(Date.now() + 3_600_000);
  await ports.inOneTransaction(() =>
    ports.outbox.add({ topic: 'person.refresh', key: 'later', payload: { personId: 1 } }, later),
  );
  const all = perWorker();
  for (const one of all) for (let turn = 0; turn < 4; turn += 1) expect((await view(one)).status).toBe(200);

  for (const text of await Promise.all(all.map(metricsOf))) {
    expect(valueOf(text, views)).toBe(4 * workers);
    expect(valueOf(text, 'outbox_waiting')).toBe(1);
    expect(text).toMatch(/^nodejs_version_info\{.*\} 1$/m);
  }
});

it('one that is killed is replaced, the others answer meanwhile, and nothing that was counted is lost', async () => {
  const [first, second, third] = perWorker();
  const before = valueOf(await metricsOf(second!), views);
  const killed = processOf(program, 1)!;
  process.kill(killed, 'SIGKILL');

  let answers = 0;
  await until('another worker 1', async () => {
    expect((await view(second!)).status).toBe(200);
    expect((await view(third!)).status).toBe(200);
    answers += 2;
    return processOf(program, 1) !== undefined && processOf(program, 1) !== killed;
  });
  await told(/"level":"error"[^\n]*"worker":1[^\n]*"signal":"SIGKILL"[^\n]*another takes its place/);
  first!.close();
  const [anew] = await connectionsToAll(program, 1, 1);
  expect((await view(anew!)).status).toBe(200);
  expect(valueOf(await metricsOf(anew!), views)).toBe(before + answers + 1);
  anew!.close();

  const { ports } = world.container;
  await ports.inOneTransaction(() =>
    ports.outbox.add({ topic: 'person.refresh', key: 'now', payload: { personId: 1 } }),
  );
  await until('that its replacement goes on with the jobs', async () =>
    (await ports.outbox.waiting()).every(({ key }) => key !== 'now'),
  );
});

it('one that is told to end finishes its request, ends with 0, and is replaced', async () => {
  const [, second] = perWorker();
  const ending = processOf(program, 2)!;
  process.kill(ending, 'SIGTERM');
  await until('another worker 2', () => processOf(program, 2) !== undefined && processOf(program, 2) !== ending);
  expect(isThere(ending)).toBe(false);
  await told(/"level":"warn"[^\n]*"worker":2[^\n]*"code":0[^\n]*another takes its place/);
  second!.close();
  await (await oneConnection(program)).ask('GET', '/health/ready');
});
