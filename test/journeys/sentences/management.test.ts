import { operator } from '../../../src/domain/actor.ts';
import { sql } from '../../../src/db/sql.ts';
import { dumped, textOfDump } from '../../support/dump.ts';
import { backOfficeOf, clientOf, form, type BackOffice } from './support/back-office.ts';
import { longAgo } from './support/people.ts';
import { each, startSentences, whenTold, type SentenceWorld } from './support/world.ts';

/** management-api.md, beside what is the manual's: management-manual.test.ts. Sites 8 and 9 are the client's, 10 shares their server, 11 does not. */
let s: SentenceWorld;
let office: BackOffice;
beforeAll(async () => {
  const extraData = { hobby: { auth: { viewableBy: 'moderator' } }, image_url: {}, bio: {} };
  s = await startSentences(
    {
      8: { config: { users: { allowUseOfNicknames: true, extraData }, votes: { isViewable: false } } },
      9: { client: 8, config: { votes: { isViewable: true } } },
      10: { client: 8 },
      11: { oauth: () => ({ default: { 'auth-server-url': 'http://elsewhere.example' } }) },
    },
    whenTold,
  );
  office = await backOfficeOf(s, [8, 9]);
});
afterEach(() => s.world.oauth.proxy.behave('pass'));
afterAll(() => s.close());

const users = '/api/v1/users';
const of = ({ externalId }: { readonly externalId: number }, rest = ''): string => `${users}/${externalId}${rest}`;
const own = (more: Record<string, string> = {}) => ({
  grant_type: 'client_credentials',
  client_id: office.key,
  client_secret: office.secret,
  ...more,
});
const basic = (key: string, secret: string) => ({
  authorization: `Basic ${Buffer.from(`${key}:${secret}`).toString('base64')}`,
});
const database = () => s.world.container.database;

