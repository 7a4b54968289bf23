import { SignJWT } from 'jose';
import { request } from 'undici';
import { loadConfig } from '../../src/config/index.ts';
import { createContainer, loggerOf } from '../../src/container.ts';
import { startApp } from '../../src/lifecycle.ts';
import { aVisitor, logInAs } from '../support/visitor.ts';
import type { Somebody } from '../journeys/sentences/support/people.ts';
import { refusal, startSentences, user, users, type SentenceWorld } from '../journeys/sentences/support/world.ts';

/**
 * An admin of one site collects the powers that others have at another: a session token is given to the pages that its site
 * chooses, so it must be worth no more than a member anywhere else. Source: user-api.md §1.
 */
const [hostile, theirs] = [11, 12] as const;
let s: SentenceWorld;
let neighbour: Somebody;
/** Admin of the other site; nobody at the hostile one, until they are sent through a login there. */
let victim: Somebody;
/** Member of the other site. */
let citizen: Somebody;
/** The token that the hostile site's page was given. */
let stolen: string;

const evil = 'https://evil.example/collect';
beforeAll(async () => {
  const ended = { project: { projectHasEnded: true } };
  s = await startSentences({ [hostile]: {}, [theirs]: { config: ended } });
  neighbour = await s.person({ at: { [hostile]: 'admin' } });
  victim = await s.person({ at: { [theirs]: 'admin' } });
  citizen = await s.person({ at: { [theirs]: 'member' }, profile: { phoneNumber: '0699912345' } });
  stolen = await tokenFromALoginAt(hostile, victim);
});
afterAll(() => s.close());

const tokenFromALoginAt = async (siteId: number, who: Somebody): Promise<string> => {
  const opened = await s.put(neighbour.at[hostile]!, `/api/site/${hostile}`, {
    config: { allowedDomains: ['127.0.0.1', 'evil.example'] },
  });
  expect(opened.status).toBe(200);
  const flow = { apiUrl: s.world.url, oauthUrl: s.world.oauth.url, siteId, redirectUrl: evil };
  const { token, onward } = await logInAs(aVisitor(), flow, who.externalId);
  expect(onward).toContain('https://evil.example/collect?jwt=');
  return token;
};

const withToken = (token: string, method: string, path: string, body?: unknown) =>
  s.world.call(null, method, path, body, { authorization: `Bearer ${token}` });

/** Everything that an admin of the other site could do there. */
const deedsOfAnAdmin: readonly (readonly [string, string, () => string, object | undefined])[] = [
  ['a member’s city', 'PUT', () => user(theirs, citizen.at[theirs]!), { city: 'Kwaadstad' }],
  ['a member’s role', 'PUT', () => user(theirs, citizen.at[theirs]!), { role: 'admin' }],
  ['a member’s address', 'PUT', () => user(theirs, citizen.at[theirs]!), { email: 'mine@evil.example' }],
  ['somebody new', 'POST', () => users(theirs), { email: 'new@evil.example', role: 'admin' }],
  ['a preview of a member', 'GET', () => `${user(theirs, citizen.at[theirs]!)}/will-anonymize`, undefined],
  ['a member, anonymized', 'PUT', () => `${user(theirs, citizen.at[theirs]!)}/do-anonymize`, undefined],
  ['a member, anonymized everywhere', 'POST', () => `${user(theirs, citizen.at[theirs]!)}/do-anonymizeall`, undefined],
  ['a member, deleted', 'DELETE', () => user(theirs, citizen.at[theirs]!), undefined],
  ['how somebody was anonymized', 'GET', () => `${user(theirs, citizen.at[theirs]!)}/anonymization`, undefined],
  ['the site’s title', 'PUT', () => `/api/site/${theirs}`, { title: 'Van mij' }],
  ['the site’s domains', 'PUT', () => `/api/site/${theirs}`, { config: { allowedDomains: ['evil.example'] } }],
  ['the site itself', 'DELETE', () => `/api/site/${theirs}`, undefined],
  ['everybody, previewed', 'PUT', () => `/api/site/${theirs}/will-anonymize-all-users`, undefined],
  ['everybody, anonymized', 'PUT', () => `/api/site/${theirs}/do-anonymize-all-users`, undefined],
];

