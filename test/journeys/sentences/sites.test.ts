import { mask } from '../../../src/domain/sites/masked-config.ts';
import { isJsonObject, type Json, type JsonObject } from '../../../src/domain/json.ts';
import { objectOf } from '../../../src/db/rows/values.ts';
import { sql } from '../../../src/db/sql.ts';
import { each, refusal, startSentences, user, users, type SentenceWorld } from './support/world.ts';

/** user-api.md §3 "Around it", what it says about changing sites; docs/adr/0011. */
const [mine, ended, lively, old, gone] = [11, 12, 13, 14, 15];
const secretConfig: JsonObject = {
  basicAuth: { active: true, user: 'u', password: 'hush-hush' },
  hooks: [
    { url: 'https://a.example', token: 'hush-1' },
    { url: 'https://b.example', token: 'hush-2' },
  ],
  cms: { url: 'https://me:hush-pw@cms.example/x', somethingNobodyReads: [1, { deep: null }] },
  allowedDomains: ['www.example.org'],
};
let s: SentenceWorld;
let site: string;
beforeAll(async () => {
  s = await startSentences({
    [mine]: { config: secretConfig },
    [ended]: { config: { project: { projectHasEnded: true } } },
    [lively]: { config: { project: { projectHasEnded: true } } },
    // What OpenStad or history may have left there: nobody would accept it today.
    [old]: {
      config: {
        votes: { isActive: 'yes', isActiveFrom: 'soon' },
        users: { viewableByRole: 'boss' },
        allowedDomains: 'all',
      },
    },
    [gone]: { deleted: true },
  });
  site = `/api/site/${mine}`;
});
afterAll(() => s.close());

/** The config as it stands in the database, secrets included. */
const stored = async (id = mine): Promise<JsonObject> => {
  const [row] = await s.world.container.database.select(sql`SELECT config FROM sites WHERE id = ${id}`);
  return objectOf(row?.['config']);
};
const at = (value: Json | undefined, ...path: readonly string[]): Json | undefined =>
  path.reduce<Json | undefined>((inner, key) => (isJsonObject(inner) ? inner[key] : undefined), value);
const pointers = (answer: Awaited<ReturnType<SentenceWorld['put']>>) => [
  answer.status,
  ...each(answer.body.errors ?? [], 'pointer'),
];
/** Somebody with this role at the site, by their own session. */
const somebody = async (role: 'admin' | 'editor' | 'moderator' | 'member', id = mine) =>
  (await s.person({ at: { [id]: role } })).at[id]!;

describe('a site is called so that people can tell it apart', () => {
  const unreadable = [
    '   ',
    '\u200B\u2060',
    'Plein\nPark',
    '\tPlein',
    'Plein\u2028',
    '\u202Enielp',
    'Plein \u2066x',
    'a\u2069',
  ];
  test.each(unreadable)('and not %j', async (line) => {
    for (const key of ['name', 'title']) {
      expect(pointers(await s.put('admin', site, { [key]: line }))).toEqual([422, `/${key}`]);
      const fresh = { domain: 'unreadable.example.org', [key]: line };
      expect(pointers(await s.post('admin', '/api/site', fresh))).toEqual([422, `/${key}`]);
    }
  });

  test('what it is called already may stay', async () => {
    const title = (await s.get('admin', site)).body.title as string;
    await s.touch('sites', mine, { title: 'Plein\u202E' });
    // What was read before is forgotten with a change.
    await s.put('admin', site, { name: 'y' });
    expect(pointers(await s.put('admin', site, { title: 'Plein\u202E', name: 'x' }))).toEqual([200]);
    expect(pointers(await s.put('admin', site, { title: 'Park\u202E' }))).toEqual([422, '/title']);
    expect(pointers(await s.put('admin', site, { title: 'حديقة – Парк 😀' }))).toEqual([200]);
    await s.put('admin', site, { title });
  });
});