describe('POST /oauth/token', () => {
  test('takes form or JSON, or HTTP Basic for the client', async () => {
    const path = '/oauth/token';
    expect((await form(s, path, own())).status).toBe(200);
    expect((await s.post(null, path, own({ scope: 'public authentication' }))).body.scope).toBe(
      'public authentication',
    );
    const byBasic = await s.post(null, path, { grant_type: 'client_credentials' }, basic(office.key, office.secret));
    expect([byBasic.status, byBasic.body.scope]).toEqual([200, 'public']);
  });

  test('refuses to be shown one client in the body and another by HTTP Basic, which a proxy before us may use for itself', async () => {
    const other = await clientOf(s, [8]);
    const withBasic = async (path: string, body: object, headers: Record<string, string>) => {
      const answer = await s.post(null, path, body, headers);
      return [answer.status, answer.body.error as unknown];
    };
    const asked = { ...own(), token: 'x' };
    const named = { ...asked, client_secret: undefined };
    for (const path of ['/oauth/token', '/oauth/revoke', '/oauth/introspect'])
      for (const body of [asked, named])
        expect(await withBasic(path, body, basic(other.key, other.secret))).toEqual([400, 'invalid_request']);

    expect(await withBasic('/oauth/token', own(), basic('a-proxy', 'hush'))).toEqual([200, undefined]);
    for (const body of [asked, named])
      expect(await withBasic('/oauth/token', body, basic(office.key, office.secret))).toEqual([200, undefined]);
  });

  test.each([
    ['no grant_type', { grant_type: '' }, 400, 'invalid_request'],
    ['another grant_type', { grant_type: 'password' }, 400, 'unsupported_grant_type'],
    ['a word that is no scope', { scope: 'root' }, 400, 'invalid_scope'],
    ['scope and scopes that differ', { scope: 'public', scopes: 'admin' }, 400, 'invalid_request'],
    ['a wrong secret', { client_secret: 'civ_secret_nonsense' }, 401, 'invalid_client'],
    ['a wrong key', { client_id: 'civ_nobody' }, 401, 'invalid_client'],
    ['no secret', { client_secret: '' }, 401, 'invalid_client'],
  ] as const)('refuses %s in the words of RFC 6749', async (_what, more, status, error) => {
    for (const answer of [await form(s, '/oauth/token', own(more)), await s.post(null, '/oauth/token', own(more))]) {
      expect([answer.status, answer.body]).toEqual([status, { error, error_description: expect.any(String) }]);
      expect(answer.headers.get('cache-control')).toBe('no-store');
      if (status === 401) expect(answer.headers.get('www-authenticate')).toMatch(/^Basic /);
    }
  });

  test('refuses what cannot be read, and never with a 500', async () => {
    const sent = (body: string, type = 'application/x-www-form-urlencoded') =>
      s.world.call(null, 'POST', '/oauth/token', body, { 'content-type': type });
    const twice = 'grant_type=client_credentials&client_id=a&client_id=b&client_secret=c';
    for (const [answer, status] of [
      [await sent(twice), 400],
      [await sent('{', 'application/json'), 400],
      [await sent('x=y', 'text/plain'), 415],
      [await s.post(null, '/oauth/token', { ...own(), grant_type: ['client_credentials'] }), 400],
    ] as const)
      expect([answer.status, answer.body.error]).toEqual([status, 'invalid_request']);
  });

  test('gives no more than the client may ask for, and each scope includes the ones before it', async () => {
    const small = await clientOf(s, [8], ['authentication']);
    const asked = (scope: string) =>
      form(s, '/oauth/token', { ...own({ scope }), client_id: small.key, client_secret: small.secret });
    expect([(await asked('public')).status, (await asked('authentication')).status]).toEqual([200, 200]);
    expect((await asked('admin')).body.error).toBe('invalid_scope');
    const token = String((await asked('authentication')).body.access_token);
    expect((await s.get(null, users, { authorization: `Bearer ${token}` })).status).toBe(200);
  });

  test('costs the same whether the key or the secret is wrong', async () => {
    const statements = async (more: Record<string, string>) => {
      const before = s.world.statements();
      await form(s, '/oauth/token', own(more));
      return s.world.statements() - before;
    };
    expect(await statements({ client_id: 'civ_nobody' })).toBe(await statements({ client_secret: 'wrong' }));
  });

  test('keeps only fingerprints: neither token nor secret is in the database or the log', async () => {
    const token = await office.token('admin');
    await office.call('admin', 'GET', users);
    await s.get(null, `${users}?api_key=${office.key}`);
    const kept = textOfDump(await dumped(database()));
    expect([kept.includes(token), kept.includes(office.secret), kept.includes(office.key)]).toEqual([
      false,
      false,
      true,
    ]);
    expect([s.world.log().includes(token), s.world.log().includes(office.secret)]).toEqual([false, false]);
    expect(s.world.log()).not.toContain(office.key);
  });
});

describe('POST /oauth/revoke and /oauth/introspect', () => {
  test("are about a client's own tokens", async () => {
    const other = await backOfficeOf(s, [10]);
    const ask = async (path: string, asker: { key: string; secret: string }, token: string) =>
      (await form(s, path, { client_id: asker.key, client_secret: asker.secret, token })).body as Record<
        string,
        unknown
      >;
    const token = await other.token('authentication');
    expect(await ask('/oauth/introspect', other, token)).toMatchObject({
      active: true,
      scope: 'authentication',
      client_id: other.key,
      token_type: 'Bearer',
    });
    expect(await ask('/oauth/introspect', office, token)).toEqual({ active: false });
    await ask('/oauth/revoke', office, token);
    expect((await other.call('authentication', 'GET', users)).status).toBe(200);
    await ask('/oauth/revoke', other, token);
    expect((await other.call('authentication', 'GET', users)).status).toBe(401);
    expect(await ask('/oauth/introspect', other, token)).toEqual({ active: false });
    expect((await form(s, '/oauth/introspect', own({ client_secret: 'x', token }))).status).toBe(401);
  });
});

