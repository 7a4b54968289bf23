import { createHmac } from 'node:crypto';
import type { Express } from 'express';
import request from 'supertest';
import { visitor, type Actor } from '../../src/domain/actor.ts';
import { Fault } from '../../src/domain/fault.ts';
import type { AppParts } from '../../src/http/app.ts';
import type { ActorQuestion } from '../../src/use-cases/commands.ts';
import { managementUseCases } from './support/management.ts';
import { adminToken, noLimits, oneWindow, secret, testApp } from './support/app.ts';

const one = '/api/site/1/user/7';
const limitedTo = (limits: Partial<AppParts['limits']>, parts: Partial<AppParts> = {}, own = {}) =>
  testApp(
    { actorOf: async ({ userId }) => ({ ...visitor, userId }), ...own },
    { limits: { ...noLimits, ...oneWindow, ...limits }, ...parts },
  );

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const session = (userId: number): string => {
  const exp = Math.floor(Date.now() / 1000) + 3600;
  const text = `${part({ alg: 'HS256' })}.${part({ userId, client: 'default', jti: 'j', exp })}`;
  return `Bearer ${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
};
const statuses = async (times: number, ask: () => request.Test): Promise<readonly number[]> => {
  const answers: number[] = [];
  for (let at = 0; at < times; at += 1) answers.push((await ask()).status);
  return answers;
};
const get = (app: Express, headers: Record<string, string> = {}, address = one) =>
  request(app).get(address).set(headers);

describe('somebody without a token', () => {
  test('is told what is left, and then to wait, before anything is looked up', async () => {
    const { app, heard } = limitedTo({ perAddress: 2 });

    const first = await get(app);
    expect([first.status, first.headers['ratelimit'], first.headers['ratelimit-policy']]).toEqual([
      200,
      expect.stringMatching(/^"address"; r=1; t=\d+$/),
      expect.stringMatching(/^"address"; q=2; w=100000000000; pk=:\S+:$/),
    ]);
    await get(app);
    const before = heard.length;
    const refused = await get(app);

    expect([refused.status, refused.body.type]).toEqual([429, '/problems/too-many-requests']);
    expect(Number(refused.headers['retry-after'])).toBe(refused.body.retryAfterSeconds);
    expect(refused.headers['ratelimit']).toMatch(/^"address"; r=0;/);
    expect(heard.length).toBe(before);
  });

  test('may read the refusal from a page of the site; far beyond the limit not even the site is looked up', async () => {
    let asked = 0;
    const { app } = limitedTo({ perAddress: 1 });
    const counting = testApp(
      {},
      {
        limits: { ...noLimits, ...oneWindow, perAddress: 1 },
        sites: { byId: async () => ((asked += 1), null), byDomain: async () => null, all: async () => [] },
      },
    ).app;
    const origin = { Origin: 'https://www.example.org' };

    await get(app, origin);
    expect((await get(app, origin)).headers).toMatchObject({
      'access-control-allow-origin': origin.Origin,
      'access-control-expose-headers': expect.stringContaining('RateLimit'),
    });
    await statuses(10, () => get(counting, origin));
    // Two for the first (CORS, and the route), one for the second.
    expect(asked).toBe(3);
  });

  test('is counted by address, as the proxy tells it where one is trusted', async () => {
    const from = (app: Express, address: string) => get(app, { 'X-Forwarded-For': address });
    const { app } = limitedTo({ perAddress: 1 }, { trustProxy: 1 });

    expect((await from(app, '203.0.113.1')).status).toBe(200);
    expect((await from(app, '203.0.113.1')).status).toBe(429);
    expect((await from(app, '203.0.113.2')).status).toBe(200);
    // What the caller wrote itself stands before what our proxy added.
    expect((await from(app, '198.51.100.9, 203.0.113.2')).status).toBe(429);
  });

  test.each([
    ['203.0.113.1:50001', '203.0.113.2:50001', '203.0.113.1:50002'],
    ['[2001:db8:1::1]:50001', '[2001:db8:2::1]:50001', '[2001:db8:1::1]:50002'],
    ['[2001:db8:1::1]', '[2001:db8:2::1]', '2001:db8:1::1'],
    ['203.0.113.1:50001, 10.0.0.1:443', '203.0.113.2:50001, 10.0.0.1:443', '203.0.113.1, 10.0.0.2:80'],
  ])('is one address with whatever port a proxy writes along (%s)', async (one, another, oneAgain) => {
    const { app } = limitedTo({ perAddress: 1 }, { trustProxy: 'loopback, 10.0.0.0/8' });
    const from = async (address: string) => (await get(app, { 'X-Forwarded-For': address })).status;

    expect([await from(one), await from(another), await from(oneAgain)]).toEqual([200, 200, 429]);
  });

  test('cannot choose an address where no proxy is trusted, and whoever runs it is told so once', async () => {
    const { app, lines } = limitedTo({ perAddress: 1 });

    expect(await statuses(1, () => get(app, { 'X-Forwarded-For': '203.0.113.1' }))).toEqual([200]);
    expect(await statuses(2, () => get(app, { 'X-Forwarded-For': '203.0.113.2' }))).toEqual([429, 429]);
    expect(lines.filter((line) => line.includes('TRUST_PROXY'))).toHaveLength(1);
  });

  test('is one caller in all of an IPv6 /56, and an IPv4 address written as IPv6 is itself', async () => {
    const { app } = limitedTo({ perAddress: 1 }, { trustProxy: 1 });
    const from = async (address: string) => (await get(app, { 'X-Forwarded-For': address })).status;

    expect([
      await from('2001:db8:1:100::1'),
      await from('2001:db8:1:1ff:9::2'),
      await from('2001:db8:1:200::1'),
    ]).toEqual([200, 429, 200]);
    expect([await from('203.0.113.7'), await from('::ffff:203.0.113.7')]).toEqual([200, 429]);
  });
});

describe('a credential that nobody verifies', () => {
  test.each([
    ['GET', '/openapi.json'],
    ['GET', '/docs'],
    ['GET', '/nothing/here'],
    ['GET', '/api/nothing/here'],
    ['PATCH', one],
    ['OPTIONS', one],
  ])('is none: %s %s is counted by address', async (method, address) => {
    for (const header of ['X-Authorization', 'Authorization']) {
      const { app } = limitedTo({ perAddress: 2 });
      const ask = () => request(app)[method.toLowerCase() as 'get'](address).set(header, 'Bearer x');
      const answers = await statuses(4, ask);
      expect([answers[0], answers[1]]).not.toContain(429);
      expect(answers.slice(2)).toEqual([429, 429]);
    }
  });

  test('is counted once, beside what it shows where it is verified', async () => {
    const { app } = limitedTo({ perAddress: 3 });
    expect(await statuses(3, () => get(app, {}, '/nothing/here'))).toEqual([404, 404, 404]);
    expect(await statuses(1, () => get(app, {}, '/nothing/here'))).toEqual([429]);
    expect(await statuses(4, () => get(app, { 'X-Authorization': adminToken }))).toEqual([200, 200, 200, 200]);
  });
});

describe('somebody with a token', () => {
  test('is counted by themselves, from wherever they come', async () => {
    const { app } = limitedTo({ perAddress: 1, perUser: 2 }, { trustProxy: 1 });
    const as = async (user: number, address: string) =>
      (await get(app, { Authorization: session(user), 'X-Forwarded-For': address })).status;

    expect([await as(1, '203.0.113.1'), await as(1, '203.0.113.2'), await as(1, '203.0.113.3')]).toEqual([
      200, 200, 429,
    ]);
    expect([await as(2, '203.0.113.1'), await as(3, '203.0.113.1')]).toEqual([200, 200]);
  });

  test('beyond the limit is refused before the database is asked who they are', async () => {
    let asked = 0;
    const { app } = limitedTo(
      { perUser: 1 },
      {},
      {
        actorOf: async ({ userId }: { userId: number }) => ((asked += 1), { ...visitor, userId }),
      },
    );

    expect(await statuses(3, () => get(app, { Authorization: session(1) }))).toEqual([200, 429, 429]);
    expect(asked).toBe(1);
  });

  test('at many sites has as much as at four, and what is done in their name at one keeps them from no other', async () => {
    const person = { ...visitor, personId: 1, reach: { kind: 'one-site', siteId: 1 } } as const;
    const { app } = limitedTo(
      { perUser: 3 },
      {},
      {
        actorOf: async ({ userId }: ActorQuestion, whenKnown?: (actor: Actor) => void) => (
          whenKnown?.({ ...person, userId }),
          { ...person, userId }
        ),
      },
    );
    const as = (user: number) => () => get(app, { Authorization: session(user) });

    // The first of each row is asked before it is known whose it is.
    for (let user = 1; user <= 8; user += 1) expect(await statuses(1, as(user))).toEqual([200]);
    expect(await statuses(3, as(1))).toEqual([200, 200, 429]);
    for (let user = 2; user <= 6; user += 1) expect(await statuses(2, as(user))).toEqual([200, 200]);
    expect(await statuses(2, as(7))).toEqual([429, 429]);
  });

  test('that is staff of a site is counted by their row there', async () => {
    const moderator = { ...visitor, personId: 1, roleBySite: new Map([[1, 'moderator' as const]]) };
    const staff = { ...moderator, reach: { kind: 'one-site', siteId: 1 } } as const;
    const { app } = limitedTo(
      { perUser: 2 },
      {},
      {
        actorOf: async ({ userId }: ActorQuestion, whenKnown?: (actor: Actor) => void) => (
          whenKnown?.({ ...staff, userId }),
          { ...staff, userId }
        ),
      },
    );
    for (let user = 1; user <= 8; user += 1)
      expect(await statuses(2, () => get(app, { Authorization: session(user) }))).toEqual([200, 200]);
  });

  test('that is fixed has a budget of its own', async () => {
    const { app } = limitedTo({ perAddress: 1, perUser: 1, perToken: 3, failures: 1 });

    expect(await statuses(4, () => get(app, { 'X-Authorization': adminToken }))).toEqual([200, 200, 200, 429]);
    expect((await get(app, { 'X-Authorization': 'editor-token' })).headers['ratelimit']).toMatch(/^"token"; r=2/);
  });
});

describe('guessing', () => {
  test.each([
    ['of fixed tokens', 'not-a-token'],
    ['of session tokens', 'Bearer a.b.c'],
    ['with what is no token', 'Bearer'],
  ])('%s ends soon, and whoever has a right one goes on from the same address', async (_what, token) => {
    const { app } = limitedTo({ failures: 2 });

    expect(await statuses(4, () => get(app, { 'X-Authorization': token }))).toEqual([401, 401, 429, 429]);
    expect((await get(app, { 'X-Authorization': adminToken })).status).toBe(200);
    expect((await get(app, { Authorization: session(1) })).status).toBe(200);
    expect((await get(app)).status).toBe(200);
  });

  test('of receipts ends soon, and then none is looked for', async () => {
    let asked = 0;
    const { app } = limitedTo(
      { failures: 2 },
      {},
      {
        readReceipt: async () => {
          asked += 1;
          throw new Fault('not-found', {});
        },
      },
    );
    const receipt = () => get(app, {}, `/receipts/${'g'.repeat(43)}`);

    expect(await statuses(4, receipt)).toEqual([404, 404, 429, 429]);
    expect(asked).toBe(2);
  });
});

describe('the management API', () => {
  const managed = (limits: Partial<AppParts['limits']>, own: Partial<AppParts['management']>) =>
    limitedTo(limits, { management: { ...managementUseCases((_story, answer) => async () => answer), ...own } });
  const token = (app: Express, secret: string, headers: Record<string, string> = {}) =>
    request(app)
      .post('/oauth/token')
      .type('form')
      .send({ grant_type: 'client_credentials', client_id: 'civ_key', client_secret: secret })
      .set(headers);

  test('is told 429 for wrong secrets in the end, and a right one is never refused for them', async () => {
    const { app } = managed({ failures: 20 }, {});

    // A tenth for one key.
    expect(await statuses(4, () => token(app, 'wrong'))).toEqual([401, 401, 429, 429]);
    expect(await statuses(3, () => token(app, 'civ_secret'))).toEqual([200, 200, 200]);
  });

  test('gives one address so many tokens a minute', async () => {
    const { app } = managed({ tokens: 2 }, {});

    expect(await statuses(3, () => token(app, 'civ_secret'))).toEqual([200, 200, 429]);
  });

  test('counts who asks for tokens by address, whatever else they show', async () => {
    const { app } = managed({ perAddress: 2 }, {});

    expect(await statuses(3, () => token(app, 'wrong', { 'X-Authorization': 'anything' }))).toEqual([401, 401, 429]);
  });

  test('looks no more tokens up for an address that did nothing but guess', async () => {
    let asked = 0;
    const { app } = managed({ failures: 2, perAddress: 3 }, { clientByToken: async () => ((asked += 1), null) });

    const answers = await statuses(9, () => get(app, { Authorization: 'Bearer guess' }, '/api/v1/users/1'));
    expect(answers).toEqual([401, 401, ...Array<number>(7).fill(429)]);
    expect(asked).toBe(6);
  });
});

test('whoever asks whether we live, and how it goes, is never refused', async () => {
  const { app } = limitedTo({ perAddress: 1 });

  for (const address of ['/health/live', '/health/ready'])
    expect(await statuses(3, () => get(app, {}, address))).toEqual([200, 200, 200]);
});

test('but beyond ten a second of one address each waits a little, and nobody else’s, nor this machine’s own', async () => {
  const metrics = { observe: () => undefined, text: async () => 'requests 1', contentType: 'text/plain' };
  let goOn: () => void = () => undefined;
  const aLittle = new Promise<void>((resolve) => (goOn = resolve));
  const { app } = limitedTo({ perAddress: 1, probePause: () => aLittle }, { trustProxy: 1, metrics });
  const watched = ['/health/live', '/health/ready', '/metrics'] as const;
  const [flooding, balancer] = [{ 'X-Forwarded-For': '203.0.113.9' }, { 'X-Forwarded-For': '203.0.113.10' }] as const;
  for (let at = 0; at < 600; at += 1) await get(app, flooding, watched[at % 3]);

  const answered: string[] = [];
  const waiting = watched.map(async (path) => {
    const { status } = await get(app, flooding, path);
    answered.push(`${path} ${status}`);
  });
  for (const path of watched)
    for (const headers of [balancer, balancer, {}, {}]) expect((await get(app, headers, path)).status).toBe(200);

  expect(answered).toEqual([]);
  goOn();
  await Promise.all(waiting);
  expect(answered.sort()).toEqual(watched.map((path) => `${path} 200`));
});

test('explanations of problems count in the limit of an address like every other request', async () => {
  const { app } = limitedTo({ perAddress: 2 });
  expect(await statuses(3, () => get(app, {}, '/problems/busy'))).toEqual([200, 200, 429]);
  expect((await get(app)).status).toBe(429);
});

test('0 means no limit, and no header speaks of one', async () => {
  const { app } = limitedTo({});

  expect(await statuses(20, () => get(app))).toEqual(Array(20).fill(200));
  expect((await get(app)).headers).not.toHaveProperty('ratelimit');
});