describe('GET and POST /api/site are for platform admins', () => {
  test.each([
    ['nobody', null, [401]],
    ['a member', 'member', [403, 'platform-admin-needed']],
    ['a moderator', 'moderator', [403, 'platform-admin-needed']],
    ['an editor', 'editor', [403, 'platform-admin-needed']],
    ['an admin of one site', 2, [403, 'platform-admin-needed']],
  ])('and not for %s', async (_who, who, expected) => {
    expect(refusal(await s.get(who, '/api/site'))).toEqual(expected);
    expect(refusal(await s.post(who, '/api/site', { domain: 'x.example.org' }))).toEqual(expected);
  });

  test('a site is made with what is said of it, is found at once, and takes users', async () => {
    const answer = await s.post('admin', '/api/site', {
      name: 'nieuw',
      title: 'Jansen & Zn <b>1 < 2</b> 😀',
      domain: 'Nieuw.Example.ORG',
      config: {
        users: { canCreateNewUsers: true },
        oauth: (await stored(1))['oauth']!,
        somethingNobodyReads: 'blijft',
      },
    });

    expect([answer.status, answer.headers.get('location')]).toEqual([201, `/api/site/${answer.body.id}`]);
    expect(answer.body).toMatchObject({
      name: 'nieuw',
      title: 'Jansen & Zn <b>1 < 2</b> 😀',
      domain: 'nieuw.example.org',
      areaId: null,
      config: { somethingNobodyReads: 'blijft', oauth: { default: { 'auth-client-secret': mask } } },
    });
    expect((await s.get(null, '/api/site/nieuw.example.org')).body.id).toBe(answer.body.id);
    expect((await s.get('admin', answer.headers.get('location')!)).headers.get('etag')).toBe(
      answer.headers.get('etag'),
    );
    expect(each((await s.get('admin', '/api/site')).body, 'id')).toContain(answer.body.id);
    const made = await s.post('admin', users(answer.body.id as number), { email: 'eerste@example.org' });
    expect([made.status, made.body.siteId]).toEqual([201, answer.body.id]);
  });

  test('it needs a domain, which no other live site has; one of a deleted site is free', async () => {
    const create = (domain: unknown) => s.post('admin', '/api/site', { domain });
    expect(pointers(await s.post('admin', '/api/site', { name: 'x' }))).toEqual([422, '/domain']);
    for (const domain of ['', null, 5, 'a b', 'http://x', '-x-', '12', 'x'.repeat(256), 'é.example'])
      expect(pointers(await create(domain))).toEqual([422, '/domain']);
    for (const domain of ['site1.localhost', 'SITE1.localhost'])
      expect(refusal(await create(domain))).toEqual([409, 'domain-taken']);
    expect((await create(`site${gone}.localhost`)).status).toBe(201);
  });

  test('ten at once with one domain make one site', async () => {
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => s.post('admin', '/api/site', { domain: 'samen.example.org' })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array.from({ length: 9 }, () => 409)]);
  });

  test('every wrong field is named, and nothing is made', async () => {
    const before = (await s.get('admin', '/api/site')).body.length as number;
    const answer = await s.post('admin', '/api/site', {
      name: 5,
      title: 'x'.repeat(256),
      domain: 'fout.example.org',
      areaId: 1.5,
      config: [],
    });
    expect(pointers(answer)).toEqual([422, '/name', '/title', '/areaId', '/config']);
    const odd = await s.post('admin', '/api/site', { title: 'a\u0000b', domain: 'fout.example.org' });
    expect(pointers(odd)).toEqual([422, '/title']);
    expect((await s.get('admin', '/api/site')).body).toHaveLength(before);
  });
});

