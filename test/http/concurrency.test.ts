import request from 'supertest';
import { concurrencyLimit, type TakeTurns } from '../../src/http/rate-limits/concurrency.ts';
import { until } from '../support/until.ts';
import { testApp } from './support/app.ts';

const becomes = (isSo: () => boolean): Promise<void> => until('a state of the works', isSo);

/** Works that end when they are told to, and who runs now. */
const stage = (takeTurns: TakeTurns) => {
  const running: { caller: string; end: () => void }[] = [];
  const ends = (caller: string, patient = false): Promise<string> =>
    takeTurns(
      caller,
      () =>
        new Promise<string>((resolve) => {
          const work = {
            caller,
            end: () => {
              running.splice(running.indexOf(work), 1);
              resolve(caller);
            },
          };
          running.push(work);
        }),
      { patient },
    );
  const callers = (): readonly string[] => running.map(({ caller }) => caller).sort();
  return { ends, callers, end: (caller: string) => running.find((work) => work.caller === caller)?.end() };
};
const limited = (said = {}) => stage(concurrencyLimit({ places: 2, maxWaiting: 3, timeoutMs: 60_000, ...said }));

describe('work that may cost much', () => {
  test('runs once at a time for a caller, and leaves a place to others', async () => {
    const { ends, callers, end } = limited();
    const works = [ends('one'), ends('one'), ends('one'), ends('two')];
    await becomes(() => callers().length === 2);
    expect(callers()).toEqual(['one', 'two']);
    for (const caller of ['two', 'one', 'one', 'one']) {
      await becomes(() => callers().includes(caller));
      end(caller);
    }
    expect(await Promise.all(works)).toEqual(['one', 'one', 'one', 'two']);
  });

  test('goes to each caller in turn, whoever has more waiting', async () => {
    const { ends, callers, end } = limited({ places: 1 });
    const works = [ends('one'), ends('one'), ends('one'), ends('two')];
    await becomes(() => callers().length === 1);
    end('one');
    // The first of `one` waits already; then it is the turn of `two`, before the next of `one`.
    const order: string[] = [];
    for (let at = 0; at < 3; at += 1) {
      await becomes(() => callers().length === 1);
      const [caller = ''] = callers();
      order.push(caller);
      end(caller);
    }
    await Promise.all(works);
    expect(order.indexOf('two')).toBeLessThan(2);
  });

  test('is refused where its caller has enough waiting, and others are not', async () => {
    const { ends, callers, end } = limited();
    const works = Array.from({ length: 4 }, () => ends('one'));
    await becomes(() => callers().length === 1);
    await expect(ends('one')).rejects.toMatchObject({ code: 'too-many-requests', facts: { retryAfterSeconds: 1 } });
    const patient = ends('one', true);
    const other = ends('two');
    await becomes(() => callers().includes('two'));
    end('two');
    expect(await other).toBe('two');
    for (const work of [...works, patient]) {
      await becomes(() => callers().includes('one'));
      end('one');
      await work;
    }
  });

  test('that waits too long is told whose work is in the way', async () => {
    const { ends, callers, end } = limited({ places: 1, timeoutMs: 20 });
    const work = ends('one');
    await becomes(() => callers().length === 1);
    await expect(ends('two')).rejects.toMatchObject({ code: 'busy', facts: { retryAfterSeconds: 2 } });
    await expect(ends('one')).rejects.toMatchObject({ code: 'too-many-requests' });
    end('one');
    await work;
    // Who gave up left no place taken.
    const next = ends('two');
    await becomes(() => callers().includes('two'));
    end('two');
    expect(await next).toBe('two');
  });

  test('gives its place back where it fails', async () => {
    const takeTurns = concurrencyLimit({ places: 1, maxWaiting: 1, timeoutMs: 60_000 });
    await expect(takeTurns('one', () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    expect(await takeTurns('two', async () => 'done')).toBe('done');
  });
});

test('costly lists of visitors at one address run one by one, and beside them those of somebody who is known', async () => {
  let mostAtOnce = 0;
  const running = new Set<object>();
  const ends: (() => void)[] = [];
  const { app } = testApp({
    listPage: async ({ inTurn }) => {
      await inTurn?.(async () => {
        const work = {};
        running.add(work);
        mostAtOnce = Math.max(mostAtOnce, running.size);
        await new Promise<void>((resolve) => ends.push(resolve));
        running.delete(work);
      });
      return { users: [], totalCount: 0, cursor: null };
    },
  });
  const server = app.listen(0);
  try {
    const ask = (headers = {}) =>
      request(server)
        .get('/api/site/1/user?page=0&q=jan')
        .set(headers)
        .then((answer) => answer);
    const visitors = [ask(), ask(), ask()];
    await becomes(() => running.size === 1);
    const known = ask({ 'X-Authorization': 'moderator-token' });
    await becomes(() => running.size === 2);
    const answers = Promise.all([...visitors, known]);
    for (let ended = 0; ended < 4; ended += 1) {
      await becomes(() => ends.length > 0);
      ends.shift()?.();
    }
    expect((await answers).map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(mostAtOnce).toBe(2);
  } finally {
    server.close();
  }
});
