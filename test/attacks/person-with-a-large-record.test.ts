import type { Session } from '../../src/domain/session.ts';
import type { Somebody } from '../journeys/sentences/support/people.ts';
import { writeThere } from '../journeys/sentences/support/people.ts';
import { startSentences, user, type SentenceWorld } from '../journeys/sentences/support/world.ts';
import { ampleMs } from '../support/misbehaving-server.ts';
import { sessionToken } from '../support/session-token.ts';
import { until } from '../support/until.ts';

/** Somebody whose own record at the OAuth server is the weapon: it grew there, or was spoilt. */
const foreign = 19;
let s: SentenceWorld;
beforeAll(async () => {
  s = await startSentences({ 8: {}, 9: {} }, { oauthTimeLimitMs: ampleMs });
});
afterEach(() => s.world.oauth.proxy.behave('pass'));
afterAll(() => s.close());

const mebibyte = 1024 * 1024;
const text = (size: number): string => JSON.stringify({ bio: 'x'.repeat(size) });
const many = (part: string, size: number): string => `{"bio":[${part.repeat(size / part.length)}0]}`;
const stored = ({ externalId }: Somebody, extraData: string): void => {
  s.world.oauth.server.overwrite(externalId, { extraData });
};
const byId = ({ externalId }: Somebody): RegExp => new RegExp(`^GET /api/admin/user/${externalId}$`);

/** What makes a record unusable; the server is well all the same. */
const spoilt: readonly (readonly [string, (one: Somebody) => unknown])[] = [
  [
    'is larger than is read',
    (one) => {
      stored(one, text(9 * mebibyte));
    },
  ],
  [
    'holds a million lists',
    (one) => {
      stored(one, many('[],', 3 * mebibyte));
    },
  ],
  [
    'is a list',
    (one) => {
      stored(one, '[1]');
    },
  ],
  ['is half an answer', (one) => s.world.oauth.proxy.behave('malformed-json', byId(one))],
  ['is a page of HTML', (one) => s.world.oauth.proxy.behave('html-200', byId(one))],
  ['makes the server fail over it', (one) => s.world.oauth.proxy.behave('json-500', byId(one))],
];

const anew = { 'cache-control': 'no-cache' };
const at = (one: Somebody, site = 8): string => user(site, one.at[site] ?? 0);
const removal = (headers: Headers): string | null => headers.get('x-oauth-removal');
let logins = 0;
/** Somebody logged in without an access token of their own, who was checked longer ago than counts as fresh. */
const loggedIn = async (one: Somebody, more: Partial<Session> = {}) => {
  const said: Partial<Session> & { jti: string } = {
    jti: `large-${(logins += 1)}`,
    checkedAt: new Date(Date.now() - 61_000),
    expiresAt: new Date(Date.now() + 86_400_000),
    ...more,
  };
  const secret = 'a secret of thirty-two characters';
  return { authorization: `Bearer ${await sessionToken(s.world.container, one.at[8] ?? 0, { secret, said })}` };
};

describe.each(spoilt)('Somebody whose record %s', (_what, spoil) => {
  test('opened the circuit for everybody with eight own requests', async () => {
    const [one, other] = [await s.person({ at: { 8: 'member' } }), await s.person({ at: { 8: 'member' } })];
    await spoil(one);

    const own = await Promise.all(Array.from({ length: 12 }, () => s.get(one.at[8]!, at(one), anew)));
    const { status } = await s.get('admin', at(other), anew);

    expect([...new Set(own.map((answer) => answer.status))]).toEqual([502]);
    expect(status).toBe(200);
  });

  test('went on with a role that was revoked', async () => {
    const one = await s.person({ at: { 8: 'moderator' } });
    const headers = await loggedIn(one);
    await writeThere(s.world, one.externalId, { roles: { 8: 2 } });
    await spoil(one);

    const list = await s.get(null, '/api/site/8/user', headers);
    const me = await s.get(null, '/oauth/site/8/me', headers);

    expect([list.status, list.body.type, list.headers.get('retry-after')]).toEqual([
      503,
      '/problems/role-unconfirmed',
      '5',
    ]);
    expect([me.status, me.body.role]).toEqual([200, 'member']);
  });

  test('goes on as a member all the same', async () => {
    const one = await s.person({ at: { 8: 'member' } });
    const headers = await loggedIn(one);
    await spoil(one);

    const { status, body } = await s.get(null, at(one), headers);

    expect([status, body.email]).toEqual([200, one.email]);
  });

  test('could not be removed any more', async () => {
    const one = await s.person({ at: { 8: 'member', 9: 'editor' } });
    await spoil(one);

    const { status, headers } = await s.put('admin', `${at(one)}/do-anonymizeall`);

    expect([status, removal(headers)]).toEqual([200, 'done']);
    expect(s.there(one.externalId)).toBeUndefined();
  });
});

