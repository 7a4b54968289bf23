import { refusal, startSentences, type SentenceWorld } from '../journeys/sentences/support/world.ts';
import type { Somebody } from '../journeys/sentences/support/people.ts';
import { consoleHeaders } from '../support/console-session.ts';

/**
 * Roles hang on OAuth clients: an admin of a site that shares the client of the platform's own site could make platform admins. So none
 * does, whoever changes a config, and where one does all the same nobody is one. Source: docs/adr/0027.
 */
const [other, platform] = [11, 12];
let s: SentenceWorld;
let chief: Somebody;
let headers: Record<string, string>;
beforeAll(async () => {
  s = await startSentences({ [other]: {}, [platform]: {} }, { platformSiteId: platform });
  chief = await s.person({ at: { [other]: 'member', [platform]: 'admin' } });
  headers = await consoleHeaders(s.world.container, { personId: chief.id, userId: chief.at[platform]! });
});
afterAll(() => s.close());

const client = (id: number | string) => ({
  'auth-server-url': s.world.oauth.url,
  'auth-client-id': `peer-client-${id}`,
  'auth-client-secret': `peer-secret-${id}`,
});
const isPlatformAdmin = async (): Promise<unknown> => (await s.get(null, '/api/session', headers)).body.platformAdmin;
const refused = [422, '/config/oauth'];
const said = ({ status, body }: Awaited<ReturnType<SentenceWorld['get']>>): readonly unknown[] => [
  status,
  body?.errors?.[0]?.pointer,
];

test('no other site takes the client of the platform’s own, under whatever name', async () => {
  for (const oauth of [{ default: client(platform) }, { besides: client(platform) }])
    expect(said(await s.put('admin', `/api/site/${other}`, { config: { oauth } }))).toEqual(refused);

  expect(await isPlatformAdmin()).toBe(true);
});

test('nor is the platform’s own site given another’s', async () => {
  const oauth = { besides: client(other) };

  expect(said(await s.put('admin', `/api/site/${platform}`, { config: { oauth } }))).toEqual(refused);
});

test('nor is a site made with it', async () => {
  const body = { domain: 'nieuw.example.org', config: { oauth: { default: client(platform) } } };

  expect(said(await s.post('admin', '/api/site', body))).toEqual(refused);
  expect(said(await s.post(null, '/api/site', body, headers))).toEqual(refused);
});

test('a config that has nothing to do with it is changed as ever, and a client that nobody else has is taken', async () => {
  const config = { users: { allowUseOfNicknames: true } };
  expect((await s.put('admin', `/api/site/${platform}`, { config })).status).toBe(200);
  expect((await s.put('admin', `/api/site/${other}`, { config: { oauth: { besides: client(14) } } })).status).toBe(200);
});

test('where the database says so all the same, nobody is platform admin, and the start says why', async () => {
  const row = await s.world.container.ports.sites.byId(other);
  const config = { ...row?.rawConfig, oauth: { default: client(`${platform}`) } };
  await s.touch('sites', other, { config });
  s.world.container.ports.sites.forget();

  expect(await isPlatformAdmin()).toBe(false);
  expect(refusal(await s.get(null, '/api/site', headers))).toEqual([403, 'platform-admin-needed']);
  await s.world.container.checkSites();
  expect(s.world.log()).toContain('serves another site, too');

  await s.touch('sites', other, { config: row?.rawConfig ?? {} });
  s.world.container.ports.sites.forget();
  expect(await isPlatformAdmin()).toBe(true);
});

test('an admin of any other site is none', async () => {
  const boss = await s.person({ at: { [other]: 'admin', [platform]: 'editor' } });
  const theirs = await consoleHeaders(s.world.container, { personId: boss.id, userId: boss.at[other]! });

  const { body } = await s.get(null, '/api/session', theirs);

  expect(body.platformAdmin).toBe(false);
  expect(refusal(await s.get(null, '/api/site', theirs))).toEqual([403, 'platform-admin-needed']);
});
