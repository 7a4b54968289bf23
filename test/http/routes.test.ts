import request from 'supertest';
import { methodsByPath } from '../../src/http/router.ts';
import { routes } from '../../src/http/routes.ts';
import type { Route } from '../../src/http/route.ts';
import { adminToken, atConsole, testApp } from './support/app.ts';
import { aBrowser, backWith } from './support/browsing.ts';

const addressOf = (path: string, ids: Readonly<Record<string, string>> = {}): string =>
  path
    .replace('{token}', 'r'.repeat(43))
    .replace('{operationId}', 'o'.repeat(43))
    .replace('{uid}', '1234')
    .replace('{clientId}', '5')
    .replace('{messageId}', '5')
    .replace('{siteId}', ids['siteId'] ?? '1')
    .replace('{userId}', ids['userId'] ?? '7')
    .replace('{runId}', ids['runId'] ?? '5')
    .replace('{run}', 'A'.repeat(22));
const ownClient = { client_id: 'civ_key', client_secret: 'civ_secret' };
/** What a row needs in its body to succeed. */
const bodies: Readonly<Record<string, object>> = {
  createUser: { email: 'new@example.org' },
  createSite: { domain: 'new.example.org' },
  backchannelLogout: { logout_token: 'header.claims.signature' },
  createClient: { name: 'Back office', scopes: ['public'], siteIds: [1] },
  planAnonymizationRun: { users: [7] },
  giveToken: { grant_type: 'client_credentials', ...ownClient },
  revokeToken: { token: 'known', ...ownClient },
  introspectToken: { token: 'known', ...ownClient },
};
const bodyOf = (operationId: string) => bodies[operationId] ?? {};
/** Who may do everything there: a platform admin, a management client, or whoever is signed in at the console. */
const credentialOf = ({ scope, ofConsole }: Route): Readonly<Record<string, string>> => {
  if (scope !== undefined) return scope === 'none' ? {} : { Authorization: `Bearer token-${scope}` };
  return ofConsole === true ? atConsole : { 'X-Authorization': adminToken };
};

/** A login is finished by who began it. */
const cameBack = async (login: string, slash: string) => {
  const browser = aBrowser(testApp().app);
  const back = backWith(await browser.open(login), 'good');
  return browser.open(back.replace('?', `${slash}?`));
};

/** Where the logins begin that these end. */
const logins: Readonly<Record<string, string>> = {
  finishLogin: '/oauth/site/1/login',
  finishConsoleLogin: '/oauth/console/login',
};

/** What some calls are nothing without. */
const neededQuery: Readonly<Record<string, string>> = { findPeople: '?q=jan' };

const noIds = [
  '0',
  '-1',
  '1.5',
  '1e3',
  'abc',
  '9007199254740993',
  '%00',
  '01',
  '+1',
  ' 1',
  '1%20',
  '9'.repeat(500),
  '😀',
  '__proto__',
  'NaN',
];