test.each(spoilt.slice(0, 3))('Somebody who is needed elsewhere and whose record %s stays', async (_what, spoil) => {
  const one = await s.person({ at: { 8: 'member' } });
  await writeThere(s.world, one.externalId, { roles: { [foreign]: 2 } });
  await spoil(one);

  const { status, headers } = await s.put('admin', `${at(one)}/do-anonymizeall`);

  expect([status, removal(headers)]).toEqual([200, 'kept;reason=other-clients']);
  expect(s.there(one.externalId)).toBeDefined();
});

describe('Somebody whose record has grown, and is read', () => {
  test('is shown, changed and shrunk', async () => {
    const one = await s.person({ at: { 8: 'member' }, extraData: { hobby: 'korfbal' } });
    stored(
      one,
      JSON.stringify({
        hobby: 'korfbal',
        ...Object.fromEntries(Array.from({ length: 3 }, (_, key) => [`key${key}`, 'x'.repeat(40_000)])),
      }),
    );

    const shown = await s.get('admin', at(one), anew);
    const shrunk = await s.put('admin', at(one), { extraData: { key0: null, key1: null } });
    const grown = await s.put('admin', at(one), { extraData: { key3: 'x'.repeat(1000) } });

    expect([shown.status, shrunk.status, grown.status]).toEqual([200, 200, 422]);
    expect(Object.keys(s.there(one.externalId)?.extraData ?? {})).toEqual(['hobby', 'key2']);
  });

  test('of megabytes fills no row, and fails nothing', async () => {
    const one = await s.person({ at: { 8: 'member', 9: 'member' } });
    stored(one, JSON.stringify({ hobby: 'korfbal', big: 'x'.repeat(2 * mebibyte) }));

    const answer = await s.get('admin', at(one), anew);

    expect(answer.status).toBe(200);
    expect((await s.row(one.at[9]!))?.extraData).toEqual({ hobby: 'korfbal' });
    const put = await s.put('admin', at(one), { city: 'Sneek' });
    expect([put.status, put.body.city]).toEqual([200, 'Sneek']);
  });
});

test('Somebody whose record cannot be read is listed by drift, until it can', async () => {
  const one = await s.person({ at: { 8: 'member' } });
  const listed = async (): Promise<boolean> => {
    const { body } = await s.get('admin', '/api/user/drift?kind=unreadable');
    return JSON.stringify(body).includes(`"id":${one.at[8]!}`);
  };
  stored(one, '[1]');
  await s.get('admin', at(one), anew);
  expect(await listed()).toBe(true);

  stored(one, '{}');
  await until('it is read again', async () => (await s.get('admin', at(one), anew)).status === 200);
  expect(await listed()).toBe(false);
});

test('Somebody with an access token, whose answer to it is too large, went on with a revoked role', async () => {
  const one = await s.person({ at: { 8: 'moderator' } });
  const accessToken = await s.world.oauth.server.tokenFor(one.externalId, 'peer-client-8');
  const headers = await loggedIn(one, { accessToken, accessTokenExpiresAt: new Date(Date.now() + 86_400_000) });
  await writeThere(s.world, one.externalId, { roles: { 8: 2 } });
  stored(one, text(9 * mebibyte));

  const { status, body } = await s.get(null, '/api/site/8/user', headers);

  expect([status, body.type]).toEqual([503, '/problems/role-unconfirmed']);
});