describe('what is kept of somebody who was added at one of the sites and came to another', () => {
  const facts = { is_expert: true, is_selected: true, points: 77, score: 3 };
  const questions = ['', '&sub_application_name=site9'] as const;
  /** Their points as each list says them; null where it does not name them. */
  const told = async (back: BackOffice, { at }: { readonly at: Readonly<Record<number, number>> }) => {
    const points = async (query: string) => {
      const { body } = await back.call('authentication', 'GET', `${users}?per_page=100${query}`);
      const found = (body.data as { id: number; points: number }[]).find(({ id }) => id === at[8] || id === at[9]);
      return found?.points ?? null;
    };
    return Promise.all(
      questions.map(async (at9) => [
        await points(at9),
        await points(`${at9}&is_expert=true`),
        await points(`${at9}&is_expert=false`),
        await points(`${at9}&is_selected=false`),
      ]),
    );
  };
  const shown = [77, 77, null, null];
  const hidden = [0, null, 0, 0];

  test('is shown, and chosen by, whichever site is asked about', async () => {
    const somebody = await s.person({ at: { 8: 'member', 9: 'member' } });
    await s.touch('users', somebody.at[9]!, { profileWithheld: true });
    expect((await office.call('admin', 'PATCH', of(somebody), facts)).status).toBe(200);
    expect(await told(office, somebody)).toEqual([shown, shown]);
  });

  test('is hidden where the site to which they came is not the client’s, or their row there is gone', async () => {
    const somebody = await s.person({ at: { 8: 'member', 9: 'member' } });
    await s.touch('users', somebody.at[9]!, { profileWithheld: true });
    await office.call('admin', 'PATCH', of(somebody), facts);
    const other = await backOfficeOf(s, [9]);
    expect(await told(other, somebody)).toEqual([hidden, hidden]);
    await s.touch('users', somebody.at[8]!, { deletedAt: longAgo });
    expect(await told(office, somebody)).toEqual([hidden, hidden]);
    expect((await office.call('authentication', 'GET', of(somebody))).body.data).toMatchObject({ points: 0 });
    const exported = (await office.call('admin', 'GET', of(somebody, '/export'))).body.data as { facts: unknown };
    expect(exported.facts).toEqual([{ isExpert: false, isSelected: false, points: 0, score: 0 }]);
  });
});

describe('clients', () => {
  test('are made with a key that has a prefix, and a secret that is shown this once', async () => {
    const said = { name: 'Zuid', scopes: ['authentication', 'public'], siteIds: [9, 8] };
    const { status, headers, body } = await s.post('admin', '/api/client', said);
    expect([status, headers.get('cache-control')]).toEqual([201, 'no-store']);
    expect(body).toEqual({
      id: expect.any(Number),
      name: 'Zuid',
      key: expect.stringMatching(/^civ_[\w-]{22}$/),
      secret: expect.stringMatching(/^civ_secret_[\w-]{43}$/),
      scopes: ['public', 'authentication'],
      siteIds: [8, 9],
      issuer: s.world.oauth.url,
      createdAt: expect.any(String),
    });
    const list = await s.get('admin', '/api/client');
    expect(list.text).not.toContain(String(body.secret));
    expect((list.body as { id: number }[]).find(({ id }) => id === body.id)).toEqual({
      ...body,
      secret: undefined,
      lastUsedAt: null,
    });
  });

  test.each([
    ['sites of two OAuth servers', { siteIds: [8, 11] }, '/siteIds'],
    ['a site that is not there', { siteIds: [8, 99] }, '/siteIds/1'],
    ['no site', { siteIds: [] }, '/siteIds'],
    ['a scope that is none', { scopes: ['root'] }, '/scopes/0'],
    ['no name', { name: ' ' }, '/name'],
  ] as const)('are not made with %s: 422', async (_what, wrong, pointer) => {
    const said = { name: 'x', scopes: ['public'], siteIds: [8], ...wrong };
    const { status, body } = await s.post('admin', '/api/client', said);
    expect([status, each(body.errors, 'pointer')]).toEqual([422, [pointer]]);
  });

  test('has a hundred sites at most, also where an operator makes it at the command line', async () => {
    const siteIds = Array.from({ length: 101 }, (_none, index) => index + 1);
    const { createClient } = s.world.container.management;
    await expect(
      createClient({ actor: operator('root'), name: 'Everywhere', scopes: ['public'], siteIds }),
    ).rejects.toMatchObject({
      code: 'invalid-values',
      message: '/siteIds: must be 100 sites at most',
    });
  });

  test('have two secrets after a rotation, until the overlap is over; revoked they have none', async () => {
    const { id, key, secret } = await clientOf(s, [8]);
    const works = async (one: string) =>
      (await form(s, '/oauth/token', own({ client_id: key, client_secret: one }))).status;
    const rotated = await s.post('admin', `/api/client/${id}/rotate`);
    expect([rotated.status, await works(secret), await works(String(rotated.body.secret))]).toEqual([200, 200, 200]);
    await database().change(sql`UPDATE civitas_clients SET previousSecretExpiresAt = ${longAgo} WHERE id = ${id}`);
    expect([await works(secret), await works(String(rotated.body.secret))]).toEqual([401, 200]);
    const { body } = await form(s, '/oauth/token', own({ client_id: key, client_secret: String(rotated.body.secret) }));
    expect((await s.remove('admin', `/api/client/${id}`)).status).toBe(200);
    expect(await works(String(rotated.body.secret))).toBe(401);
    expect((await s.get(null, users, { authorization: `Bearer ${String(body.access_token)}` })).status).toBe(401);
    expect((await s.get(null, `${users}?api_key=${key}`)).status).toBe(401);
    expect((await s.remove('admin', `/api/client/${id}`)).status).toBe(404);
  });
});

