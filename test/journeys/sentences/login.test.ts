import { decodeJwt } from 'jose';
import { startApp } from '../../../src/lifecycle.ts';
import { loadConfig } from '../../../src/config/index.ts';
import { createContainer, loggerOf } from '../../../src/container.ts';
import { raw, sql } from '../../../src/db/sql.ts';
import { fixedTokens } from '../../support/recorded-world.ts';
import { aVisitor, logInAs, upToDigest, type Visitor } from '../../support/visitor.ts';
import { personThere, writeThere } from './support/people.ts';
import { startSentences, user, whenTold, type SentenceWorld } from './support/world.ts';

/** oauth-server.md §4, over HTTP through the development OAuth server's own pages. */
let s: SentenceWorld;
const [open, closed, second, bare] = [11, 12, 13, 14];
const allowedDomains = ['city.example', '127.0.0.1'];
beforeAll(async () => {
  const client = (id: number, url: string) => ({
    'auth-server-url': url,
    'auth-client-id': `peer-client-${id}`,
    'auth-client-secret': `peer-secret-${id}`,
  });
  s = await startSentences(
    {
      [open]: { config: { allowedDomains, users: { extraData: { bio: {} } } } },
      [closed]: { config: { allowedDomains, users: { canCreateNewUsers: false } } },
      [second]: {
        config: { allowedDomains },
        oauth: (url) => ({ default: client(13, url), staff: client(17, url) }),
      },
      [bare]: { config: { allowedDomains }, oauth: () => ({}) },
    },
    whenTold,
  );
});
afterAll(() => s.close());

const flow = (siteId: number | string, redirectUrl = 'https://city.example/page', more = '') => ({
  apiUrl: s.world.url,
  oauthUrl: s.world.oauth.url,
  siteId,
  redirectUrl,
  more,
});
let last = 0;
const somebodyThere = (said: object = {}): Promise<number> =>
  personThere(s.world, {
    email: `login${(last += 1)}@example.org`,
    firstName: 'Loes',
    lastName: 'Log in',
    postcode: '1012AB',
    city: 'Delft',
    ...said,
  });
const me = (siteId: number, token: string) =>
  s.get(null, `/oauth/site/${siteId}/me`, { authorization: `Bearer ${token}` });
const rowsOf = async (externalId: number, siteId: number) =>
  s.world.container.database.select(
    sql`SELECT ${raw('u.*')} FROM users u JOIN civitas_persons p ON p.id = u.personId
        WHERE p.externalId = ${String(externalId)} AND u.siteId = ${siteId} ORDER BY u.id`,
  );
const sessionsOf = async (userId: number) =>
  s.world.container.database.select(sql`SELECT ${raw('*')} FROM civitas_sessions WHERE userId = ${userId}`);

