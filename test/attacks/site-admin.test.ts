import { setTimeout as pause } from 'node:timers/promises';
import type { JsonObject } from '../../src/domain/json.ts';
import { refusal, startSentences, user, users, type SentenceWorld } from '../journeys/sentences/support/world.ts';
import { until } from '../support/until.ts';
import { roleIds, writeThere, type Somebody } from '../journeys/sentences/support/people.ts';

/** An admin of one site, among sites of strangers at the same OAuth server. */
const [mine, theirs, wrong, removed, ended] = [8, 9, 10, 11, 13];
/** An OAuth client that none of our sites is registered as: another application's. */
const foreign = 19;
let s: SentenceWorld;
let boss: Somebody;
beforeAll(async () => {
  s = await startSentences(
    {
      [mine]: {},
      [theirs]: {},
      // Was registered as the same client, once.
      [removed]: { client: mine, deleted: true },
      [ended]: { config: { project: { projectHasEnded: true } } },
      // Somebody else's client, and not its secret: kept before anybody tried it.
      [wrong]: { oauth: (address) => ({ default: settingsOf(foreign, address, 'not-this-one') }) },
    },
    { oauthTimeLimitMs: 3000 },
  );
  boss = await s.person({ at: { [mine]: 'admin' } });
});
afterAll(() => s.close());

const settingsOf = (client: number, address: string, secret = `peer-secret-${client}`): JsonObject => ({
  'auth-server-url': address,
  'auth-client-id': `peer-client-${client}`,
  'auth-client-secret': secret,
});
const site = (id: number): string => `/api/site/${id}`;
const configOf = async (id: number): Promise<JsonObject> =>
  (await s.world.container.ports.sites.readNow([id]))[0]!.rawConfig;
const change = (who: number | string, oauth: unknown, id = mine) => s.put(who, site(id), { config: { oauth } });
const removal = (headers: Headers): string | null => headers.get('x-oauth-removal');

describe('OAuth settings of a site', () => {
  test.each([
    ['the client of another site', () => ({ default: settingsOf(theirs, s.world.oauth.url, 'garbage') })],
    ['another secret', () => ({ default: { 'auth-client-secret': 'garbage' } })],
    [
      'a server of their own',
      () => ({ default: settingsOf(mine, s.world.oauth.url.replace('127.0.0.1', 'localhost')) }),
    ],
    ['pages of somebody else that say who logs in', () => ({ default: { 'auth-server-get-user-path': '/me.json' } })],
    ['another name for the way out', () => ({ default: { 'auth-server-logout-path': '/uit' } })],
    ['one more set', () => ({ second: settingsOf(theirs, s.world.oauth.url) })],
    ['nothing', () => null],
  ])('were theirs to change: %s', async (_what, oauth) => {
    const before = await configOf(mine);

    const answer = await change(boss.at[mine]!, oauth());

    expect(refusal(answer).at(0)).not.toBe(200);
    expect(await configOf(mine)).toEqual(before);
    if (answer.status !== 422) expect(refusal(answer)).toEqual([403, 'platform-admin-needed', 'config.oauth']);
  });

  test('may be sent back as they are shown', async () => {
    const { config } = (await s.get(boss.at[mine]!, site(mine))).body;

    const answer = await s.put(boss.at[mine]!, site(mine), { title: 'Mijn site', config });

    expect([answer.status, answer.body.title]).toEqual([200, 'Mijn site']);
  });
});

