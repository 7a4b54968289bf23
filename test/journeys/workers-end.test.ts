import { createServer } from 'node:net';
import { once } from 'node:events';
import { isThere, processOf } from '../support/one-connection.ts';
import { startProgram, type Program } from '../support/program.ts';
import { startRecordedWorld, type RecordedWorld } from '../support/recorded-world.ts';
import { freePort } from '../support/redis.ts';
import { slowRequest } from '../support/slow-request.ts';
import { until } from '../support/until.ts';

/** How several workers end: by signals to one, to some or to all, and when one of them is gone. */
let world: RecordedWorld;
const programs: Program[] = [];
beforeAll(async () => {
  world = await startRecordedWorld({}, { outboxSeconds: 3600 });
});
afterEach(async () => {
  await Promise.all(programs.splice(0).map((program) => program.stop()));
});
afterAll(async () => {
  await world.close();
});
const started = async (
  more: Readonly<Record<string, string>> = {},
): Promise<{ program: Program; pids: readonly number[] }> => {
  const program = await startProgram({ env: { ...world.env, WEB_CONCURRENCY: '2', ...more } });
  programs.push(program);
  return { program, pids: [1, 2].map((worker) => processOf(program, worker)!) };
};
/** Anonymizing somebody, whose body has been sent by half. */
const running = (program: Program, userId: number) =>
  slowRequest(
    'PUT',
    `${program.url}/api/site/1/user/${userId}/do-anonymizeall`,
    { 'x-authorization': 'fixed-admin' },
    { onlySiteIds: [1] },
  );
const isOver = (pids: readonly number[]) => until('that all workers are gone', () => !pids.some(isThere));

it.each([
  [
    'the primary alone',
    114,
    (program: Program) => {
      program.signal('SIGTERM');
    },
  ],
  [
    'all at once, workers first',
    124,
    (program: Program, pids: readonly number[]) => {
      for (const pid of pids) process.kill(pid, 'SIGTERM');
      program.signal('SIGTERM');
    },
  ],
])(
  'SIGTERM to %s: the running request finishes, nobody is replaced, exit code 0',
  async (_whom, userId, tell) => {
    const { program, pids } = await started();
    const slow = await running(program, userId);

    tell(program, pids);
    await until('that it is stopping', () => program.output().includes('stopping'));
    await until('that nobody is let in', () =>
      // A connection that comes in this very moment may be answered by nobody.
      fetch(`${program.url}/health/live`, { signal: AbortSignal.timeout(1000) }).then(
        () => false,
        () => true,
      ),
    );
    const answer = await slow.finish();

    expect(answer).toMatchObject({ status: 200, body: { users: [{ id: userId }] } });
    expect(await program.ended).toBe(0);
    expect(pids.filter(isThere)).toEqual([]);
    expect(program.output()).not.toContain('takes its place');
  },
  60_000,
);

it('a worker that cannot end is killed, and the exit code is 1', async () => {
  const { program, pids } = await started();
  process.kill(pids[0]!, 'SIGSTOP');

  expect(await program.stop()).toBe(1);
  expect(pids.filter(isThere)).toEqual([]);
});

it('workers whose primary is killed finish their requests and end', async () => {
  const { program, pids } = await started();
  const slow = await running(program, 129);

  program.signal('SIGKILL');
  await until(
    'that the workers have seen it',
    () => (program.output().match(/the primary is gone/g) ?? []).length === 2,
  );
  const answer = await slow.finish();

  expect(answer).toMatchObject({ status: 200, body: { users: [{ id: 129 }] } });
  await isOver(pids);
  expect(await program.ended).toBe('SIGKILL');
});

it('workers that die again and again soon after their start end the whole with 1, in so many words', async () => {
  const { program } = await started();
  const killed = new Set<number>();
  const killing = setInterval(() => {
    for (const worker of [1, 2]) {
      const pid = processOf(program, worker);
      if (pid === undefined || killed.has(pid)) continue;
      killed.add(pid);
      process.kill(pid, 'SIGKILL');
    }
  }, 50);

  expect(await program.ended).toBe(1);
  clearInterval(killing);
  expect(program.output()).toMatch(/"level":"fatal"[^\n]*workers die again and again/);
  expect(killed.size).toBeGreaterThanOrEqual(7);
});

it('a port that is taken ends the start with 1', async () => {
  const taken = createServer().listen(await freePort(), '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as { readonly port: number };

  const env = { ...world.env, WEB_CONCURRENCY: '2', PORT: String(port) };
  await expect(startProgram({ env })).rejects.toThrow(/ended with 1: .*EADDRINUSE/s);
  taken.close();
});

it('a rejection that nobody handles ends its worker with 1, and it is replaced', async () => {
  // A bug that waits for a signal, in each process.
  const bug = `process.on('SIGUSR2',()=>void%20Promise.reject(Error('a%20bug')))`;
  const { program, pids } = await started({ NODE_OPTIONS: `--import=data:text/javascript,${bug}` });
  process.kill(pids[1]!, 'SIGUSR2');

  await until('another worker 2', () => processOf(program, 2) !== undefined && processOf(program, 2) !== pids[1]);
  expect(program.output()).toMatch(/"level":"fatal"[^\n]*"worker":2[^\n]*unhandled rejection/);
  expect(program.output()).toMatch(/"worker":2[^\n]*"code":1[^\n]*another takes its place/);
  expect(isThere(pids[0]!)).toBe(true);
});