describe.each(routes.map((route) => [route.operationId, route] as const))('%s', (operationId, route) => {
  const call = (address: string) =>
    request(testApp().app)
      [route.method](address)
      .set(credentialOf(route))
      .type(route.bodyIs === 'form' ? 'form' : 'json')
      .send(bodyOf(operationId));

  test('answers as the table says, with and without a trailing slash', async () => {
    const good = async (slash: string) =>
      logins[operationId] !== undefined
        ? cameBack(logins[operationId], slash)
        : call(`${addressOf(route.path)}${slash}${neededQuery[operationId] ?? ''}`);

    const [plain, slashed] = [await good(''), await good('/')];

    expect([plain.status, slashed.status]).toEqual([route.answer.status, route.answer.status]);
    expect(plain.headers['cache-control']).toBe(route.cache);
    const more = route.forBrowsers === true ? ', Accept, Accept-Language' : '';
    expect(plain.headers['vary']).toBe(`Authorization, X-Authorization, Origin${more}`);
    for (const name of route.answer.headers ?? []) expect(plain.headers).toHaveProperty(name.toLowerCase());
  });

  if (route.needsToken) {
    test('asks a visitor for a token', async () => {
      const { app, heard } = testApp();

      const answer = await request(app)[route.method](addressOf(route.path)).send(bodyOf(operationId));

      expect(answer.status).toBe(401);
      expect(answer.headers['www-authenticate']).toBe('Bearer');
      expect(heard).toEqual([]);
    });
  }

  if (route.scope !== 'none') {
    test('refuses a bad token, and does not take it for a visitor', async () => {
      const answer = await request(testApp().app)
        [route.method](addressOf(route.path))
        .set('Authorization', 'Bearer nonsense');

      expect(answer.status).toBe(401);
      expect(answer.headers['www-authenticate']).toBe('Bearer error="invalid_token"');
    });

    test('takes no credential that is for the others: people here, management clients there', async () => {
      const others = route.scope === undefined ? 'token-admin' : adminToken;

      const answer = await request(testApp().app)
        [route.method](addressOf(route.path))
        .set('Authorization', `Bearer ${others}`);

      expect(answer.status).toBe(401);
    });
  }

  if (route.scope !== undefined && route.scope !== 'none' && route.scope !== 'public') {
    test('tells a client whose token does not reach so far which scope is needed', async () => {
      const { app, heard } = testApp();

      const answers = [
        await request(app)[route.method](addressOf(route.path)).set('Authorization', 'Bearer token-public'),
        await request(app)[route.method](`${addressOf(route.path)}?api_key=civ_key`),
      ];

      for (const answer of answers) {
        expect([answer.status, answer.body.errors[0].name]).toEqual([403, 'insufficient-scope']);
        expect(answer.headers['www-authenticate']).toBe(
          `Bearer error="insufficient_scope", scope="${String(route.scope)}"`,
        );
      }
      expect(heard).toEqual([]);
    });
  }

  for (const parameter of ['siteId', 'userId', 'runId'].filter((name) => route.path.includes(`{${name}}`))) {
    test.each(noIds)(`does not find ${parameter} %s`, async (id) => {
      const answer = await call(addressOf(route.path, { [parameter]: id.includes('%') ? id : encodeURIComponent(id) }));

      expect(answer.status).toBe(404);
      expect(answer.body.type).toMatch(/[-/]not-found$/);
    });

    test(`does not find ${parameter} with broken percent-encoding`, async () => {
      expect((await call(addressOf(route.path, { [parameter]: '%zz' }))).status).toBe(404);
    });
  }

  if (route.path.includes('{siteId}')) {
    test('does not find a site that is not there', async () => {
      expect((await call(addressOf(route.path, { siteId: '99' }))).body.type).toBe('/problems/site-not-found');
    });
  }

  if (route.scope !== 'none') {
    test('refuses repeated query keys', async () => {
      const answer = await call(`${addressOf(route.path)}?page=1&page=2`);

      const [name, detail] = ['page', 'is given more than once'];
      expect([answer.status, answer.body.errors]).toEqual(
        route.errors === 'management' ? [422, [{ name, message: detail }]] : [400, [{ pointer: name, detail }]],
      );
    });
  }
});

describe('an address', () => {
  test.each([...methodsByPath(routes)])('%s answers 405 with Allow to every other method', async (path, methods) => {
    const others = (['get', 'post', 'put', 'delete', 'patch'] as const).filter(
      (method) => !methods.includes(method.toUpperCase()),
    );

    for (const method of others) {
      const answer = await request(testApp().app)[method](addressOf(path)).set('X-Authorization', adminToken);
      expect([answer.status, answer.headers['allow']]).toEqual([405, methods.join(', ')]);
    }
    const options = await request(testApp().app).options(addressOf(path));
    expect([options.status, options.headers['allow']]).toEqual([204, methods.join(', ')]);
  });

  test.each([
    '/api',
    '/api/site/1/users',
    '/api/site/1/user/7/will-anonymise',
    '/API/site/1',
    '/api/site/1/USER/7',
    '/Health/live',
    '/DOCS',
    '/docs/PAGE.js',
    '/OpenAPI.json',
    '/PROBLEMS/not-found',
    '//api/site/1',
    '/%E0%A4%A',
  ])('%s is not there', async (address) => {
    const answer = await request(testApp().app).get(address);

    expect([answer.status, answer.body.type]).toEqual([404, '/problems/not-found']);
  });

  test('answers HEAD where there is GET, without a body', async () => {
    for (const address of ['/api/site/1/user/7', '/api/site/1/user']) {
      const answer = await request(testApp().app).head(address);
      expect([answer.status, answer.text]).toEqual([200, undefined]);
      expect(answer.type).toBe('application/json');
    }
  });
});