describe('Credentials', () => {
  test.each([
    ['another client, and not its secret', () => settingsOf(theirs, s.world.oauth.url, 'garbage')],
    ['a wrong secret', () => ({ 'auth-client-secret': 'garbage' })],
  ])('were kept before anybody tried them: %s', async (_what, settings) => {
    const before = await configOf(mine);

    const answer = await change('admin', { default: settings() });

    expect([answer.status, answer.body.errors]).toEqual([
      422,
      [{ pointer: '/config/oauth/default/auth-client-secret', detail: expect.any(String) }],
    ]);
    expect(await configOf(mine)).toEqual(before);
    expect(answer.text + s.world.log()).not.toContain('garbage');
  });

  test('of a new site are tried as well, and no site is made', async () => {
    const oauth = { default: settingsOf(theirs, s.world.oauth.url, 'garbage') };

    const answer = await s.post('admin', '/api/site', { domain: 'nieuw.example.org', config: { oauth } });

    expect([answer.status, answer.body.errors[0].pointer]).toEqual([422, '/config/oauth/default/auth-client-secret']);
    expect((await s.get('admin', '/api/site/nieuw.example.org')).status).toBe(404);
  });

  test.each([
    ['html-500', 502],
    ['refuse', 502],
    ['hang', 504],
  ] as const)('are not kept while the server says nothing of them (%s)', async (mode, status) => {
    const before = await configOf(mine);
    await s.world.oauth.proxy.behave(mode);

    const answer = await change('admin', { default: settingsOf(theirs, s.world.oauth.url) });

    await s.world.oauth.proxy.behave('pass');
    expect([answer.status, await configOf(mine)]).toEqual([status, before]);
  });

  test('are tried only when they change', async () => {
    await s.world.oauth.proxy.behave('hang');

    const answer = await s.put('admin', site(mine), {
      title: 'Nog steeds',
      config: { oauth: { default: { 'auth-server-login-path': '/in?uri=[[redirectUrl]]' } } },
    });

    await s.world.oauth.proxy.behave('pass');
    expect(answer.status).toBe(200);
  });

  test('that became others while they were tried are not kept: nobody tried those', async () => {
    const { ports } = s.world.container;
    const idAndSecret = { 'auth-client-id': 'peer-client-12', 'auth-client-secret': 'peer-secret-12' };
    // Somebody else has the settings name another address just now, with its own secret.
    const asked = await ports.inOneTransaction(async () => {
      const { rawConfig, ...site } = (await ports.sites.locked(mine))!;
      const answer = change('admin', { default: idAndSecret });
      await pause(400);
      const moved = {
        ...settingsOf(mine, `${s.world.oauth.url}/other`),
        'auth-internal-server-url': s.world.oauth.url,
      };
      await ports.sites.save(mine, { ...site, config: { ...rawConfig, oauth: { default: moved } } }, new Date());
      return { answer };
    });

    const answer = await asked.answer;

    expect([answer.status, answer.body.type]).toEqual([503, '/problems/busy']);
    expect(JSON.stringify(await configOf(mine))).not.toContain('peer-client-12');
    expect((await change('admin', { default: settingsOf(mine, s.world.oauth.url) })).status).toBe(200);
  });

  test('that the server takes are kept', async () => {
    const answer = await change('admin', { default: settingsOf(12, s.world.oauth.url) });

    expect(answer.status).toBe(200);
    expect((await change('admin', { default: settingsOf(mine, s.world.oauth.url) })).status).toBe(200);
  });
});

describe('A site that names a client of somebody else with a wrong secret', () => {
  test('had people removed at the OAuth server who are members of that other application', async () => {
    const somebody = await s.person({ at: { [wrong]: 'member' } });

    const { status, headers } = await s.put('admin', `${user(wrong, somebody.at[wrong]!)}/do-anonymizeall`);

    expect([status, removal(headers)]).toEqual([200, 'pending']);
    expect(s.there(somebody.externalId)?.roles).toEqual({ [`peer-client-${foreign}`]: 'member' });
  });

  test('had people of other sites removed who are members of that other application', async () => {
    const somebody = await s.person({ at: { [theirs]: 'member', [wrong]: 'member' } });
    await s.world.container.database.rows.users.destroy({ where: { id: somebody.at[wrong]! } });

    const { headers } = await s.put('admin', `${user(theirs, somebody.at[theirs]!)}/do-anonymizeall`);

    expect(removal(headers)).toBe('pending');
    expect(s.there(somebody.externalId)).toBeDefined();
  });

  test('keeps nobody whom nothing holds there', async () => {
    const somebody = await s.person({ at: { [theirs]: 'member' } });

    const { headers } = await s.put('admin', `${user(theirs, somebody.at[theirs]!)}/do-anonymizeall`);

    expect(removal(headers)).toBe('done');
    expect(s.there(somebody.externalId)).toBeUndefined();
  });

  test('hinders no other site: people are read, changed, given roles and added there', async () => {
    const somebody = await s.person({ at: { [theirs]: 'member', [wrong]: 'member' } });
    const address = user(theirs, somebody.at[theirs]!);

    const answers = [
      await s.get('admin', address, { 'cache-control': 'no-cache' }),
      await s.put('admin', address, { city: 'Sneek' }),
      await s.put('admin', address, { role: 'editor' }),
      await s.put('admin', user(wrong, somebody.at[wrong]!), { city: 'Leeuwarden' }),
      await s.post('admin', users(theirs), { email: 'nieuw-bij-hen@example.org' }),
    ];

    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 201]);
    expect(s.there(somebody.externalId)).toMatchObject({ city: 'Leeuwarden', roles: { 'peer-client-9': 'editor' } });
  });

  test.each([
    ['it turns out to be registered as another client: they are kept', wrong, 'kept', true],
    ['the client was its own, and the secret is right again: they are removed', foreign, 'removed', false],
  ])('lets removals wait until %s', async (_what, client, outcome, isThere) => {
    const somebody = await s.person({ at: { [wrong]: 'member' } });
    const address = user(wrong, somebody.at[wrong]!);
    await s.put('admin', `${address}/do-anonymizeall`);

    const mended = await change('admin', { default: settingsOf(client, s.world.oauth.url) }, wrong);
    await s.touchOutbox();

    expect(mended.status).toBe(200);
    await until('the removal is decided', async () => {
      const { body } = await s.get('admin', `${address}/anonymization`);
      return body.oauth.removal === outcome;
    });
    expect(s.there(somebody.externalId) !== undefined).toBe(isThere);
    await s.touch('sites', wrong, {
      config: { oauth: { default: settingsOf(foreign, s.world.oauth.url, 'not-this') } },
    });
    await s.world.container.ports.changes.announce({ kind: 'site', id: wrong });
  });
});