describe('a token of a login at the neighbour’s site, of somebody who is admin of another', () => {
  test.each(deedsOfAnAdmin)('reaches nothing there: %s', async (_what, method, path, body) => {
    const answer = await withToken(stolen, method, path(), body);
    expect(answer.status).toBe(403);
    expect(answer.text).not.toContain(citizen.email);
    expect(await s.row(citizen.at[theirs]!)).toMatchObject({ city: 'Utrecht', role: 'member', anonymizedAt: null });
  });

  test('shows no more of the people there than a member sees', async () => {
    const shown = await withToken(stolen, 'GET', user(theirs, citizen.at[theirs]!));
    const listed = await withToken(stolen, 'GET', `${users(theirs)}?page=0&pageSize=1000`);
    const site = await withToken(stolen, 'GET', `/api/site/${theirs}`);
    for (const { status, text } of [shown, listed, site]) {
      expect(status).toBe(200);
      expect([text.includes(citizen.email), text.includes('0699912345'), text.includes('"config"')]).toEqual([
        false,
        false,
        false,
      ]);
    }
    const filtered = await withToken(stolen, 'GET', `${users(theirs)}?page=0&filter={"email":"${citizen.email}"}`);
    expect(filtered.status).toBe(400);
  });

  test('is shown as a member there by /me, as the panel admits whom it calls admin', async () => {
    const { status, body } = await withToken(stolen, 'GET', `/oauth/site/${theirs}/me`);
    expect([status, body.id, body.role]).toEqual([200, victim.at[theirs], 'member']);
    expect((await s.get(victim.at[theirs]!, `/oauth/site/${theirs}/me`)).body.role).toBe('admin');
  });

  test.each(['PUT', 'DELETE'])('neither anonymizes nor deletes them at their own site: %s', async (method) => {
    const call = method === 'DELETE' ? '' : '/do-anonymize';
    const answer = await withToken(stolen, method, `${user(theirs, victim.at[theirs]!)}${call}`);
    expect(refusal(answer)).toEqual([403, 'staff-by-own-site']);
    expect(await s.row(victim.at[theirs]!)).toMatchObject({ anonymizedAt: null, role: 'admin' });
  });

  test.each(['will', 'do'])('%s-anonymizeall does not reach there either', async (verb) => {
    const here = (await withToken(stolen, 'GET', `/oauth/site/${hostile}/me`)).body.id as number;
    for (const only of [{}, { onlySiteIds: [theirs] }, { onlySiteIds: [hostile, theirs] }]) {
      const answer = await withToken(stolen, 'PUT', `${user(hostile, here)}/${verb}-anonymizeall`, only);
      expect(refusal(answer)).toEqual([403, 'staff-by-own-site']);
    }
    expect((await s.row(victim.at[theirs]!))?.anonymizedAt).toBeNull();
    expect((await s.row(here))?.anonymizedAt).toBeNull();
  });

  test('ends their own row at the site where it was given, which is that site’s to lose', async () => {
    const guest = await s.person({ at: { [hostile]: 'member', [theirs]: 'editor' } });
    const token = await tokenFromALoginAt(hostile, guest);
    const answer = await withToken(token, 'PUT', `${user(hostile, guest.at[hostile]!)}/do-anonymize`);
    expect([answer.status, answer.body.users.length]).toEqual([200, 1]);
    expect((await s.row(guest.at[theirs]!))?.anonymizedAt).toBeNull();
  });

  test('of somebody who is staff at the neighbour’s site alone is refused elsewhere too: moderator or above anywhere', async () => {
    const guest = await s.person({ at: { [hostile]: 'moderator', [theirs]: 'member' } });
    const answer = await s.put(guest.at[hostile]!, `${user(theirs, guest.at[theirs]!)}/do-anonymize`);
    expect(refusal(answer)).toEqual([403, 'staff-by-own-site']);
    expect((await s.put(guest.at[theirs]!, `${user(theirs, guest.at[theirs]!)}/do-anonymize`)).status).toBe(200);
  });

  test.each([
    ['another way to log in', { phoneNumber: '0600000000' }, 'phoneNumber'],
    ['their details, for everybody to see', { detailsViewableByRole: 'all' }, 'detailsViewableByRole'],
    ['their name in lists', { listableByRole: 'all' }, 'listableByRole'],
  ])('does not set in their name, at another site: %s', async (_what, change, field) => {
    const guest = await s.person({ at: { [hostile]: 'member', [theirs]: 'member' } });
    const token = await tokenFromALoginAt(hostile, guest);
    const answer = await withToken(token, 'PUT', user(theirs, guest.at[theirs]!), change);
    expect(refusal(answer)).toEqual([403, 'owner-by-own-site', field]);
    expect(await s.row(guest.at[theirs]!)).toMatchObject({
      ...{ phoneNumber: '0612345678', detailsViewableByRole: null, listableByRole: null },
    });
    // Through a login there it is theirs to say.
    expect((await s.put(guest.at[theirs]!, user(theirs, guest.at[theirs]!), change)).status).toBe(200);
  });

  test('gives nobody who is staff elsewhere another phone number, not even at the site of the login', async () => {
    const guest = await s.person({ at: { [hostile]: 'member', [theirs]: 'editor' } });
    const token = await tokenFromALoginAt(hostile, guest);
    const change = { phoneNumber: '0600000000' };
    const answer = await withToken(token, 'PUT', user(hostile, guest.at[hostile]!), change);
    expect(refusal(answer)).toEqual([403, 'staff-by-own-site', 'phoneNumber']);
    expect(s.there(guest.externalId)?.phoneNumber).toBe('0612345678');
  });

  test('lasts as long as what it is worth: twelve hours for staff of its own site only', async () => {
    const lasts = ({ exp, iat }: { exp: number; iat: number }) => exp - iat;
    const claimsOf = (token: string) =>
      JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { exp: number; iat: number };
    expect(lasts(claimsOf(stolen))).toBe(604_800);
    expect(lasts(claimsOf(await tokenFromALoginAt(hostile, neighbour)))).toBe(43_200);
  });
});