describe('a login', () => {
  test('makes the row of somebody who is new here, and leads back with a token that is them', async () => {
    const externalId = await somebodyThere({ extraData: { bio: ['Overal', { value: 'Hier', siteId: open }] } });

    const done = await logInAs(aVisitor(), flow(open), externalId);

    expect(done.status).toBe(302);
    expect(done.onward).toMatch(/^https:\/\/city\.example\/page\?jwt=/);
    expect([done.headers.get('cache-control'), done.headers.get('referrer-policy')]).toEqual([
      'no-store',
      'no-referrer',
    ]);
    const seen = await me(open, done.token);
    expect(seen.status).toBe(200);
    expect(seen.body).toMatchObject({
      siteId: open,
      complete: true,
      firstName: 'Loes',
      role: 'member',
      extraData: { bio: 'Hier' },
    });
    // What userinfo does not say is asked for at once.
    expect(seen.body.city).toBe('Delft');
    expect(seen.headers.get('cache-control')).toBe('no-store');
    expect(seen.body).not.toHaveProperty('externalUserId');
  });

  test('keeps the access token sealed, and for as long as its session', async () => {
    const externalId = await somebodyThere();

    const { token } = await logInAs(aVisitor(), flow(open), externalId);

    const { userId, jti, exp, iat } = decodeJwt(token);
    expect((exp ?? 0) - (iat ?? 0)).toBe(604_800);
    const [session] = await sessionsOf(Number(userId));
    expect(session).toMatchObject({ jti, provider: 'default' });
    expect(String(session?.['accessToken'])).toMatch(/^v1\./);
    const opened = await s.world.container.ports.sessions.find(String(jti));
    expect(opened?.accessToken).toMatch(/^ey/);
    expect(JSON.stringify([session, await s.row(Number(userId)), s.world.log()])).not.toContain(opened?.accessToken);
  });

  test.each([
    ['a moderator and above lasts twelve hours', 'moderator', 'member', 43_200],
    ['somebody who is that elsewhere only, where it is worth no more, lasts as any other', 'member', 'admin', 604_800],
  ] as const)('of %s', async (_who, here, elsewhere, seconds) => {
    const mo = await s.person({ at: { [open]: here, 1: elsewhere } });

    const { token } = await logInAs(aVisitor(), flow(open), mo.externalId);

    const { exp, iat } = decodeJwt(token);
    expect((exp ?? 0) - (iat ?? 0)).toBe(seconds);
  });

  test('takes the role of its own client', async () => {
    const ed = await s.person({ at: { [second]: 'editor' } });

    const byDefault = await logInAs(aVisitor(), flow(second), ed.externalId);
    expect((await me(second, byDefault.token)).body.role).toBe('editor');

    const byStaff = await logInAs(aVisitor(), flow(second, undefined, '&useOauth=staff'), ed.externalId);
    expect(decodeJwt(byStaff.token)['client']).toBe('staff');
  });

  test('through another client than the one that the site’s roles hang on neither gives nor takes a role', async () => {
    const ed = await s.person({ at: { [second]: 'editor' } });
    const boss = await s.person({ at: { [second]: 'member' } });
    const newcomer = await somebodyThere();
    for (const id of [boss.externalId, newcomer]) await writeThere(s.world, id, { roles: { 17: 1 } });
    const roleByStaff = async (externalId: number): Promise<unknown> => {
      await logInAs(aVisitor(), flow(second, undefined, '&useOauth=staff'), externalId);
      return (await rowsOf(externalId, second))[0]?.['role'];
    };

    expect(await roleByStaff(ed.externalId)).toBe('editor');
    expect(await roleByStaff(boss.externalId)).toBe('member');
    expect(await roleByStaff(newcomer)).toBe('member');
  });

  test('finds the row that is there, and all rows of the person mirror what the server says', async () => {
    const noor = await s.person({ at: { [open]: 'member', 2: 'member' } });
    await writeThere(s.world, noor.externalId, { firstName: 'Noortje' });

    const { token } = await logInAs(aVisitor(), flow(open), noor.externalId);

    expect(decodeJwt(token)['userId']).toBe(noor.at[open]);
    expect((await s.row(noor.at[open]!))?.firstName).toBe('Noortje');
    expect((await s.row(noor.at[2]!))?.firstName).toBe('Noortje');
    expect(await rowsOf(noor.externalId, open)).toHaveLength(1);
  });

  test('remembers when, at its own site', async () => {
    const noor = await s.person({ at: { [open]: 'member', 2: 'member' } });
    const before = Date.now() - 1000;

    await logInAs(aVisitor(), flow(open), noor.externalId);

    expect((await s.row(noor.at[open]!))?.lastLogin.getTime()).toBeGreaterThan(before);
    expect((await s.row(noor.at[2]!))?.lastLogin.getTime()).toBeLessThan(before);
  });

  test('shows the whole profile to whom somebody added by their address', async () => {
    const externalId = await somebodyThere({ email: 'added@example.org' });
    const added = await s.post('admin', `/api/site/${open}/user`, { email: 'added@example.org', firstName: 'Iemand' });
    expect((await s.row(added.body.id))?.firstName).toBe('Iemand');

    const { token } = await logInAs(aVisitor(), flow(open), externalId);

    expect(decodeJwt(token)['userId']).toBe(added.body.id);
    const row = await s.row(added.body.id);
    expect(row).toMatchObject({ firstName: 'Loes', city: 'Delft', profileWithheld: false, complete: true });
  });

  test('revives somebody who was soft-deleted', async () => {
    const noor = await s.person({ at: { [open]: 'member' } });
    await s.touch('users', noor.at[open]!, { deletedAt: new Date('2024-02-03') });

    const { token } = await logInAs(aVisitor(), flow(open), noor.externalId);

    expect(decodeJwt(token)['userId']).toBe(noor.at[open]);
    expect((await s.row(noor.at[open]!))?.deletedAt).toBeNull();
  });

  test('of somebody who was anonymized here makes a new row, and nothing of the old one comes back', async () => {
    const noor = await s.person({
      at: { [open]: 'member', 2: 'member' },
      extraData: { bio: ['Overal', { value: 'Hier', siteId: open }] },
    });
    // The OAuth server takes no write while this site is left: its value has to go later. That nothing was done is certain, so nobody
    // waits for the end of it.
    await s.world.oauth.proxy.behave('401', /^POST \/api\/admin\/user/);
    const left = await s.put('admin', `${user(open, noor.at[open]!)}/do-anonymize`);
    expect(left.headers.get('x-oauth-values')).toBe('pending');
    await s.world.oauth.proxy.behave('pass');

    const { token } = await logInAs(aVisitor(), flow(open), noor.externalId);

    const again = Number(decodeJwt(token)['userId']);
    expect(again).not.toBe(noor.at[open]);
    expect((await s.row(again))?.extraData).toEqual({ bio: 'Overal' });
    expect(s.there(noor.externalId)?.extraData).toEqual({ bio: 'Overal' });
    expect((await s.row(noor.at[open]!))?.firstName).toBe('Gebruiker');
  });

  test('that comes before a waiting removal keeps the person', async () => {
    const noor = await s.person({
      at: { [open]: 'member' },
      extraData: { bio: ['Overal', { value: 'Hier', siteId: open }] },
    });
    // Away before the removal is claimed: it may have happened nowhere.
    await s.world.oauth.proxy.behave('json-500', /\/api\/admin\//);
    const left = await s.put('admin', `${user(open, noor.at[open]!)}/do-anonymizeall`);
    expect(left.headers.get('x-oauth-removal')).toBe('pending');
    await s.world.oauth.proxy.behave('pass');

    const { token } = await logInAs(aVisitor(), flow(open), noor.externalId);
    await s.emptyOutbox();

    expect(await me(open, token)).toMatchObject({ status: 200, body: { extraData: { bio: 'Overal' } } });
    expect(s.there(noor.externalId)).toBeDefined();
  });

  test('meets a person who is just being removed as one to come back for', async () => {
    const noor = await s.person({ at: { [open]: 'member' } });
    await s.world.container.ports.persons.setState(noor.id, 'removing');

    const refused = await logInAs(aVisitor(), flow(open), noor.externalId);

    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5']);
    expect(refused.text).toContain('/problems/person-being-removed');
    await s.world.container.ports.persons.setState(noor.id, 'active');
  });

  test('of a person with a tombstone is refused', async () => {
    const externalId = await somebodyThere();
    await s.world.container.ports.persons.addTombstone(s.world.oauth.url, String(externalId));

    const refused = await logInAs(aVisitor(), flow(open), externalId);

    expect([refused.status, refused.text.includes('/problems/login-refused')]).toEqual([403, true]);
    expect(await rowsOf(externalId, open)).toEqual([]);
  });

  test('at a site that makes no users is for those who are there', async () => {
    const [stranger, noor] = [await somebodyThere(), await s.person({ at: { [closed]: 'member' } })];

    const refused = await logInAs(aVisitor(), flow(closed), stranger);
    const allowed = await logInAs(aVisitor(), flow(closed), noor.externalId);

    expect([refused.status, refused.text.includes('site-creates-no-users'), allowed.status]).toEqual([403, true, 302]);
    expect(await s.world.container.ports.persons.byExternalId(s.world.oauth.url, String(stranger))).toBeNull();
  });

  test('at a site without OAuth server says so', async () => {
    const answer = await aVisitor().open(`${s.world.url}/oauth/site/${bare}/login?redirectUrl=https://city.example/`);

    expect([answer.status, answer.text.includes('/problems/oauth-not-configured')]).toEqual([400, true]);
  });

  test('by the domain of the site', async () => {
    const done = await logInAs(aVisitor(), flow(`site${open}.localhost`), await somebodyThere());

    expect(done.status).toBe(302);
  });

  test('after a forced logout asks who it is again', async () => {
    const [visitor, first, other] = [aVisitor(), await somebodyThere(), await somebodyThere()];
    await logInAs(visitor, flow(open), first);

    const again = await logInAs(visitor, flow(open), other);
    const forced = await visitor.open(
      `${s.world.url}/oauth/site/${open}/login?forceNewLogin=1&redirectUrl=https://city.example/`,
    );
    const page = await visitor.follow(forced, [s.world.oauth.url, s.world.url]);

    // Without force the OAuth server still knows them.
    expect(decodeJwt(again.token)['userId']).not.toBeUndefined();
    expect((await me(open, again.token)).body.firstName).toBe('Loes');
    expect([new URL(page.address).pathname, page.status]).toEqual(['/login', 200]);
  });
});

describe('a login is bound to its browser', () => {
  const begun = async (): Promise<{ visitor: Visitor; digest: string; externalId: number }> => {
    const [visitor, externalId] = [aVisitor(), await somebodyThere()];
    return { visitor, externalId, digest: await upToDigest(visitor, flow(open), externalId) };
  };

  test('another browser that is led to its end is not logged in', async () => {
    const { digest, externalId } = await begun();

    const stolen = await aVisitor().open(digest);

    expect([stolen.status, stolen.onward]).toEqual([403, null]);
    expect(stolen.text).toContain('"reason":"state"');
    expect(await rowsOf(externalId, open)).toEqual([]);
  });

  test('its end counts once, also for who kept the cookie, and with a fresh code', async () => {
    const { visitor, digest } = await begun();
    const kept = visitor.copy();
    expect((await visitor.open(digest)).status).toBe(302);

    const again = await kept.copy().open(digest);
    const fresh = new URL(digest);
    const authorize = `${s.world.oauth.url}/dialog/authorize?response_type=code&client_id=peer-client-${open}&redirect_uri=${encodeURIComponent(`${fresh.origin}/x`)}`;
    const sent = await kept.open(authorize);
    fresh.searchParams.set('code', new URL(sent.onward ?? 'http://none').searchParams.get('code') ?? '');
    const replayed = await kept.open(fresh.href);

    expect([again.status, replayed.status]).toEqual([403, 403]);
    expect(replayed.text).toContain('"reason":"state"');
  });

  test('a code that was used elsewhere is refused', async () => {
    const { visitor, digest } = await begun();
    const code = new URL(digest).searchParams.get('code');
    await fetch(`${s.world.oauth.server.url}/oauth/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        client_id: `peer-client-${open}`,
        client_secret: `peer-secret-${open}`,
        code,
        grant_type: 'authorization_code',
      }),
    });

    const refused = await visitor.open(digest);

    expect([refused.status, refused.text.includes('"reason":"code"')]).toEqual([403, true]);
  });

  test('a changed returnTo changes nothing', async () => {
    const { visitor, digest } = await begun();
    const changed = new URL(digest);
    changed.searchParams.set('returnTo', 'https://evil.org/');

    expect((await visitor.open(changed.href)).onward).toMatch(/^https:\/\/city\.example\/page\?jwt=/);
  });

  test('nothing of it is in the log', async () => {
    const { visitor, digest } = await begun();
    const done = await visitor.open(digest);

    const [code, state] = ['code', 'state'].map((name) => new URL(digest).searchParams.get(name) ?? 'none');
    const token = new URL(done.onward ?? 'http://none').searchParams.get('jwt') ?? 'none';
    for (const secret of [code, state, token, 'login1@', 'Loes', 'city.example'])
      expect(s.world.log()).not.toContain(secret);
  });
});

describe('logging out', () => {
  const loggedIn = async () => {
    const visitor = aVisitor();
    return { visitor, ...(await logInAs(visitor, flow(open), await somebodyThere())) };
  };

  test('by POST ends the session, which other logins outlive', async () => {
    const externalId = await somebodyThere();
    const [one, other] = [
      await logInAs(aVisitor(), flow(open), externalId),
      await logInAs(aVisitor(), flow(open), externalId),
    ];

    const ended = await s.post(null, `/oauth/site/${open}/logout`, undefined, {
      'x-authorization': `Bearer ${one.token}`,
    });

    expect([ended.status, ended.body]).toEqual([200, { session: 'ended' }]);
    expect([(await me(open, one.token)).status, (await me(open, other.token)).status]).toEqual([401, 200]);
  });

  test('by GET ends the session whose token the address carries, and goes on to the OAuth server and back', async () => {
    const { visitor, token } = await loggedIn();

    const out = await visitor.open(
      `${s.world.url}/oauth/site/${open}/logout?jwt=${token}&redirectUrl=https://city.example/bye`,
    );
    const end = await visitor.follow(out, [s.world.oauth.url]);

    expect(end.onward).toBe('https://city.example/bye');
    expect((await me(open, token)).status).toBe(401);
    const page = await visitor.follow(
      await visitor.open(`${s.world.url}/oauth/site/${open}/login?redirectUrl=https://city.example/`),
      [s.world.oauth.url],
    );
    expect(new URL(page.address).pathname).toBe('/login');
  });

  test.each(['https://evil.org/', '//evil.org', 'https://city.example@evil.org/'])(
    'does not lead to %s',
    async (to) => {
      const { visitor, token } = await loggedIn();

      const out = await visitor.open(
        `${s.world.url}/oauth/site/${open}/logout?jwt=${token}&redirectUrl=${encodeURIComponent(to)}`,
      );

      expect([out.status, (await me(open, token)).status]).toEqual([400, 200]);
    },
  );

  test.each(['do-anonymize', 'delete'])('%s ends all sessions', async (operation) => {
    const { token } = await loggedIn();
    const path = user(open, Number(decodeJwt(token)['userId']));

    const done = operation === 'delete' ? await s.remove('admin', path) : await s.put('admin', `${path}/${operation}`);

    expect([done.status, (await me(open, token)).status]).toEqual([200, 401]);
    expect(await sessionsOf(Number(decodeJwt(token)['userId']))).toEqual([]);
  });

  test('of a fixed token ends nothing', async () => {
    const out = await s.post('member', `/oauth/site/1/logout`);

    expect([out.status, out.body]).toEqual([200, { session: 'none' }]);
    expect((await s.get('member', `/oauth/site/1/me`)).body.id).toBe(fixedTokens.member);
  });
});

describe('/me', () => {
  test('of a visitor is what OpenStad answers', async () => {
    const answer = await s.get(null, `/oauth/site/${open}/me`);

    expect([answer.status, answer.body]).toEqual([200, { externalUserId: null, extraData: {} }]);
  });

  test('at another site is the own row there, or nobody', async () => {
    const noor = await s.person({ at: { [open]: 'member', 2: 'member' } });
    const { token } = await logInAs(aVisitor(), flow(open), noor.externalId);

    expect((await me(2, token)).body.id).toBe(noor.at[2]);
    expect((await me(3, token)).body).toEqual({ externalUserId: null, extraData: {} });
  });

  test('of an admin holds the external id, as any answer to them does', async () => {
    const admin = await s.person({ at: { [open]: 'admin' } });
    const { token } = await logInAs(aVisitor(), flow(open), admin.externalId);

    expect((await me(open, token)).body.externalUserId).toBe(admin.externalId);
  });

  test('with a bad token is 401, never a visitor', async () => {
    expect((await me(open, 'a.b.c')).status).toBe(401);
  });
});

describe('updatedAt, which everybody sees', () => {
  const shown = async (who: 'admin' | null, userId: number) =>
    (await s.get(who, user(open, userId))).body as Record<string, unknown>;

  test('stays where it is by a login that changes nothing that everybody sees: that there was one is a detail', async () => {
    const somebody = await s.person({ at: { [open]: 'member' } });
    const userId = somebody.at[open]!;
    const [before, inDetail] = [await shown(null, userId), await shown('admin', userId)];
    await writeThere(s.world, somebody.externalId, { phoneNumber: '0699999999' });

    expect((await logInAs(aVisitor(), flow(open), somebody.externalId)).token).not.toBe('');

    expect(await shown(null, userId)).toEqual(before);
    const after = await shown('admin', userId);
    expect(after).toMatchObject({ phoneNumber: '0699999999', updatedAt: before['updatedAt'] });
    expect(Date.parse(String(after['lastLogin']))).toBeGreaterThan(Date.parse(String(inDetail['lastLogin'])));
  });

  test('moves where the login brings another name, or a row back', async () => {
    const [named, gone] = [await s.person({ at: { [open]: 'member' } }), await s.person({ at: { [open]: 'member' } })];
    const moment = async (userId: number) => Date.parse(String((await shown(null, userId))['updatedAt']));
    const before = [await moment(named.at[open]!), await moment(gone.at[open]!)] as const;
    await writeThere(s.world, named.externalId, { firstName: 'Anders' });
    await s.touch('users', gone.at[open]!, { deletedAt: new Date() });

    for (const { externalId } of [named, gone]) await logInAs(aVisitor(), flow(open), externalId);

    expect(await moment(named.at[open]!)).toBeGreaterThan(before[0]);
    expect(await moment(gone.at[open]!)).toBeGreaterThan(before[1]);
  });
});

describe('beside an OpenStad API (interop.openstad)', () => {
  test('the access token stands in clear while it is on, until logout or anonymizing', async () => {
    const config = loadConfig({ env: { ...s.world.env, LOG_LEVEL: 'silent' } });
    const beside = createContainer({ ...config, interop: { openstad: true } }, { log: loggerOf(config) });
    const app = await startApp({ ...beside, jobs: [] }, { server: { ...config.server, port: 0 } });
    const apiUrl = app.url;
    const inClear = async (token: string) =>
      (await s.row(Number(decodeJwt(token)['userId'])))?.externalAccessToken ?? null;
    try {
      const [one, other] = [
        await logInAs(aVisitor(), { ...flow(open), apiUrl }, await somebodyThere()),
        await logInAs(aVisitor(), { ...flow(open), apiUrl }, await somebodyThere()),
      ];
      expect([await inClear(one.token), await inClear(other.token)]).toEqual([
        expect.stringMatching(/^ey/),
        expect.stringMatching(/^ey/),
      ]);
      const id = Number(decodeJwt(one.token)['userId']);
      await s.touch('users', id, { updatedAt: new Date('2024-02-03T04:05:06Z') });

      await s.world.at(apiUrl)(null, 'POST', `/oauth/site/${open}/logout`, undefined, {
        authorization: `Bearer ${one.token}`,
      });
      await s.put('admin', `${user(open, Number(decodeJwt(other.token)['userId']))}/do-anonymize`);

      expect([await inClear(one.token), await inClear(other.token)]).toEqual([null, null]);
      // Everybody sees it, and nobody is to see when somebody left.
      expect((await s.row(id))?.updatedAt).toEqual(new Date('2024-02-03T04:05:06Z'));
    } finally {
      await app.stop();
    }
  });

  test('nobody’s access token stands in clear unless it is on', async () => {
    const { token } = await logInAs(aVisitor(), flow(open), await somebodyThere());

    expect((await s.row(Number(decodeJwt(token)['userId'])))?.externalAccessToken).toBeNull();
  });
});