test('the preview of a whole site told of an added row whether its person was at another site', async () => {
  const chief = await s.person({ at: { [ended]: 'admin' } });
  const known = await s.person({ at: { [theirs]: 'member' } });
  const previewWith = async (email: string) => {
    const { body: added } = await s.post(chief.at[ended]!, users(ended), { email });
    const { body } = await s.put(chief.at[ended]!, `/api/site/${ended}/will-anonymize-all-users`);
    await s.world.container.database.rows.users.destroy({ where: { id: added.id } });
    return [body.users, body.persons, body.oauth] as readonly unknown[];
  };

  const answers = [await previewWith(known.email), await previewWith('nieuw-in-de-telling@example.org')];

  expect(answers).toEqual([
    [1, 1, { removed: 0, kept: 0 }],
    [1, 1, { removed: 0, kept: 0 }],
  ]);
});

describe('a user named by a fixed token, whose role holds everywhere', () => {
  /** The user of the fixed token `member`, as a person with another row beside, at the same OAuth client. */
  const tokensUser = 4;
  const besideOf = async (said: object = {}): Promise<number> => {
    const person = await s.person({ at: { 1: 'member' } });
    await s.touch('users', tokensUser, { personId: person.id, slot: 1, externalUserId: String(person.externalId) });
    await s.touch('users', person.at[1]!, said);
    return person.at[1]!;
  };
  afterAll(() => s.touch('users', tokensUser, { personId: null, slot: 0, externalUserId: null }));

  test.each(['admin', 'moderator', 'anonymous'])(
    'is made %s by no admin of a site, through another row of the same person either',
    async (role) => {
      const chief = await s.person({ at: { 1: 'admin' } });
      const other = await besideOf();
      const { result, writes } = await s.writesDuring(() => s.put(chief.at[1]!, user(1, other), { role }));
      expect([refusal(result), writes]).toEqual([[403, 'platform-admin-needed', 'role'], 0]);
      expect((await s.get('member', '/api/site')).status).toBe(403);
      expect((await s.row(tokensUser))?.role).toBe('member');
    },
  );

  test.each([{ email: 'mine@evil.example' }, { phoneNumber: '0600000000' }])(
    'is given no other way to log in by an admin of a site: %j',
    async (change) => {
      const chief = await s.person({ at: { 1: 'admin' } });
      const answer = await s.put(chief.at[1]!, user(1, await besideOf()), change);
      expect(refusal(answer)).toEqual([403, 'platform-admin-needed', Object.keys(change)[0]]);
    },
  );

  describe('is given no role by an admin of a site who adds them, where their row is at a site of the same client that is gone', () => {
    const addedWith = async (present: 'member' | 'moderator' | null, asked: object) => {
      const person = await s.person({ at: { 1: 'member' } });
      await writeThere(s.world, person.externalId, { roles: present === null ? {} : { [mine]: roleIds[present] } });
      await s.touch('users', person.at[1]!, { deletedAt: new Date() });
      await s.touch('users', tokensUser, {
        ...{ siteId: removed, personId: person.id, slot: 0, externalUserId: String(person.externalId) },
      });
      return s.writesDuring(() => s.post(boss.at[mine]!, users(mine), { email: person.email, ...asked }));
    };
    afterEach(() => s.touch('users', tokensUser, { siteId: 1, slot: 1 }));

    test.each([
      [null, { role: 'admin' }],
      ['member', { role: 'admin' }],
      [null, {}],
    ] as const)('who is %s there, by %j', async (present, asked) => {
      const { result, writes } = await addedWith(present, asked);
      expect([refusal(result), writes]).toEqual([[403, 'platform-admin-needed', 'role'], 0]);
      expect([(await s.row(tokensUser))?.role, (await s.get('member', '/api/site')).status]).toEqual(['member', 403]);
    });

    test('and is added where they keep the role that they have there', async () => {
      const { result } = await addedWith('moderator', {});
      expect(result.status).toBe(201);
    });
  });

  test('had no bounds as the owner of a row with a higher role: a member’s token set the way in of an admin', async () => {
    const person = await s.person({ at: { 1: 'member', [mine]: 'admin' } });
    await s.touch('users', tokensUser, { personId: person.id, slot: 1, externalUserId: String(person.externalId) });
    const rowOfAdmin = user(mine, person.at[mine]!);
    const before = s.there(person.externalId);

    const answers = [
      await s.put('member', user(1, person.at[1]!), { phoneNumber: '0699999999' }),
      await s.put('member', rowOfAdmin, { phoneNumber: '0699999999' }),
      await s.put('member', rowOfAdmin, { detailsViewableByRole: 'all' }),
      await s.put('member', rowOfAdmin, { listableByRole: 'all' }),
      await s.remove('member', rowOfAdmin),
      await s.put('member', `${rowOfAdmin}/do-anonymize`),
    ];

    expect(answers.map(refusal)).toEqual([
      [403, 'staff-by-own-site', 'phoneNumber'],
      [403, 'owner-by-own-site', 'phoneNumber'],
      [403, 'owner-by-own-site', 'detailsViewableByRole'],
      [403, 'owner-by-own-site', 'listableByRole'],
      [403, 'staff-by-own-site'],
      [403, 'staff-by-own-site'],
    ]);
    expect(s.there(person.externalId)).toEqual(before);
    // What no role has to do with is the owner's.
    expect((await s.put('member', rowOfAdmin, { city: 'Ede' })).body.city).toBe('Ede');
  });

  test('is the platform admins’ to change', async () => {
    const other = await besideOf();
    expect((await s.put('admin', user(1, other), { role: 'moderator' })).body.role).toBe('moderator');
    expect((await s.row(tokensUser))?.role).toBe('moderator');
    expect((await s.put('admin', user(1, other), { role: 'member' })).status).toBe(200);
  });
});

