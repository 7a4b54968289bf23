import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { routes } from '../../src/http/routes.ts';
import { sql } from '../../src/db/sql.ts';
import { idsIn, startSentences, user, users, type SentenceWorld } from '../journeys/sentences/support/world.ts';
import type { Somebody } from '../journeys/sentences/support/people.ts';
import { otherParameters, waysOf } from './support/asking.ts';

/**
 * An admin of one site can neither read nor change anything of another, through any route, parameter, header or provider name:
 * every route is asked about the other site's people, plainly and with every trick below. Source: user-api.md §1.
 */
const [ours, theirs] = [11, 12] as const;
/** Stands in everything of theirs that is not for everybody. */
const mark = 'geheim12';
let s: SentenceWorld;
let boss: Somebody;
let theirBoss: Somebody;
let them: Somebody;
/** At both sites. */
let both: Somebody;

beforeAll(async () => {
  const allowed = { users: { allowUseOfNicknames: true } };
  s = await startSentences({
    [ours]: { config: allowed },
    [theirs]: {
      config: { ...allowed, basicAuth: { password: mark }, note: mark, allowedDomains: ['site12.example'] },
      oauth: (address) => {
        const settings = (id: number) => ({
          'auth-server-url': address,
          'auth-client-id': `peer-client-${id}`,
          'auth-client-secret': `peer-secret-${id}`,
        });
        return { default: settings(theirs), besloten: settings(13) };
      },
    },
  });
  // A nick name, as the display name is for everybody.
  const extraData = {
    nickName: [ours, theirs].map((siteId) => ({ value: 'Buur', siteId })),
    bio: [{ value: `bio van ${mark}`, siteId: theirs }],
  };
  boss = await s.person({ at: { [ours]: 'admin' } });
  theirBoss = await s.person({ at: { [theirs]: 'admin' } });
  them = await s.person({
    at: { [theirs]: 'member' },
    profile: { phoneNumber: '0699912345', streetName: `${mark}straat`, city: mark, firstName: mark },
    extraData: { ...extraData, nowhereDeclared: mark },
  });
  both = await s.person({ at: { [ours]: 'member', [theirs]: 'member' }, extraData });
  const ideaId = await s.idea({ siteId: theirs, userId: them.at[theirs]!, title: mark, viewableByRole: 'editor' });
  await s.vote({ ideaId, userId: both.at[theirs]! });
});
afterAll(() => s.close());

const told = async (method: string, path: string, headers: Record<string, string>, body?: unknown) => {
  // Not fetch: that would not send a Host of our own.
  const call = request(s.world.url + path, {
    method,
    headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
  });
  call.end(body === undefined ? undefined : JSON.stringify(body));
  const [answer] = (await once(call, 'response')) as [IncomingMessage];
  const pieces: Buffer[] = [];
  for await (const piece of answer) pieces.push(piece as Buffer);
  return { status: answer.statusCode ?? 0, text: JSON.stringify(answer.headers) + Buffer.concat(pieces).toString() };
};
const as = async (admin: Somebody): Promise<Record<string, string>> => ({
  'x-authorization': `Bearer ${await s.world.token(admin.at[ours]!)}`,
});

/** Every row of theirs, as text. */
const theirRows = async (): Promise<string> => {
  const { database } = s.world.container;
  const rows = await Promise.all([
    database.select(sql`SELECT * FROM users WHERE siteId = ${theirs} ORDER BY id`),
    database.select(sql`SELECT * FROM sites WHERE id = ${theirs}`),
    database.select(sql`SELECT * FROM ideas WHERE siteId = ${theirs} ORDER BY id`),
    database.select(sql`SELECT * FROM votes WHERE userId = ${both.at[theirs]!} ORDER BY id`),
  ]);
  return JSON.stringify(rows);
};

test('the other site has something to hide: its own admin sees it', async () => {
  const seen = await s.get(theirBoss.at[theirs]!, user(theirs, them.at[theirs]!));
  expect(seen.text).toContain(`${mark}straat`);
  expect((await s.get(theirBoss.at[theirs]!, `/api/site/${theirs}`)).text).toContain(mark);
});