test('a session of a fixed token’s user tells nothing of what the fixed token did at other sites', async () => {
  const person = await s.person({ at: { 1: 'member', [theirs]: 'member' } });
  const path = user(1, person.at[1]!);
  const key = { 'idempotency-key': 'the-same-key' };
  const done = await s.put('moderator', `${path}/do-anonymizeall`, {}, key);
  expect([done.status, done.body.users.length]).toEqual([200, 2]);

  // User 3 is whom the fixed token `moderator` names.
  const status = await s.get(3, `${path}/anonymization`);
  expect([status.status, 'whole' in status.body]).toEqual([200, false]);
  expect(status.text).not.toContain(String(person.at[theirs]));
  expect((await s.get(3, done.headers.get('location') ?? '')).status).toBe(404);
  const repeated = await s.put(3, `${path}/do-anonymizeall`, {}, key);
  expect([repeated.headers.get('idempotency-replayed'), repeated.text.includes(`ite ${theirs}`)]).toEqual([
    null,
    false,
  ]);
});

test('a token that an OpenStad API made for the neighbour’s site, without jti, reaches nothing elsewhere either', async () => {
  const guest = await s.person({ at: { [hostile]: 'member', [theirs]: 'admin' } });
  const token = await new SignJWT({ userId: guest.at[hostile], client: 'default' })
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(new TextEncoder().encode(s.world.env['AUTH_JWT_SECRET']));
  const config = loadConfig({ env: { ...s.world.env, LOG_LEVEL: 'silent', AUTH_ACCEPT_LEGACY_TOKENS: 'true' } });
  const app = await startApp(createContainer(config, { log: loggerOf(config) }), {
    server: { ...config.server, port: 0 },
  });
  try {
    const call = s.world.at(app.url);
    const ask = (method: string, path: string, body?: unknown) =>
      call(null, method, path, body, { authorization: `Bearer ${token}` });
    expect((await ask('GET', `/oauth/site/${hostile}/me`)).body.id).toBe(guest.at[hostile]);
    for (const [, method, path, body] of deedsOfAnAdmin) expect((await ask(method, path(), body)).status).toBe(403);
    const own = await ask('PUT', `${user(theirs, guest.at[theirs]!)}/do-anonymize`);
    expect(refusal(own)).toEqual([403, 'staff-by-own-site']);
  } finally {
    await app.stop();
  }
});

test('the neighbour’s host, proxied to us, is sent no code of a login, which could count at another site of the same client', async () => {
  const login = new URL(`${s.world.url}/oauth/site/${hostile}/login?redirectUrl=${encodeURIComponent(evil)}`);
  // fetch would write the Host itself.
  const { statusCode, headers } = await request(login, { headers: { host: 'evil.example' } });
  expect([statusCode, headers['location']]).toEqual([400, undefined]);
});
