import { decodeJwt, SignJWT } from 'jose';
import { startSentences, refusal, user, users, type SentenceWorld } from './support/world.ts';
import { longAgo, type Somebody } from './support/people.ts';

/** user-api.md §1 "Who is asking". */
let s: SentenceWorld;
/** Moderator at site 1, member at site 2. */
let mo: Somebody;
/** Member at sites 1, 2 and 3. */
let niels: Somebody;
/** Of a session of his that is there: what is refused below is refused for what it is, not for want of a session. */
let openJti = '';

beforeAll(async () => {
  s = await startSentences();
  mo = await s.person({ at: { 1: 'moderator', 2: 'member' } });
  niels = await s.person({ at: { 1: 'member', 2: 'member', 3: 'member' } });
  openJti = decodeJwt(await s.world.token(niels.at[1]!)).jti ?? '';
});
afterAll(() => s.close());

const invalid = 'Bearer error="invalid_token"';
const secret = (text = 'a secret of thirty-two characters') => new TextEncoder().encode(text);
const claims = (userId: unknown, jti = openJti) => ({
  userId,
  client: 'default',
  ...(jti === '' ? {} : { jti }),
});
const signed = (
  payload: Record<string, unknown>,
  how: { alg?: string; key?: Uint8Array; exp?: string | null } = {},
) => {
  const jwt = new SignJWT(payload).setProtectedHeader({ alg: how.alg ?? 'HS256' }).setIssuedAt();
  return (how.exp === null ? jwt : jwt.setExpirationTime(how.exp ?? '1h')).sign(how.key ?? secret());
};
const unsigned = (payload: object) =>
  [{ alg: 'none' }, { exp: 4_000_000_000, ...payload }]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.')
    .concat('.');

describe('who is asking', () => {
  test('without a credential the actor is a visitor, who is asked for a token where one is needed', async () => {
    const seen = await s.get(null, user(1, niels.at[1]!));
    expect([seen.status, seen.body.displayName, seen.body.email]).toEqual([200, 'Noor van Dijk', undefined]);

    const refused = await s.put(null, user(1, niels.at[1]!), { city: 'X' });
    expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
  });

  test.each(['x-authorization', 'authorization'])(
    'a session token as Bearer in %s makes the actor that user',
    async (name) => {
      const bearer = `Bearer ${await s.world.token(niels.at[1]!)}`;
      expect((await s.get(null, user(1, niels.at[1]!), { [name]: bearer })).body.email).toBe(niels.email);
    },
  );

  test.each([
    ['x-authorization', 'fixed-moderator'],
    ['x-authorization', 'Bearer fixed-moderator'],
    ['authorization', 'Bearer fixed-moderator'],
  ])("a fixed token in %s (%s) makes the actor that token's user", async (name, value) => {
    expect((await s.get(null, user(1, niels.at[1]!), { [name]: value })).body.email).toBe(niels.email);
  });

  test("a fixed token's role holds on every site; a session token of the same user is good at its own site", async () => {
    expect((await s.get('moderator', user(3, niels.at[3]!))).body.email).toBe(niels.email);
    expect((await s.get(3, user(1, niels.at[1]!))).body.email).toBe(niels.email);
    expect((await s.get(3, user(3, niels.at[3]!))).body.email).toBeUndefined();
  });

  test('an OpenStad token, without jti, counts only while authorization.acceptLegacyTokens is on', async () => {
    const token = `Bearer ${await signed(claims(niels.at[1], ''))}`;
    const ask = (url: string) => fetch(url + user(1, niels.at[1]!), { headers: { authorization: token } });

    expect((await ask(s.world.url)).status).toBe(401);
    await s.beside({ AUTH_ACCEPT_LEGACY_TOKENS: 'true' }, async (url) => {
      expect(await (await ask(url)).json()).toMatchObject({ email: niels.email });
    });
  });
});