const queriesTried = (): readonly string[] => [
  '',
  `?onlySiteIds=${theirs}`,
  `?onlyUserIds=${both.at[theirs]!}`,
  '?useOauth=besloten',
  `?siteId=${theirs}&siteid=${ours}`,
  '?page=0&sort=email_desc',
  `?page=0&filter=${encodeURIComponent('{"city":{"substring":"eheim"}}')}`,
  '?includeOtherSites=1&includeIdeas=1&includeVotes=1',
  '?view=summary',
];
const headersTried = async (): Promise<readonly Record<string, string>[]> => {
  const theirToken = await s.world.token(theirBoss.at[theirs]!);
  const path = user(theirs, them.at[theirs]!);
  return [
    { host: 'site12.localhost', origin: 'https://site12.example' },
    { 'x-forwarded-host': 'site12.localhost', 'x-forwarded-for': '127.0.0.1', 'x-forwarded-proto': 'https' },
    { forwarded: 'for=127.0.0.1;host=site12.localhost' },
    { 'x-original-url': path, 'x-rewrite-url': path },
    { 'x-http-method-override': 'DELETE', 'x-method-override': 'DELETE' },
    { 'x-site-id': String(theirs), 'x-user-id': String(theirBoss.at[theirs]!), 'x-role': 'admin' },
    // Only the headers that are for it carry a credential.
    { cookie: `jwt=${theirToken}; token=${theirToken}; session=${theirToken}; openstad-jwt=${theirToken}` },
    { 'cache-control': 'no-cache' },
  ];
};

test.each(routes.map((route) => [route.operationId, route] as const))('%s', async (_name, route) => {
  const before = await theirRows();
  const places = [
    [theirs, them.at[theirs]!],
    [theirs, both.at[theirs]!],
    [ours, them.at[theirs]!],
    ['site12.localhost', them.at[theirs]!],
  ] as const;
  const tricks = [
    ...queriesTried().map((query) => ({ query, headers: {} })),
    ...(await headersTried()).map((headers) => ({ query: '', headers })),
  ];
  // A call that ends its own session is not made with the one that is needed on.
  const leaves = waysOf(route).some(({ endsSession }) => endsSession === true);
  const credential = await as(leaves ? await s.person({ at: { [ours]: 'admin' } }) : boss);
  const failures: string[] = [];
  for (const [siteId, userId] of route.path.includes('{siteId}') ? places : places.slice(0, 1)) {
    const values: Record<string, string> = { siteId: String(siteId), userId: String(userId) };
    const path = route.path.replace(
      /\{(\w+)\}/g,
      (_all, name: string) => values[name] ?? otherParameters[name]?.[0]?.[1] ?? '',
    );
    for (const { query, headers } of tricks) {
      const bodies = waysOf(route).map((way) => way.body);
      for (const body of bodies) {
        const { status, text } = await told(
          route.method.toUpperCase(),
          path + query,
          { ...headers, ...credential },
          body,
        );
        if (text.includes(mark) || text.includes('0699912345') || text.includes(them.email) || status >= 502)
          failures.push(`${status} ${route.method} ${path}${query} ${Object.keys(headers).join()}`);
      }
    }
  }
  expect(failures).toEqual([]);
  expect(await theirRows()).toBe(before);
  // Still heard: what was refused was refused to an admin.
  expect((await s.get(boss.at[ours]!, user(ours, boss.at[ours]!))).body.role).toBe('admin');
});