describe('what a client sees', () => {
  test('is one entry a person, of its own sites only', async () => {
    const both = await s.person({ at: { 8: 'member', 9: 'member', 10: 'member' } });
    const elsewhere = await s.person({ at: { 10: 'member' } });
    const { body } = await office.call('authentication', 'GET', `${users}?per_page=100`);
    const uids = each(body.data, 'uid');
    expect(uids.filter((uid) => uid === String(both.externalId))).toHaveLength(1);
    expect(uids).not.toContain(String(elsewhere.externalId));
    for (const [method, path] of [
      ['GET', of(elsewhere)],
      ['GET', of(elsewhere, '/export')],
      ['POST', of(elsewhere, '/anonymize')],
      ['PATCH', of(elsewhere)],
      ['DELETE', of(elsewhere)],
    ] as const)
      expect((await office.call('admin', method, path, method === 'PATCH' ? { points: 1 } : undefined)).status).toBe(
        404,
      );
    expect((await s.row(elsewhere.at[10]!))?.city).toBe('Utrecht');
  });

  test('with `public` is what visitors see: the nick name, no hidden keys, no hidden votes or ideas', async () => {
    const shy = await s.person({
      at: { 8: 'member' },
      columns: { listableByRole: 'all', nickName: 'Nachtuil' },
      extraData: { image_url: 'https://img.example/x.png', occupation: 'Gardener' },
    });
    const open = await s.idea({ siteId: 8, userId: shy.at[8]! });
    await s.idea({ siteId: 8, userId: shy.at[8]!, viewableByRole: 'moderator' });
    await s.vote({ ideaId: open, userId: shy.at[8]! });
    const find = async (scope: string) =>
      ((await office.call(scope, 'GET', `${users}?per_page=100`)).body.data as { id: number }[]).find(
        ({ id }) => id === shy.at[8],
      );
    expect(await find('public')).toMatchObject({
      full_name: 'Nachtuil',
      slug: `nachtuil-${shy.at[8]!}`,
      image_url: 'https://img.example/x.png',
      messages_count: 1,
      votes_count: 0,
    });
    expect(await find('public')).not.toHaveProperty('email');
    expect(await find('authentication')).toMatchObject({
      uid: String(shy.externalId),
      full_name: 'Noor van Dijk',
      messages_count: 2,
      votes_count: 1,
    });
    expect(await find('authentication')).not.toHaveProperty('email');
    expect(await find('admin')).toMatchObject({ email: shy.email, city: 'Utrecht', occupation: 'Gardener' });
  });

  test('costs the same statements whatever the page, of twenty rows at most', async () => {
    const once = async (perPage: number) => {
      const before = s.world.statements();
      await office.call('admin', 'GET', `${users}?per_page=${perPage}`);
      return s.world.statements() - before;
    };
    // The outbox and the like count along, now and then.
    const statements = async (perPage: number) =>
      Math.min(await once(perPage), await once(perPage), await once(perPage));
    await once(1);
    const [one, hundred] = [await statements(1), await statements(100)];
    expect([one, hundred]).toEqual([7, 7]);
  });

  test.each([
    'page=0',
    'page=-1',
    'page=x',
    'per_page=0',
    'per_page=101',
    'is_expert=maybe',
    'is_selected=',
    'page=1&page=2',
  ])('with bad parameters (%s) is 422', async (query) => {
    const { status, body } = await office.call('public', 'GET', `${users}?${query}`);
    expect([status, body.success, body.errors[0].name]).toEqual([422, false, query.split('=')[0]]);
  });

  test('lastUsedAt is written once a minute at most', async () => {
    const other = await backOfficeOf(s, [8]);
    await other.call('public', 'GET', users);
    const before = s.world.statements();
    await other.call('public', 'GET', users);
    expect(s.world.statements() - before).toBe(7);
    const { body } = await s.get('admin', '/api/client');
    const used = (body as { id: number; lastUsedAt: string | null }[]).find(({ id }) => id === other.id)?.lastUsedAt;
    expect(Date.now() - Date.parse(used ?? '')).toBeLessThan(60_000);
  });
});