describe('on another site a session token', () => {
  test('makes the actor the same person, and never more than a member', async () => {
    expect((await s.get(mo.at[1]!, user(1, niels.at[1]!))).body.email).toBe(niels.email);
    expect((await s.get(mo.at[1]!, user(2, niels.at[2]!))).body.email).toBeUndefined();
    expect((await s.get(mo.at[2]!, user(1, niels.at[1]!))).body.email).toBeUndefined();
    expect(refusal(await s.put(mo.at[2]!, user(1, niels.at[1]!), { city: 'X' }))).toEqual([403, 'owner-or-moderator']);
    expect((await s.get(mo.at[2]!, user(1, mo.at[1]!))).body).toMatchObject({ email: mo.email, role: 'moderator' });
    expect((await s.get(mo.at[1]!, user(2, mo.at[2]!))).body.email).toBe(mo.email);
  });

  test('makes the actor `all` where they have no row: known, and allowed nothing', async () => {
    expect((await s.get(mo.at[1]!, user(3, niels.at[3]!))).body.email).toBeUndefined();
    expect(refusal(await s.put(mo.at[1]!, user(3, niels.at[3]!), { city: 'X' }))).toEqual([403, 'owner-or-moderator']);
    expect(refusal(await s.post(mo.at[1]!, users(3), { email: 'n@example.org' }))).toEqual([403, 'moderator-needed']);
  });

  test('where they have several rows there speaks by the oldest, at its own site by its own', async () => {
    const twice = await s.person({ at: { 1: 'member', 2: 'member' } });
    const second = await s.extraRow({ siteId: 2, personId: twice.id, slot: 1, role: 'moderator' });
    expect((await s.get(twice.at[1]!, user(2, niels.at[2]!))).body.email).toBeUndefined();
    expect((await s.get(second, user(2, niels.at[2]!))).body.email).toBe(niels.email);
  });

  test('gives no right by a row that was soft-deleted', async () => {
    const gone = await s.person({ at: { 1: 'member', 2: 'moderator' } });
    await s.touch('users', gone.at[2]!, { deletedAt: longAgo });
    expect((await s.get(gone.at[1]!, user(2, niels.at[2]!))).body.email).toBeUndefined();
  });
});

describe('a token is refused with 401 and invalid_token, never taken for a visitor, when it', () => {
  const makers: readonly (readonly [string, () => Promise<string> | string])[] = [
    ['is malformed', () => 'Bearer nonsense'],
    ['is no token at all', () => 'Bearer'],
    ['is an unknown fixed token', () => 'fixed-nobody'],
    ['is a session token without the word Bearer', async () => s.world.token(niels.at[1]!)],
    ['is expired', async () => `Bearer ${await signed(claims(niels.at[1]), { exp: '-1s' })}`],
    ['never expires', async () => `Bearer ${await signed(claims(niels.at[1]), { exp: null })}`],
    ['is forged with alg none', () => `Bearer ${unsigned(claims(niels.at[1]))}`],
    [
      'is signed by another algorithm',
      async () => `Bearer ${await signed(claims(niels.at[1]), { alg: 'HS512', key: secret('x'.repeat(64)) })}`,
    ],
    [
      'is signed with the right secret by another algorithm',
      async () =>
        `Bearer ${await signed(claims(niels.at[1]), { alg: 'HS384', key: secret('a secret of thirty-two characters') })}`,
    ],
    [
      'is signed with another secret',
      async () => `Bearer ${await signed(claims(niels.at[1]), { key: secret('y'.repeat(33)) })}`,
    ],
    ['names a session that never was', async () => `Bearer ${await signed(claims(niels.at[1], 'x'))}`],
    ["names somebody else's session", async () => `Bearer ${await signed(claims(mo.at[1]))}`],
    ['names its user as text', async () => `Bearer ${await signed(claims(String(niels.at[1])))}`],
    ['names a user who never was', async () => `Bearer ${await signed(claims(8_000_000))}`],
    ['names a number that is no id', async () => `Bearer ${await signed(claims(2 ** 53))}`],
  ];
  test.each(makers)('%s', async (_what, make) => {
    const answer = await s.get(null, user(1, niels.at[1]!), { 'x-authorization': await make() });
    expect([answer.status, answer.headers.get('www-authenticate'), answer.body.displayName]).toEqual([
      401,
      invalid,
      undefined,
    ]);
  });

  test.each([
    ['deleted', { deletedAt: longAgo }],
    ['anonymized', { anonymizedAt: longAgo }],
  ])('names a user who was %s', async (_what, columns) => {
    const late = await s.person({ at: { 1: 'member' } });
    expect((await s.get(late.at[1]!, users(1))).status).toBe(200);
    await s.touch('users', late.at[1]!, columns);

    const answer = await s.get(late.at[1]!, users(1));
    expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([401, invalid]);
  });
});
