import { joined, raw, sql } from '../../src/db/sql.ts';
import { isAtConsole } from '../../src/use-cases/sessions/console.ts';
import { aVisitor, fromConsole, logIntoConsole, upToReturn, type Visitor } from '../support/visitor.ts';
import { personThere, writeThere } from './sentences/support/people.ts';
import { idsIn, refusal, startSentences, user, type SentenceWorld } from './sentences/support/world.ts';

/** people.md §6 "Session": over HTTP, through the development OAuth server's own pages. */
const [one, two, platform] = [11, 12, 13];
let s: SentenceWorld;
beforeAll(async () => {
  s = await startSentences(
    { [one]: { config: { allowedDomains: ['127.0.0.1'] } }, [two]: {}, [platform]: {} },
    { platformSiteId: platform },
  );
});
afterAll(() => s.close());

/** Through the platform's own client, which reaches every site. */
const flow = (query = '') => ({ apiUrl: s.world.url, oauthUrl: s.world.oauth.url, query });
const host = (): string => new URL(s.world.url).host;
const signedIn = async (externalId: number, query?: string): Promise<Visitor> => {
  const visitor = aVisitor();
  const done = await logIntoConsole(visitor, flow(query), externalId);
  expect([done.status, done.text]).toEqual([302, '']);
  return visitor;
};
/** As a page of the console asks. */
const ask = (visitor: Visitor, method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
  s.world.call(null, method, path, body, { ...fromConsole, Cookie: visitor.cookieFor(host()), ...headers });
const sessions = async () =>
  s.world.container.database.select(sql`SELECT * FROM civitas_sessions WHERE personId IS NOT NULL`);

describe('a login at the console', () => {
  test('leads back to the console with a cookie that no page reads, of 12 hours, and with no token', async () => {
    const boss = await s.person({ at: { [one]: 'admin', [two]: 'moderator' } });

    const done = await logIntoConsole(
      aVisitor(),
      flow(`?site=${one}&returnTo=/console/runs?state=paused`),
      boss.externalId,
    );

    expect(done.onward).toBe(`${s.world.url}/console/runs?state=paused`);
    const [cookie = ''] = done.headers.getSetCookie().filter((set) => set.startsWith('civitas-console='));
    expect(cookie).toMatch(/^civitas-console=[\w.-]+; Max-Age=43200; Path=\/; HttpOnly; SameSite=Strict$/);
    expect(done.headers.get('cache-control')).toBe('no-store');
  });

  test('tells who is signed in, at which sites as what, and where they are moderator or above', async () => {
    const boss = await s.person({ at: { [one]: 'admin', [two]: 'member' } });
    const visitor = await signedIn(boss.externalId);

    const { status, body, headers } = await ask(visitor, 'GET', '/api/session');

    expect([status, headers.get('cache-control')]).toEqual([200, 'no-store']);
    expect(body).toMatchObject({
      displayName: expect.any(String),
      email: boss.email,
      platformAdmin: false,
      users: [
        { id: boss.at[one], site: { id: one, title: `Site ${one}` }, role: 'admin' },
        { id: boss.at[two], site: { id: two, title: `Site ${two}` }, role: 'member' },
      ],
      moderates: [{ id: one, title: `Site ${one}` }],
      sessions: [{ id: body.id, kind: 'console', site: null, current: true }],
    });
    expect(Date.parse(body.expiresAt) - Date.parse(body.sessions[0].createdAt)).toBeLessThanOrEqual(43_200_000);
  });

  test('goes on behind more sessions than are listed', async () => {
    const boss = await s.person({ at: { [one]: 'admin', [two]: 'member' } });
    const visitor = await signedIn(boss.externalId);
    const { database } = s.world.container;
    const [began, ends] = [new Date(Date.now() - 3_600_000), new Date(Date.now() + 3_600_000)];
    const rows = Array.from(
      { length: 1000 },
      (_, at) => sql`(${`old-${boss.externalId}-${at}`}, ${boss.at[two] ?? 0}, 'default', ${began}, ${began}, ${ends})`,
    );
    await database.change(
      sql`INSERT INTO civitas_sessions (jti, userId, provider, checkedAt, createdAt, expiresAt) VALUES ${joined(rows, ', ')}`,
    );

    const { status, body } = await ask(visitor, 'GET', '/api/session');

    expect([status, body.sessions.length]).toEqual([200, 1000]);
    expect(body.id).toEqual(expect.any(String));
  });

  test('reads every role anew, also one that was given at another site’s client since', async () => {
    const late = await s.person({ at: { [one]: 'member', [two]: 'member' } });
    await writeThere(s.world, late.externalId, { roles: { [one]: 2, [two]: 1 } });

    const visitor = await signedIn(late.externalId);

    expect((await ask(visitor, 'GET', '/api/session')).body.moderates).toEqual([{ id: two, title: `Site ${two}` }]);
  });

  test('makes nobody: whoever has no row at any site is refused, and nothing of them is kept', async () => {
    const stranger = await personThere(s.world, { email: 'stranger@example.org', firstName: 'Vreemde' });
    const visitor = aVisitor();

    const done = await logIntoConsole(visitor, flow(), stranger);

    expect([done.status, visitor.cookieFor(host())]).toEqual([403, '']);
    expect(JSON.parse(done.text)).toMatchObject({ type: '/problems/login-refused', reason: 'claims' });
    const persons = await s.world.container.database.select(
      sql`SELECT id FROM civitas_persons WHERE externalId = ${String(stranger)}`,
    );
    expect(persons).toEqual([]);
  });

  test('counts once, in the browser that began it, and not at a site', async () => {
    const boss = await s.person({ at: { [one]: 'admin' } });
    const visitor = aVisitor();
    const back = await upToReturn(
      visitor,
      `${s.world.url}/oauth/console/login?site=${one}`,
      s.world.oauth.url,
      boss.externalId,
    );

    const elsewhere = await aVisitor().open(back);
    const atSite = await visitor.copy().open(back.replace('/oauth/console/', `/oauth/site/${one}/`));
    const good = await visitor.copy().open(back);
    const again = await visitor.open(back);

    expect([elsewhere.status, JSON.parse(elsewhere.text).reason]).toEqual([403, 'state']);
    expect(JSON.parse(elsewhere.text).again).toBe(`${s.world.url}/oauth/console/login?site=${one}&returnTo=%2Fconsole`);
    expect([atSite.status, JSON.parse(atSite.text).type]).toEqual([400, '/problems/malformed-request']);
    expect(good.status).toBe(302);
    expect(again.status).toBe(403);
  });

  test('the state of a login at a site is none here', async () => {
    const boss = await s.person({ at: { [one]: 'admin' } });
    const visitor = aVisitor();
    const page = encodeURIComponent('http://127.0.0.1/');
    const login = `${s.world.url}/oauth/site/${one}/login?redirectUrl=${page}`;
    const back = await upToReturn(visitor, login, s.world.oauth.url, boss.externalId);

    const answer = await visitor.open(back.replace(`/oauth/site/${one}/`, '/oauth/console/'));

    expect(answer.status).toBe(400);
  });

  test.each([
    '//evil.example/console',
    'https://evil.example/console',
    '/console/../api/site',
    '/console/%2e%2e/api/site',
    '/consolex',
    '/api/site',
    '/console\\..\\api',
    '/console/\t/evil',
    '\\\\evil.example',
    '',
  ])('leads nowhere but below /console: %j is refused', async (returnTo) => {
    const answer = await s.get(null, `/oauth/console/login?site=${one}&returnTo=${encodeURIComponent(returnTo)}`);

    expect([answer.status, answer.body?.errors?.[0]?.pointer]).toEqual([400, 'returnTo']);
  });

  test('goes through the client of the platform’s own site, unless another site is named', async () => {
    const clientOf = async (query: string): Promise<string | null> => {
      const { onward } = await aVisitor().open(`${s.world.url}/oauth/console/login${query}`);
      return new URL(onward ?? '').searchParams.get('client_id');
    };

    expect(await clientOf('')).toBe(`peer-client-${platform}`);
    expect(await clientOf(`?site=${one}`)).toBe(`peer-client-${one}`);
  });
});

describe('a session at the console', () => {
  test('carries the role of each row at that row’s site, and no more', async () => {
    const boss = await s.person({ at: { [one]: 'admin', [two]: 'moderator' } });
    const [here, there] = [await s.person({ at: { [one]: 'member' } }), await s.person({ at: { [two]: 'editor' } })];
    const visitor = await signedIn(boss.externalId);

    expect((await ask(visitor, 'GET', user(one, here.at[one]!))).body.email).toBe(here.email);
    expect((await ask(visitor, 'PUT', user(one, here.at[one]!), { role: 'moderator' })).status).toBe(200);
    expect((await ask(visitor, 'GET', user(two, there.at[two]!))).body.email).toBe(there.email);
    expect(refusal(await ask(visitor, 'PUT', user(two, there.at[two]!), { city: 'Delft' }))).toEqual([
      403,
      'higher-role',
    ]);
    expect(refusal(await ask(visitor, 'GET', '/api/site'))).toEqual([403, 'platform-admin-needed']);
  });

  test('reaches over all sites where one has the right, as a fixed token would', async () => {
    const boss = await s.person({ at: { [one]: 'admin', [two]: 'admin' } });
    const both = await s.person({ at: { [one]: 'member', [two]: 'member' } });
    const visitor = await signedIn(boss.externalId);

    const found = await ask(visitor, 'GET', `/api/person?email=${encodeURIComponent(both.email)}`);
    expect(idsIn(found.body.records[0].users)).toEqual([both.at[one], both.at[two]]);

    const done = await ask(visitor, 'PUT', `${user(one, both.at[one]!)}/do-anonymizeall?view=summary`, {});
    expect([done.status, done.body.sites.length]).toEqual([200, 2]);
  });

  test('of who is admin at the platform’s own site is a platform admin’s', async () => {
    const chief = await s.person({ at: { [one]: 'member', [platform]: 'admin' } });
    const visitor = await signedIn(chief.externalId);

    const seen = await ask(visitor, 'GET', '/api/session');

    expect(seen.body.platformAdmin).toBe(true);
    expect(seen.body.moderates.length).toBeGreaterThan(3);
    expect((await ask(visitor, 'GET', '/api/site')).status).toBe(200);
  });

  test('is ended by its own logout, which says where to be logged out at the OAuth server', async () => {
    const boss = await s.person({ at: { [one]: 'admin' } });
    const visitor = await signedIn(boss.externalId);

    const left = await ask(visitor, 'POST', '/oauth/console/logout');

    expect([left.status, left.body.session]).toEqual([200, 'ended']);
    expect(left.body.next).toMatch(new RegExp(`^${s.world.oauth.url}/logout\\?`));
    expect(decodeURIComponent(left.body.next)).toContain(`redirectUrl=${s.world.url}/console`);
    expect(left.headers.getSetCookie()[0]).toMatch(/^civitas-console=; Max-Age=0; Path=\/; HttpOnly; SameSite=Strict$/);
    expect((await ask(visitor, 'GET', '/api/session')).status).toBe(401);
  });

  test('lists all that one is logged in by, and ends them one by one', async () => {
    const boss = await s.person({ at: { [one]: 'admin', [two]: 'member' } });
    const other = await s.person({ at: { [one]: 'member' } });
    const [here, elsewhere] = [await signedIn(boss.externalId), await signedIn(boss.externalId)];
    const token = await s.world.token(boss.at[two]!);
    const theirs = (await ask(await signedIn(other.externalId), 'GET', '/api/session')).body.id;
    const listed = (await ask(here, 'GET', '/api/session')).body.sessions as {
      id: string;
      kind: string;
      site: unknown;
      current: boolean;
    }[];
    expect(listed.map(({ kind, current }) => [kind, current]).sort()).toEqual([
      ['console', false],
      ['console', true],
      ['site', false],
    ]);

    for (const { id } of listed.filter(({ current }) => !current))
      expect((await ask(here, 'DELETE', `/api/session/${id}`)).status).toBe(200);

    expect((await ask(elsewhere, 'GET', '/api/session')).status).toBe(401);
    expect((await s.get(null, user(two, boss.at[two]!), { authorization: `Bearer ${token}` })).status).toBe(401);
    expect((await ask(here, 'GET', '/api/session')).body.sessions).toHaveLength(1);
    expect((await ask(here, 'DELETE', `/api/session/${theirs}`)).status).toBe(404);
  });

  test('goes on while a row of the person is left, and ends with the last', async () => {
    const boss = await s.person({ at: { [one]: 'admin', [two]: 'moderator' } });
    const visitor = await signedIn(boss.externalId);

    await s.put('admin', `${user(one, boss.at[one]!)}/do-anonymize`);
    expect((await ask(visitor, 'GET', '/api/session')).body.users).toMatchObject([
      { id: boss.at[two], role: 'moderator' },
    ]);

    await s.remove('admin', user(two, boss.at[two]!));
    expect((await ask(visitor, 'GET', '/api/session')).status).toBe(401);
    expect((await sessions()).filter((row) => row['personId'] === boss.id)).toEqual([]);
  });

  test('lists no second row at a site that is deleted, anonymized by another program, or somebody else’s by now', async () => {
    const gone = [
      "deletedAt = '2024-01-01 00:00:00'",
      "externalUserId = NULL, role = 'anonymous', lastLogin = '1970-01-01 00:00:00'",
      'externalUserId = 999999',
    ];
    for (const how of gone) {
      const boss = await s.person({ at: { [one]: 'admin', [two]: 'member' } });
      const visitor = await signedIn(boss.externalId);
      await s.world.container.database.change(
        sql`UPDATE users SET siteId = ${one}, slot = 1, email = NULL, ${raw(how)} WHERE id = ${boss.at[two] ?? 0}`,
      );

      expect((await ask(visitor, 'GET', '/api/session')).body.users).toMatchObject([
        { id: boss.at[one], role: 'admin' },
      ]);
    }
  });

  test('that has ended while it was asked who it is is told so', async () => {
    const boss = await s.person({ at: { [one]: 'admin' } });
    await signedIn(boss.externalId);
    const jti = String((await sessions()).find((row) => row['personId'] === boss.id)?.['jti']);
    const { useCases, ports } = s.world.container;
    const actor = await useCases.actorOf({ userId: 0, personId: boss.id, jti, provider: 'default', reach: 'rows' });
    if (actor === null || !isAtConsole(actor)) throw new Error('they are not at the console');

    await ports.sessions.end(jti);

    await expect(useCases.listSessions(actor)).rejects.toMatchObject({ code: 'unauthenticated' });
  });

  test('goes on when the row that it hangs on is deleted', async () => {
    const boss = await s.person({ at: { [one]: 'admin', [two]: 'moderator' } });
    const visitor = await signedIn(boss.externalId);

    await s.remove('admin', user(one, boss.at[one]!));

    expect((await ask(visitor, 'GET', '/api/session')).body.users).toMatchObject([
      { id: boss.at[two], role: 'moderator' },
    ]);
  });
});

test('without the console nothing of it is there', async () => {
  const boss = await s.person({ at: { [one]: 'admin' } });
  const visitor = await signedIn(boss.externalId);
  await s.beside({ CONSOLE_ENABLED: 'false' }, async (url) => {
    const headers = { ...fromConsole, Cookie: visitor.cookieFor(host()) };
    const statusOf = async (method: string, path: string) =>
      (await fetch(url + path, { method, headers, redirect: 'manual' })).status;
    expect(await statusOf('GET', `/oauth/console/login?site=${one}`)).toBe(404);
    expect(await statusOf('POST', '/oauth/console/logout')).toBe(404);
    expect(await statusOf('GET', '/api/session')).toBe(404);
    // The cookie is not looked at: a visitor.
    expect(await statusOf('GET', `/api/site/${one}/user/${boss.at[one]!}/person`)).toBe(401);
    const document = (await (await fetch(`${url}/openapi.json`)).json()) as { paths: object };
    expect(Object.keys(document.paths).filter((path) => /session|console/.test(path))).toEqual([]);
  });
});