describe('anonymizing and deleting', () => {
  const noCounts = { digest: expect.any(String), users: 0, sites: [], oauth: 'kept' };

  test('what asks for less than all of the client’s sites, or for a version of the person, is refused and nothing is done', async () => {
    const somebody = await s.person({ at: { 8: 'member', 9: 'member' } });
    const held = { authorization: `Bearer ${await office.token('admin')}`, 'if-match': '"a-version"' };
    for (const [method, path] of [
      ['POST', of(somebody, '/anonymize')],
      ['DELETE', of(somebody)],
    ] as const) {
      expect((await office.call('admin', method, path, { onlySiteIds: [8] })).status).toBe(422);
      expect((await office.call('admin', method, `${path}?onlySiteIds=8`)).status).toBe(422);
      // Nor is anything else overlooked that might have been meant to make it less.
      expect((await office.call('admin', method, `${path}?dry_run=1`)).body.errors[0].name).toBe('dry_run');
      expect((await office.call('admin', method, path, { sites: [8] })).status).toBe(422);
    }
    expect((await s.world.call(null, 'DELETE', of(somebody), undefined, held)).status).toBe(400);
    expect((await s.world.call(null, 'PATCH', of(somebody), { points: 5 }, held)).status).toBe(400);
    expect((await office.call('admin', 'GET', of(somebody))).body.data.points).toBe(0);
  });

  test("reach the client's sites and no other; again: 200 with zero counts while the tombstone lives, then 404", async () => {
    const somebody = await s.person({ at: { 8: 'member', 9: 'member', 10: 'member' } });
    const first = await office.call('authentication', 'POST', of(somebody, '/anonymize'));
    expect([first.status, first.body.data.users, first.body.data.oauth]).toEqual([200, 2, 'kept']);
    expect([(await s.row(somebody.at[8]!))?.city, (await s.row(somebody.at[10]!))?.city]).toEqual([null, 'Utrecht']);
    expect(s.there(somebody.externalId)).toBeDefined();
    const again = await office.call('authentication', 'POST', of(somebody, '/anonymize'));
    expect([again.status, again.body]).toEqual([200, { success: true, data: noCounts }]);
    expect((await office.call('authentication', 'DELETE', of(somebody))).body.data).toEqual({
      users: 0,
      ideas: 0,
      articles: 0,
      arguments: 0,
      votes: 0,
    });
    expect((await office.call('authentication', 'GET', of(somebody))).status).toBe(404);
    await database().change(sql`DELETE FROM civitas_tombstones`);
    expect((await office.call('authentication', 'POST', of(somebody, '/anonymize'))).status).toBe(404);
  });

  test('do not wait for an OAuth server that is away, and again is 200 meanwhile', async () => {
    const somebody = await s.person({ at: { 8: 'member' } });
    await s.world.oauth.proxy.behave('refuse');
    const answer = await office.call('authentication', 'DELETE', of(somebody));
    expect([answer.status, answer.headers.get('x-oauth-removal')]).toEqual([200, 'pending']);
    expect((await office.call('authentication', 'DELETE', of(somebody))).body.data.users).toBe(0);
    await s.world.oauth.proxy.behave('pass');
    await s.touchOutbox();
    for (let outcome = await s.world.container.deliver(); outcome !== null;)
      outcome = await s.world.container.deliver();
    expect(s.there(somebody.externalId)).toBeUndefined();
    expect((await office.call('authentication', 'DELETE', of(somebody))).status).toBe(200);
  });

  test('refuse a user whom a fixed token names, and then leave every row as it is: 409', async () => {
    const somebody = await s.person({ at: { 8: 'member', 9: 'member' } });
    const fixed = JSON.stringify([{ token: 'fixed-somebody', userId: somebody.at[9], client: 'default' }]);
    const token = await office.token('authentication');
    await s.beside({ AUTH_FIXED_TOKENS: fixed }, async (url) => {
      for (const [method, path] of [
        ['POST', of(somebody, '/anonymize')],
        ['DELETE', of(somebody)],
      ] as const) {
        const { status, body } = await s.world.at(url)(null, method, path, undefined, {
          authorization: `Bearer ${token}`,
        });
        expect([status, each(body.errors, 'name')]).toEqual([409, ['conflict']]);
      }
    });
    expect([(await s.row(somebody.at[8]!))?.city, (await s.row(somebody.at[9]!))?.city]).toEqual([
      'Utrecht',
      'Utrecht',
    ]);
  });

  test('ten at once delete once', async () => {
    const somebody = await s.person({ at: { 8: 'member', 9: 'member' } });
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => office.call('authentication', 'DELETE', of(somebody))),
    );
    const done = answers.filter(({ status }) => status === 200);
    expect(done.reduce((sum, { body }) => sum + Number(body.data.users), 0)).toBe(2);
    // Who had to wait too long is told so, and may ask again.
    expect(answers.every(({ status }) => status === 200 || status === 503)).toBe(true);
    expect([await s.row(somebody.at[8]!), await s.row(somebody.at[9]!)]).toEqual([undefined, undefined]);
  });

  test('are audited as the client’s, whose id is taken for no user’s', async () => {
    const somebody = await s.person({ at: { 8: 'member' } });
    const answer = await office.call('authentication', 'POST', of(somebody, '/anonymize'));
    const rows = await database().select(
      sql`SELECT actorId, actorKind FROM civitas_audit WHERE userId = ${somebody.at[8]!}`,
    );
    expect(rows.map(({ actorId, actorKind }) => [Number(actorId), actorKind])).toEqual([[office.id, 'client']]);
    const receipt = /<([^>]+)>; rel="receipt"/.exec(answer.headers.get('link') ?? '')?.[1] ?? '';
    const [, claims = ''] = (await s.get(null, receipt)).text.split('.');
    expect(JSON.parse(Buffer.from(claims, 'base64url').toString('utf8')).by).toEqual({
      kind: 'client',
      clientId: office.id,
    });
    const status = await s.get('admin', `/api/site/8/user/${somebody.at[8]!}/anonymization`);
    expect([status.body.by, status.body.whole.by]).toEqual([
      { kind: 'client' },
      { kind: 'client', clientId: office.id },
    ]);
  });
});