describe('PUT /api/site/:SITE_ID', () => {
  test.each([
    ['nobody', () => null, [401]],
    ['a member', () => somebody('member'), [403, 'editor-needed']],
    ['a moderator', () => somebody('moderator'), [403, 'editor-needed']],
    ['an editor of another site', () => somebody('editor', 2), [403, 'editor-needed']],
    ['an admin of another site', () => somebody('admin', 2), [403, 'editor-needed']],
    ['an editor', () => somebody('editor'), [200]],
    ['an admin', () => somebody('admin'), [200]],
    ['a fixed token of an editor', () => 'editor', [200]],
  ] as [string, () => Promise<number> | string | null, readonly unknown[]][])(
    'is for editors and above of the site: %s',
    async (_who, who, expected) => {
      expect(refusal(await s.put(await who(), site, { title: `Titel ${_who}` }))).toEqual(expected);
    },
  );

  test('changes what is said and leaves the rest, also by domain', async () => {
    const before = (await s.get('admin', site)).body;
    const answer = await s.put('editor', `/api/site/SITE${mine}.localhost`, {
      title: 'Anders',
      config: { votes: { isViewable: true } },
    });
    expect([answer.status, answer.body.title, answer.body.name]).toEqual([200, 'Anders', before.name]);
    expect(answer.body.config).toEqual({ ...before.config, votes: { isViewable: true } });
    expect((await s.get('admin', site)).body).toEqual(answer.body);
  });

  test('config is merged: null takes a key away, keys that nobody reads stay as they are sent', async () => {
    await s.put('editor', site, { config: { theme: { color: 'red', parts: [1, 2] }, odd: { a: 1, b: null } } });
    const { body } = await s.put('editor', site, { config: { theme: { parts: [3] }, odd: { a: null } } });
    expect(body.config).toMatchObject({ theme: { color: 'red', parts: [3] }, odd: {} });
    expect(await stored()).toMatchObject({ theme: { color: 'red', parts: [3] }, odd: {} });
    expect('a' in (body.config.odd as object)).toBe(false);
  });

  test('what was shown, sent back whole, changes nothing, for editors too', async () => {
    const [before, config] = [await s.get('editor', site), await stored()];
    const answer = await s.put('editor', site, before.body);
    expect([answer.status, answer.headers.get('etag')]).toEqual([200, before.headers.get('etag')]);
    expect(await stored()).toEqual(config);
    expect(answer.text).not.toContain('hush');
  });

  test('a masked value sent back changes nothing, deep inside', async () => {
    const { body } = await s.put('editor', site, {
      config: {
        basicAuth: { active: false, password: mask },
        hooks: [
          { url: 'https://b.example', token: mask },
          { url: 'https://a.example', token: mask },
        ],
        cms: { url: `https://${mask}@cms.example/y` },
      },
    });
    expect(await stored()).toMatchObject({
      basicAuth: { active: false, user: 'u', password: 'hush-hush' },
      hooks: [{ token: 'hush-2' }, { token: 'hush-1' }],
      cms: { url: 'https://me:hush-pw@cms.example/y' },
    });
    expect(JSON.stringify(body)).not.toContain('hush');
  });

  test('a mask that stands for nothing is wrong', async () => {
    const answer = await s.put('editor', site, { config: { smtp: { pass: mask }, nieuw: [{ apiKey: mask }] } });
    expect(pointers(answer)).toEqual([422, '/config/smtp/pass', '/config/nieuw/0/apiKey']);
  });

  test('every wrong value is named, and nothing changes', async () => {
    const before = await stored();
    const answer = await s.put('admin', site, {
      config: {
        allowedDomains: ['https://x'],
        project: { projectHasEnded: 'yes' },
        users: { viewableByRole: 'boss', extraData: { bio: { auth: { viewableBy: 'everybody' } } }, anonymize: 'x' },
        votes: { isActiveFrom: 'gisteren' },
        anonymize: { maxListed: 0 },
        oauth: { default: { 'auth-server-url': 'ftp://x' } },
      },
    });
    expect(pointers(answer).sort()).toEqual(
      [
        '/config/allowedDomains/0',
        '/config/anonymize/maxListed',
        '/config/oauth/default/auth-server-url',
        '/config/project/projectHasEnded',
        '/config/users/anonymize',
        '/config/users/extraData/bio/auth/viewableBy',
        '/config/users/viewableByRole',
        '/config/votes/isActiveFrom',
        422,
      ].sort(),
    );
    expect(await stored()).toEqual(before);
    for (const key of ['__proto__', 'constructor', 'prototype'])
      expect((await s.put('admin', site, `{"config":{"x":{"${key}":{"a":1}}}}`)).status).toBe(422);
  });

  test('an old value that nobody would accept today may be sent back, and may be mended', async () => {
    const address = `/api/site/${old}`;
    const { body } = await s.get('admin', address);
    expect((await s.put('editor', address, { ...body, title: 'Anders' })).status).toBe(200);
    expect(pointers(await s.put('editor', address, { config: { votes: { isActive: 'no' } } }))).toEqual([
      422,
      '/config/votes/isActive',
    ]);
    expect((await s.put('editor', address, { config: { votes: { isActive: true } } })).status).toBe(200);
  });

  test('oauth.* is for platform admins, allowedDomains and the domain for admins: what would change counts, not what is sent', async () => {
    const editor = await somebody('editor');
    for (const [config, field] of [
      [{ oauth: { default: { 'auth-client-secret': 'peer-secret-1' } } }, 'config.oauth'],
      [{ oauth: { default: { 'auth-server-login-path': '/x' } } }, 'config.oauth'],
      [{ oauth: null }, 'config.oauth'],
      [{ allowedDomains: ['evil.example'] }, 'config.allowedDomains'],
      [{ allowedDomains: null }, 'config.allowedDomains'],
    ] as [JsonObject, string][]) {
      for (const who of [editor, 'editor'])
        expect(refusal(await s.put(who, site, { title: 'Nee', config }))).toEqual([
          403,
          field === 'config.oauth' ? 'platform-admin-needed' : 'admin-needed',
          field,
        ]);
    }
    expect(refusal(await s.put(editor, site, { title: 'Nee', domain: 'evil.example' }))).toEqual([
      403,
      'admin-needed',
      'domain',
    ]);
    expect((await s.get(null, site)).body.title).not.toBe('Nee');
    const { config } = (await s.get('admin', site)).body;
    const same = { oauth: config.oauth, allowedDomains: config.allowedDomains };
    expect((await s.put(editor, site, { title: 'Ja', config: same })).status).toBe(200);
    const admin = await somebody('admin');
    expect(
      (await s.put(admin, site, { config: { allowedDomains: ['www.example.org', 'nieuw.example'] } })).status,
    ).toBe(200);
    expect(
      (await s.get(null, users(mine), { origin: 'https://nieuw.example' })).headers.get('access-control-allow-origin'),
    ).toBe('https://nieuw.example');
  });

  test('address, client id and secret are one set: who changes the address or id gives the secret anew', async () => {
    const elsewhere = s.world.oauth.url.replace('127.0.0.1', 'localhost');
    const put = (settings: JsonObject) => s.put('admin', site, { config: { oauth: { default: settings } } });
    const needed = [422, '/config/oauth/default/auth-client-secret'];
    for (const settings of [
      { 'auth-client-id': 'peer-client-1' },
      { 'auth-client-id': 'peer-client-1', 'auth-client-secret': mask },
      { 'auth-internal-server-url': `${s.world.oauth.url}/x` },
      { adapter: 'oidc' },
    ])
      expect(pointers(await put(settings))).toEqual(needed);
    expect(pointers(await put({ 'auth-server-url': elsewhere, 'auth-client-secret': 'x' }))).toEqual([
      422,
      '/config/oauth/default/auth-server-url',
    ]);
    expect((await put({ 'auth-client-id': 'peer-client-1', 'auth-client-secret': 'peer-secret-1' })).status).toBe(200);
    expect(at(await stored(), 'oauth', 'default', 'auth-client-secret')).toBe('peer-secret-1');
    expect(
      (await put({ 'auth-client-id': `peer-client-${mine}`, 'auth-client-secret': `peer-secret-${mine}` })).status,
    ).toBe(200);
  });

  test('whoever has another issuer after that keeps their row and person', async () => {
    const id = lively;
    const userId = await somebody('member', id);
    const before = await s.row(userId);
    const settings = {
      'auth-server-url': `${s.world.oauth.url}/other`,
      'auth-internal-server-url': s.world.oauth.url,
      'auth-client-secret': `peer-secret-${id}`,
    };
    expect((await s.put('admin', `/api/site/${id}`, { config: { oauth: { default: settings } } })).status).toBe(200);
    expect((await s.row(userId))?.personId).toBe(before?.personId);
    expect((await s.get(userId, user(id, userId))).status).toBe(200);
  });

  test('a domain is one site’s: 409 for another’s, its own may be sent back', async () => {
    expect(refusal(await s.put('admin', site, { domain: 'SITE1.localhost' }))).toEqual([409, 'domain-taken']);
    expect(refusal(await s.put('editor', site, { domain: 'SITE1.localhost' }))).toEqual([
      403,
      'admin-needed',
      'domain',
    ]);
    expect((await s.put('editor', site, { domain: `SITE${mine}.localhost` })).body.domain).toBe(
      `site${mine}.localhost`,
    );
    expect((await s.put('admin', site, { domain: 'verhuisd.example.org' })).status).toBe(200);
    expect((await s.get(null, '/api/site/verhuisd.example.org')).body.id).toBe(mine);
    expect((await s.get(null, `/api/site/site${mine}.localhost`)).status).toBe(404);
    expect((await s.put('admin', site, { domain: `site${mine}.localhost` })).status).toBe(200);
  });

  test('with If-Match it changes what was seen, or nothing', async () => {
    const seen = await s.get('editor', site);
    const tag = { 'if-match': seen.headers.get('etag')! };
    const first = await s.put('editor', site, { title: 'Gezien' }, tag);
    const second = await s.put('editor', site, { title: 'Niet gezien' }, tag);
    expect([first.status, second.status, second.body.type]).toEqual([200, 412, '/problems/precondition-failed']);
    expect((await s.put('editor', site, { title: 'Weer' }, { 'if-match': first.headers.get('etag')! })).status).toBe(
      200,
    );
    const again = await s.get('editor', site);
    expect((await s.get('editor', site, { 'if-none-match': again.headers.get('etag')! })).status).toBe(304);
  });

  test('twenty at once lose nothing, in two instances', async () => {
    await s.beside({}, async (url) => {
      const calls = [s.world.call, s.world.at(url)] as const;
      const answers = await Promise.all(
        Array.from({ length: 20 }, (_none, index) =>
          calls[index % 2 === 0 ? 0 : 1]('editor', 'PUT', site, { config: { many: { [`key${index}`]: index } } }),
        ),
      );
      // Whoever waited for too many others is told so, and has changed nothing.
      const done = answers.flatMap(({ status }, index) => (status === 200 ? [`key${index}`] : []));
      expect(answers.filter(({ status }) => ![200, 503].includes(status))).toEqual([]);
      expect(done.length).toBeGreaterThan(10);
      expect(Object.keys(at(await stored(), 'many') as JsonObject).sort()).toEqual([...done].sort());
    });
  });

  test('takes a body of up to 1 MB; elsewhere it is 256 kB', async () => {
    const big = (bytes: number) => ({ config: { big: 'x'.repeat(bytes) } });
    expect((await s.put('editor', site, big(1_000_000))).status).toBe(200);
    const tooBig = await s.put('editor', site, big(1_048_576));
    expect([tooBig.status, tooBig.body.limit]).toEqual([413, '1 MB']);
    expect((await s.put('editor', user(1, 4), { firstName: 'x'.repeat(300_000) })).body.limit).toBe('256 kB');
    expect((await s.put('editor', site, { config: { big: null } })).status).toBe(200);
  });

  test('a config does not grow for ever: what is there and what comes together hold 1 MB', async () => {
    const part = (key: string, value: string | null) => s.put('editor', site, { config: { [key]: value } });
    const text = 'x'.repeat(700_000);
    expect((await part('part1', text)).status).toBe(200);
    expect(pointers(await part('part2', text))).toEqual([422, '/config']);
    expect(await stored()).not.toHaveProperty('part2');
    expect([(await part('part1', null)).status, (await part('part2', 'x')).status]).toEqual([200, 200]);
    expect((await part('part2', null)).status).toBe(200);
  });

  test('is 404 for a site that is gone, and leaves a line without a value in the log', async () => {
    expect((await s.put('admin', `/api/site/${gone}`, {})).status).toBe(404);
    await s.put('admin', site, { config: { smtp: { pass: 'hush-in-the-log' } } });
    expect(s.world.log()).toContain('"changed":["config.smtp"]');
    expect(s.world.log()).not.toContain('hush');
  });
});

