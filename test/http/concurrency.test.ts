import request from 'supertest';
import { visitor } from '../../src/domain/actor.ts';
import { sessionSigner } from '../../src/http/auth/authenticate.ts';
import { concurrencyLimit, type TakeTurns } from '../../src/http/rate-limits/concurrency.ts';
import { nextTurn } from '../../src/platform/clock.ts';
import { askerNow, lineFor, type Asker } from '../../src/platform/turns.ts';
import { aSession } from '../support/builders.ts';
import { until } from '../support/until.ts';
import type { ManagementUseCases } from '../../src/use-cases/index.ts';
import { emptyView, aSiteSummary, secret, testApp, type TestApp } from './support/app.ts';
import { managementUseCases } from './support/management.ts';

const becomes = (isSo: () => boolean): Promise<void> => until('a state of the works', isSo);

/** Works that end when they are told to, and who runs now. */
const stage = (takeTurns: TakeTurns) => {
  const running: { caller: string; end: () => void }[] = [];
  const ends = (caller: string, patient = false, site = '11'): Promise<string> =>
    takeTurns(
      { site, caller },
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
const settings = { places: 2, oneOfEach: true, maxWaiting: 3, timeoutMs: 60_000 };
const limited = (said = {}) => stage(concurrencyLimit({ ...settings, ...said }));
const [one, two] = ['one', 'two'].map((caller) => ({ site: '11', caller })) as [Asker, Asker];

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

  test('that waits however long it takes is bounded for each caller, and in the way of nobody else', async () => {
    const takeTurns = concurrencyLimit(settings);
    let end: () => void = () => undefined;
    const first = takeTurns(
      one,
      () =>
        new Promise<string>((resolve) => {
          end = () => {
            resolve('done');
          };
        }),
    );
    const patient = Array.from({ length: 600 }, () => takeTurns(one, async () => 'done', { patient: true }));
    const settled = Promise.allSettled(patient);
    expect(await takeTurns(two, async () => 'let in')).toBe('let in');
    end();
    expect(await first).toBe('done');
    const [lists, refused] = [(await settled).slice(0, 100), (await settled).slice(100)];
    expect(lists.every(({ status }) => status === 'fulfilled')).toBe(true);
    expect(refused).toHaveLength(500);
    for (const one of refused) expect(one).toMatchObject({ status: 'rejected', reason: { code: 'too-many-requests' } });
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

  test('goes round by site: many callers of one wait for one of another', async () => {
    const { ends, callers, end } = limited({ places: 1 });
    const works = Array.from({ length: 30 }, (_none, at) => ends(`account ${at}`));
    await becomes(() => callers().length === 1);
    works.push(ends('moderator', false, '12'));
    const order: string[] = [];
    while (order.length < works.length) {
      await becomes(() => callers().length === 1);
      const [caller = ''] = callers();
      order.push(caller);
      end(caller);
    }
    await Promise.all(works);
    // The one at work, and one more of the other site at most.
    expect(order.indexOf('moderator')).toBeLessThan(3);
  });

  test('fills a part of what may wait only, of one site', async () => {
    const { ends, callers, end } = limited({ places: 1 });
    const works = [ends('first')];
    await becomes(() => callers().length === 1);
    for (let at = 0; at < 250; at += 1) works.push(ends(`account ${at}`));
    await expect(ends('one more')).rejects.toMatchObject({ code: 'busy' });
    const theirs = ends('moderator', false, '12');
    end('first');
    await becomes(() => callers().length === 1 && !callers().includes('first'));
    end(callers()[0] ?? '');
    await becomes(() => callers().includes('moderator'));
    end('moderator');
    expect(await theirs).toBe('moderator');
    const all = { areDone: false };
    const done = Promise.all(works).then(() => (all.areDone = true));
    while (!all.areDone) {
      end(callers()[0] ?? '');
      await nextTurn();
    }
    await done;
  });

  test('runs once at a time for a caller at whatever sites', async () => {
    const { ends, callers, end } = limited();
    const works = [ends('one'), ends('one', false, '12'), ends('two', false, '13')];
    await becomes(() => callers().length === 2);
    expect(callers()).toEqual(['one', 'two']);
    for (const caller of ['two', 'one', 'one']) {
      await becomes(() => callers().includes(caller));
      end(caller);
    }
    expect(await Promise.all(works)).toEqual(['one', 'one', 'two']);
  });

  test('gives its place back where it fails', async () => {
    const takeTurns = concurrencyLimit({ ...settings, places: 1, maxWaiting: 1 });
    await expect(takeTurns(one, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    expect(await takeTurns(two, async () => 'done')).toBe('done');
  });
});

/** A list that is as costly as it is told to be, and how many of it ran at once. */
const costly = () => {
  const running = new Set<object>();
  const ends: (() => void)[] = [];
  let mostAtOnce = 0;
  const work = async (): Promise<void> => {
    const one = {};
    running.add(one);
    mostAtOnce = Math.max(mostAtOnce, running.size);
    await new Promise<void>((resolve) => ends.push(resolve));
    running.delete(one);
  };
  const endAll = async (count: number): Promise<void> => {
    for (let ended = 0; ended < count; ended += 1) {
      await until('a work runs', () => ends.length > 0);
      ends.shift()?.();
    }
  };
  return { work, endAll, running, mostAtOnce: () => mostAtOnce };
};

type Ask = (path: string, headers?: Record<string, string>) => Promise<number>;
const asking = async (app: TestApp['app'], work: (ask: Ask) => Promise<void>): Promise<void> => {
  const server = app.listen(0);
  try {
    await work((path, headers = {}) =>
      request(server)
        .get(path)
        .set(headers)
        .then(({ status }) => status),
    );
  } finally {
    server.close();
  }
};

test('costly lists of visitors at one address run one by one, and beside them those of somebody who is known', async () => {
  const { work, endAll, running, mostAtOnce } = costly();
  const { app } = testApp({
    listPage: async ({ inTurn }) => {
      await inTurn?.(work);
      return { users: [], totalCount: 0, cursor: null };
    },
  });
  await asking(app, async (ask) => {
    const path = '/api/site/1/user?page=0&q=jan';
    const visitors = [ask(path), ask(path), ask(path)];
    await until('one runs', () => running.size === 1);
    const known = ask(path, { 'X-Authorization': 'moderator-token' });
    await until('two run', () => running.size === 2);
    const answers = Promise.all([...visitors, known]);
    await endAll(4);
    expect(await answers).toEqual([200, 200, 200, 200]);
    expect(mostAtOnce()).toBe(2);
  });
});

test('costly lists of people run one by one for a back office, and for an address that shows its public key', async () => {
  const { work, endAll, running, mostAtOnce } = costly();
  const management: ManagementUseCases = {
    ...managementUseCases(() => () => Promise.reject(new Error('not asked'))),
    listPeople: async ({ inTurn }) => {
      await inTurn?.(work);
      return { people: [], total: 0 };
    },
  };
  const { app } = testApp({}, { management });
  await asking(app, async (ask) => {
    const token = { Authorization: 'Bearer token-admin' };
    const office = [ask('/api/v1/users', token), ask('/api/v1/users', token)];
    await until('one runs', () => running.size === 1);
    const byKey = [ask('/api/v1/users?api_key=civ_key'), ask('/api/v1/users?api_key=civ_key')];
    await until('two run', () => running.size === 2);
    const answers = Promise.all([...office, ...byKey]);
    await endAll(4);
    expect(await answers).toEqual([200, 200, 200, 200]);
    expect(mostAtOnce()).toBe(2);
  });
});

test('anonymizations that list much run one by one for their caller, and lists of the same do not wait for them', async () => {
  const { work, endAll, running, mostAtOnce } = costly();
  const { app } = testApp({
    previewAnonymization: async ({ whenMuch }) => {
      await whenMuch?.(work, 2_000_000);
      return { ...emptyView, summary: { digest: 'd1', users: 0, sites: [], oauth: null }, lists: null };
    },
    listPage: ({ inTurn = (list) => list() }) => inTurn(async () => ({ users: [], totalCount: 0, cursor: null })),
  });
  await asking(app, async (ask) => {
    const as = { 'X-Authorization': 'moderator-token' };
    const previews = [1, 2, 3].map(() => ask('/api/site/1/user/7/will-anonymize', as));
    await until('one runs', () => running.size === 1);
    expect(await ask('/api/site/1/user?page=0&q=jan', as)).toBe(200);
    const answers = Promise.all(previews);
    await endAll(3);
    expect(await answers).toEqual([200, 200, 200]);
    expect(mostAtOnce()).toBe(1);
  });
});

test('a visitor stands in the line of the site that they ask about', async () => {
  const lines: string[] = [];
  const { app } = testApp({
    listPage: async () => {
      lines.push(askerNow().site);
      return { users: [], totalCount: 0, cursor: null };
    },
  });
  await asking(app, async (ask) => {
    for (const name of ['1', '2', '3']) await ask(`/api/site/${name}/user?page=0`);
  });
  expect(lines).toEqual(['1', '2']);
});

test('whoever was verified stands in the line of their session, before the OAuth server is asked about them', async () => {
  const lines: string[] = [];
  const { app } = testApp({
    actorOf: async ({ userId }, whenKnown) => {
      whenKnown?.({ ...visitor, userId, reach: { kind: 'one-site', siteId: 2 } });
      // As the OAuth server is asked about them now.
      lines.push(askerNow().site);
      return null;
    },
  });
  const now = Date.now();
  const session = aSession({ userId: 7, createdAt: new Date(now), expiresAt: new Date(now + 3_600_000) });
  const signed = await sessionSigner(secret)(session);
  await asking(app, async (ask) => {
    await ask('/api/site/1/user', { 'X-Authorization': `Bearer ${signed}` });
  });
  expect(lines).toEqual(['2']);
});

test('whoever logs in at several sites is one caller there, and by themselves where they are staff', async () => {
  const asked: string[] = [];
  const { app } = testApp({
    actorOf: async ({ userId }, whenKnown) => {
      const role = userId === 3 ? 'moderator' : 'member';
      const at = {
        roleBySite: new Map([[userId, role]] as const),
        reach: { kind: 'one-site', siteId: userId },
      } as const;
      whenKnown?.({ ...visitor, userId, personId: 5, ...at });
      const { caller } = askerNow();
      asked.push(`${caller} ${lineFor(askerNow())}`);
      return null;
    },
  });
  const now = Date.now();
  await asking(app, async (ask) => {
    for (const userId of [1, 2, 3]) {
      const session = aSession({ userId, createdAt: new Date(now), expiresAt: new Date(now + 3_600_000) });
      const signed = await sessionSigner(secret)(session);
      await ask('/api/site/1/user', { 'X-Authorization': `Bearer ${signed}` });
    }
  });
  expect(asked).toEqual(['person 5 of 1', 'person 5 of 2', 'user 3 staff 3']);
});

test('a fixed token serves the site that it asks about, and stands in a line there', async () => {
  const lines: string[] = [];
  const { app } = testApp({
    listPage: async () => {
      lines.push(lineFor(askerNow()));
      return { users: [], totalCount: 0, cursor: null };
    },
  });
  await asking(app, async (ask) => {
    for (const name of ['1', '2']) await ask(`/api/site/${name}/user?page=0`, { 'X-Authorization': 'admin-token' });
  });
  expect(lines).toEqual(['for 1', 'for 2']);
});

test('no site is looked up for who was not let in', async () => {
  const asked: (number | string)[] = [];
  const look = async (name: number | string): Promise<null> => {
    asked.push(name);
    return null;
  };
  const { app } = testApp({}, { sites: { byId: look, byDomain: look, all: async () => [] } });
  await asking(app, async (ask) => {
    for (const name of ['1', '77777', 'nobody.example.org'])
      expect(await ask(`/api/site/${name}/user`, { 'X-Authorization': 'no-token' })).toBe(401);
    expect(await ask('/api/site/77777/user')).toBe(404);
  });
  expect(asked).toEqual([77777]);
});

test('plans of one site are made one at a time, few may wait for them, and lists do not', async () => {
  let [running, mostAtOnce] = [0, 0];
  const ends: (() => void)[] = [];
  const { app } = testApp({
    previewSite: async () => {
      running += 1;
      mostAtOnce = Math.max(mostAtOnce, running);
      await new Promise<void>((resolve) => ends.push(resolve));
      running -= 1;
      return aSiteSummary;
    },
    listPage: ({ inTurn = (work) => work() }) => inTurn(async () => ({ users: [], totalCount: 0, cursor: null })),
  });
  const server = app.listen(0);
  try {
    const as = { 'X-Authorization': 'admin-token' };
    const answers: { readonly status: number; readonly headers: Record<string, string> }[] = [];
    const asked = Array.from({ length: 12 }, () =>
      request(server)
        .put('/api/site/1/will-anonymize-all-users')
        .set(as)
        .then(({ status, headers }) => answers.push({ status, headers: headers })),
    );
    await becomes(() => answers.length === 6);
    for (const { status, headers } of answers) expect([status, headers['retry-after']]).toEqual([429, '1']);
    // The same admin, while a plan is made.
    expect((await request(server).get('/api/site/1/user?page=0&q=jan').set(as)).status).toBe(200);
    for (let ended = 0; ended < 6; ended += 1) {
      await becomes(() => ends.length > 0);
      ends.shift()?.();
    }
    await Promise.all(asked);
    expect(answers.slice(6).map(({ status }) => status)).toEqual(Array<number>(6).fill(200));
    expect(mostAtOnce).toBe(1);
  } finally {
    server.close();
  }
});