describe('An admin who adds somebody by their address as admin, and so', () => {
  const added = async (role: string): Promise<{ victim: Somebody; row: number; path: string }> => {
    const victim = await s.person({ at: { [theirs]: 'member' } });
    const { status, body } = await s.post(boss.at[mine]!, users(mine), { email: victim.email, role });
    expect(status).toBe(201);
    return { victim, row: body.id as number, path: user(theirs, victim.at[theirs]!) };
  };
  let editor: number;
  let adder: number;
  beforeAll(async () => {
    editor = (await s.person({ at: { [theirs]: 'editor' } })).at[theirs]!;
    adder = (await s.person({ at: { 1: 'moderator' } })).at[1]!;
  });

  test('kept them from being forgotten by themselves, wherever they are', async () => {
    const { victim, row, path } = await added('admin');
    const answer = await s.put(victim.at[theirs]!, `${path}/do-anonymizeall`, {});
    expect(refusal(answer)).toEqual([200]);
    expect((await s.row(row))?.anonymizedAt).not.toBeNull();
  });

  test('kept them from deleting themselves, and those of their own site from mending a name, or from being added elsewhere', async () => {
    const { victim, path } = await added('admin');
    expect(refusal(await s.put(editor, path, { firstName: 'Hersteld' }))).toEqual([200]);
    expect(s.there(victim.externalId)?.firstName).toBe('Hersteld');
    expect((await s.post(adder, users(1), { email: victim.email })).status).toBe(201);
    expect(refusal(await s.remove(victim.at[theirs]!, path))).toEqual([200]);
  });

  test('kept others from changing by what a member logs in; whoever is to be staff there is not to be taken over before', async () => {
    const member = await added('member');
    expect((await s.put(editor, member.path, { email: 'hersteld@example.org' })).status).toBe(200);
    expect((await s.put(member.victim.at[theirs]!, member.path, { phoneNumber: '0655555555' })).status).toBe(200);
    const staff = await added('admin');
    expect(refusal(await s.put(editor, staff.path, { email: 'mine@evil.example' }))).toEqual([
      403,
      'not-editor-everywhere',
      'email',
    ]);
    expect(refusal(await s.put(staff.victim.at[theirs]!, staff.path, { phoneNumber: '0655555555' }))).toEqual([
      403,
      'staff-by-own-site',
      'phoneNumber',
    ]);
  });

  test('counted as admin from their first login there', async () => {
    const { victim, row, path } = await added('admin');
    await s.touch('users', row, { profileWithheld: false });
    expect(refusal(await s.put(editor, path, { firstName: 'Hersteld' }))).toEqual([403, 'higher-role-elsewhere']);
    expect(refusal(await s.put(victim.at[theirs]!, `${path}/do-anonymizeall`, {}))).toEqual([403, 'staff-by-own-site']);
    expect(refusal(await s.post(adder, users(1), { email: victim.email }))).toEqual([403, 'higher-role-elsewhere']);
  });
});