describe('DELETE /api/site/:SITE_ID', () => {
  test.each([
    ['nobody', () => null, [401]],
    ['an editor', () => somebody('editor', ended), [403, 'admin-needed']],
    ['an admin of another site', () => somebody('admin', 2), [403, 'admin-needed']],
  ] as [string, () => Promise<number> | null, readonly unknown[]][])(
    'is for admins of the site, not for %s',
    async (_who, who, expected) => {
      expect(refusal(await s.remove(await who(), `/api/site/${ended}`))).toEqual(expected);
    },
  );

  test('a site that has not ended cannot be deleted', async () => {
    expect(refusal(await s.remove('admin', site))).toEqual([409, 'site-has-not-ended']);
    expect((await s.get(null, site)).status).toBe(200);
  });

  test('nor one with members that are not anonymized, soft-deleted ones included', async () => {
    const address = `/api/site/${ended}`;
    for (const row of (await s.get('admin', users(ended))).body as { id: number }[])
      await s.put('admin', `${user(ended, row.id)}/do-anonymize`);
    const hidden = await s.person({
      at: { [ended]: 'member' },
      columns: { deletedAt: new Date('2024-05-05T00:00:00Z') },
    });
    expect(refusal(await s.remove('admin', address))).toEqual([409, 'site-has-people']);

    await s.touch('users', hidden.at[ended]!, { deletedAt: null });
    const one = await s.person({ at: { [ended]: 'member' } });
    await s.put('admin', `${user(ended, hidden.at[ended]!)}/do-anonymize`);
    expect(refusal(await s.remove('admin', address))).toEqual([409, 'site-has-people']);
    await s.put('admin', `${user(ended, one.at[ended]!)}/do-anonymize`);

    const answer = await s.remove('admin', address);
    expect([answer.status, answer.body]).toEqual([200, { site: 'deleted' }]);
    for (const path of [address, users(ended), `/api/site/site${ended}.localhost`])
      expect((await s.get('admin', path)).status).toBe(404);
    expect((await s.remove('admin', address)).status).toBe(404);
    expect(each((await s.get('admin', '/api/site')).body, 'id')).not.toContain(ended);
    // What people contributed, and what is left of them, stays.
    expect((await s.row(one.at[ended]!))?.siteId).toBe(ended);
  });
});