describe('PATCH and export', () => {
  test('set `is_expert`, `is_selected`, `points`, `score`; `level` follows from `points`; what is not named stays', async () => {
    const somebody = await s.person({ at: { 8: 'member', 10: 'member' } });
    const said = { is_expert: true, points: 120, score: 7, uid: 'ignored' };
    expect((await office.call('admin', 'PATCH', of(somebody), said)).body.data).toMatchObject({
      is_expert: true,
      is_selected: false,
      points: 120,
      score: 7,
      level: { id: 3, name: 'Regular', icon_url: null },
    });
    expect((await office.call('admin', 'PATCH', of(somebody), { is_selected: true })).body.data).toMatchObject({
      is_expert: true,
      is_selected: true,
      points: 120,
    });
    expect((await office.call('authentication', 'PATCH', of(somebody), {})).status).toBe(403);
  });

  test.each([
    { points: -1 },
    { points: 1.5 },
    { score: '7' },
    { points: 3_000_000_000 },
    { is_expert: 'true' },
    { is_selected: 1 },
    { points: null },
  ])('refuse %j: 422', async (wrong) => {
    const somebody = await s.person({ at: { 8: 'member' } });
    const { status, body } = await office.call('admin', 'PATCH', of(somebody), wrong);
    expect([status, each(body.errors, 'name')]).toEqual([422, Object.keys(wrong)]);
  });

  test('points, score and flags go with the person', async () => {
    const facts = async () =>
      Number((await database().select(sql`SELECT COUNT(*) AS n FROM civitas_person_facts`))[0]?.['n']);
    const before = await facts();
    const somebody = await s.person({ at: { 8: 'member' } });
    await office.call('admin', 'PATCH', of(somebody), { points: 5 });
    expect(await facts()).toBe(before + 1);
    expect((await office.call('authentication', 'POST', of(somebody, '/anonymize'))).status).toBe(200);
    expect(await facts()).toBe(before);
  });

  test("everything that is kept of the person at the client's sites is exported, and nothing of another site", async () => {
    const somebody = await s.person({
      at: { 8: 'member', 10: 'member' },
      extraData: { bio: ['overal', { value: 'alleen op tien', siteId: 10 }], hobby: 'vissen' },
      columns: { externalAccessToken: 'a secret of theirs' },
    });
    await office.call('admin', 'PATCH', of(somebody), { points: 5 });
    const idea = await s.idea({ siteId: 8, userId: somebody.at[8]! });
    const hidden = await s.article({ siteId: 8, userId: somebody.at[8]!, deletedAt: longAgo });
    const vote = await s.vote({ ideaId: idea, userId: somebody.at[8]!, ip: '192.0.2.99' });
    await s.idea({ siteId: 10, userId: somebody.at[10]!, title: 'Op tien' });
    const { status, body, text, headers } = await office.call('admin', 'GET', of(somebody, '/export'));
    expect([status, body.success, headers.get('cache-control')]).toEqual([200, true, 'no-store']);
    const { data } = body;
    expect(data).toMatchObject({
      uid: String(somebody.externalId),
      facts: [{ points: 5 }],
      arguments: [],
      sessions: [],
    });
    expect(data.users).toHaveLength(1);
    expect(data.users[0]).toMatchObject({
      id: somebody.at[8],
      email: somebody.email,
      phoneNumber: '0612345678',
      extraData: { bio: 'overal', hobby: 'vissen' },
    });
    expect([each(data.ideas, 'id'), each(data.articles, 'id'), each(data.votes, 'id')]).toEqual([
      [idea],
      [hidden],
      [vote],
    ]);
    expect(data.votes[0].ip).toBe('192.0.2.99');
    for (const secret of ['alleen op tien', 'Op tien', 'a secret of theirs']) expect(text).not.toContain(secret);
    expect((await office.call('authentication', 'GET', of(somebody, '/export'))).status).toBe(403);
  });
});