describe('somebody who is at both sites', () => {
  const path = (call = '') => `${user(ours, both.at[ours]!)}${call}`;

  test('is neither previewed nor anonymized at theirs: all of them', async () => {
    for (const call of ['/will-anonymizeall', '/do-anonymizeall']) {
      const answer = await s.put(boss.at[ours]!, path(call));
      expect([answer.status, answer.body.rule]).toEqual([403, 'not-moderator-everywhere']);
      expect(answer.text).not.toContain(mark);
    }
  });

  test.each([
    ['their site alone', () => ({ onlySiteIds: [theirs] })],
    ['their row alone', () => ({ onlyUserIds: [both.at[theirs]!] })],
  ])('is selected by nobody but theirs: %s', async (_which, only) => {
    for (const call of ['/will-anonymizeall', '/do-anonymizeall']) {
      const answer = await s.put(boss.at[ours]!, path(call), only());
      expect([answer.status, answer.body.users, answer.text.includes(mark)]).toEqual([200, [], false]);
    }
  });

  test('is previewed at ours where both are named', async () => {
    const answer = await s.put(boss.at[ours]!, path('/will-anonymizeall'), {
      onlySiteIds: [ours, theirs],
    });
    expect([answer.status, idsIn(answer.body.users)]).toEqual([200, [both.at[ours]!]]);
    expect(answer.text).not.toContain(mark);
  });

  test('keeps what theirs says of them, whatever ours writes', async () => {
    const before = await theirRows();
    const put = (body: object) => s.put(boss.at[ours]!, path(), body);

    expect((await put({ nickName: 'Hier', listableByRole: 'moderator', extraData: { bio: 'onze bio' } })).status).toBe(
      200,
    );
    expect((await put({ extraData: { bio: { value: 'x', siteId: theirs } } })).status).toBe(422);
    expect((await put({ extraData: { bio: [{ value: 'x', siteId: theirs }] } })).status).toBe(422);
    expect((await put({ id: them.at[theirs]!, siteId: theirs, personId: them.id, nickName: 'Daar' })).body.siteId).toBe(
      ours,
    );
    expect((await put({ role: 'moderator' })).status).toBe(200);

    expect(await theirRows()).toBe(before);
    expect((await s.get(boss.at[ours]!, path())).text).not.toContain(`bio van ${mark}`);
  });

  test('is shown with their operations of this site and what is public of others', async () => {
    const answer = await s.get(boss.at[ours]!, path('/activity'));
    expect([answer.status, answer.text.includes(mark)]).toEqual([200, false]);
  });
});

test('a page of theirs cannot be gone on with: a cursor is bound to its site and to the role it was given to', async () => {
  const page = await s.get(theirBoss.at[theirs]!, `${users(theirs)}?page=0&pageSize=1&sort=lastName_desc`);
  const cursor = encodeURIComponent(page.body.metadata.cursor as string);
  for (const siteId of [ours, theirs]) {
    const answer = await s.get(boss.at[ours]!, `${users(siteId)}?cursor=${cursor}&pageSize=1&sort=lastName_desc`);
    expect([answer.status, answer.text.includes(mark)]).toEqual([400, false]);
  }
});

test('somebody else’s Idempotency-Key gives back nothing', async () => {
  const victim = await s.person({ at: { [theirs]: 'member' } });
  const call = `${user(theirs, victim.at[theirs]!)}/do-anonymize`;
  const key = { 'idempotency-key': 'the-same-key' };
  expect((await s.put(theirBoss.at[theirs]!, call, {}, key)).status).toBe(200);

  const repeated = await s.put(boss.at[ours]!, call, {}, key);
  expect([repeated.status, repeated.headers.get('idempotency-replayed')]).toEqual([403, null]);
});

test('people of theirs can be asked to ours by address, and nothing of them comes along', async () => {
  const answer = await s.post(boss.at[ours]!, users(ours), { email: them.email });
  expect(answer.status).toBe(201);
  expect([answer.text.includes(mark), answer.text.includes('0699912345')]).toEqual([false, false]);
  const row = await s.get(boss.at[ours]!, user(ours, answer.body.id as number), {
    'cache-control': 'no-cache',
  });
  expect([row.status, row.text.includes(mark), row.text.includes('0699912345')]).toEqual([200, false, false]);
});

describe('an issuer that other sites share', () => {
  const put = (who: number | string, settings: object) =>
    s.put(who, `/api/site/${ours}`, { config: { oauth: { default: settings } } });
  const secret = { 'auth-client-secret': `peer-secret-${ours}` };

  test.each([
    ['another server speaks for it', () => ({ 'auth-internal-server-url': `${s.world.oauth.url}/mine`, ...secret })],
    ['it is read in another language', () => ({ adapter: 'oidc', ...secret })],
    ['its claims mean something else', () => ({ claims: { role: { claim: 'x', values: { y: 'admin' } } } })],
    ['somebody else’s page says who logs in', () => ({ 'auth-server-get-user-path': '/uploads/me.json' })],
  ])('is not one site’s to say who people are: %s', async (_what, settings) => {
    const answer = await put(boss.at[ours]!, settings());
    expect([answer.status, answer.body.field]).toEqual([403, 'config.oauth']);
  });

  test('is the platform’s also in what reaches no further', async () => {
    const wayOut = { 'auth-server-logout-path': '/uit?x=[[redirectUrl]]' };
    expect((await put(boss.at[ours]!, wayOut)).status).toBe(403);
    expect((await put('admin', wayOut)).status).toBe(200);
  });
});
