import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import request from 'supertest';
import { visitor } from '../../src/domain/actor.ts';
import type { ActorQuestion } from '../../src/use-cases/commands.ts';
import { adminToken, secret, testApp } from './support/app.ts';

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const later = Math.floor(Date.now() / 1000) + 3600;
const claims = { userId: 7, client: 'default', jti: 'j1', iat: later - 7200, exp: later };
const hs = (payload: object, header: object = { alg: 'HS256' }, key = secret, hash = 'sha256'): string => {
  const text = `${part(header)}.${part(payload)}`;
  return `${text}.${createHmac(hash, key).update(text).digest('base64url')}`;
};
const rs256 = (): string => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const text = `${part({ alg: 'RS256' })}.${part(claims)}`;
  return `${text}.${sign('sha256', Buffer.from(text), privateKey).toString('base64url')}`;
};
const without = (...names: string[]) =>
  Object.fromEntries(Object.entries(claims).filter(([name]) => !names.includes(name)));

const ask = async (headers: Readonly<Record<string, string>>, parts: Parameters<typeof testApp>[1] = {}) => {
  const questions: ActorQuestion[] = [];
  const { app } = testApp(
    {
      actorOf: async (question) => {
        questions.push(question);
        return question.userId === 404 ? null : { ...visitor, userId: question.userId };
      },
    },
    parts,
  );
  const answer = await request(app).get('/api/site/1/user/7').set(headers);
  return { status: answer.status, challenge: answer.headers['www-authenticate'], questions };
};

describe('a token', () => {
  test.each([
    ['a session token', { 'X-Authorization': `Bearer ${hs(claims)}` }],
    ['a session token in the standard header', { Authorization: `Bearer ${hs(claims)}` }],
    ['a session token with the scheme in small letters', { Authorization: `bearer ${hs(claims)}` }],
    [
      'a session token beside a proxy password',
      { Authorization: 'Basic YTpi', 'X-Authorization': `Bearer ${hs(claims)}` },
    ],
    [
      'a session token that wins over another',
      { Authorization: 'Bearer nonsense', 'X-Authorization': `Bearer ${hs(claims)}` },
    ],
  ])('of a user is heard: %s', async (_what, headers) => {
    const { status, questions } = await ask(headers);

    expect(status).toBe(200);
    expect(questions).toEqual([{ userId: 7, provider: 'default', jti: 'j1', reach: 'one-site' }]);
  });

  test.each([
    ['raw', { 'X-Authorization': adminToken }],
    ['as bearer', { 'X-Authorization': `Bearer ${adminToken}` }],
    ['as standard bearer', { Authorization: `Bearer ${adminToken}` }],
  ])('that is fixed holds everywhere: %s', async (_what, headers) => {
    expect((await ask(headers)).questions).toEqual([{ userId: 101, provider: 'default', reach: 'everywhere' }]);
  });

  test.each([
    ['nothing', {}],
    ["a proxy's password", { Authorization: 'Basic YTpi' }],
    ['an empty header', { 'X-Authorization': '' }],
  ])('is not shown: %s makes a visitor', async (_what, headers) => {
    expect(await ask(headers)).toMatchObject({ status: 200, questions: [] });
  });

  test.each([
    ['alg none', `${part({ alg: 'none' })}.${part(claims)}.`],
    ['alg None, unsigned', `${part({ alg: 'None' })}.${part(claims)}.`],
    ['alg none with a signature', hs(claims, { alg: 'none' })],
    ['HS384', hs(claims, { alg: 'HS384' }, secret, 'sha384')],
    ['RS256', rs256()],
    ['RS256 signed with the secret', hs(claims, { alg: 'RS256' })],
    ['another secret', hs(claims, { alg: 'HS256' }, 'another')],
    ['an empty secret', hs(claims, { alg: 'HS256' }, '')],
    ['expired', hs({ ...claims, exp: later - 7100 })],
    ['not yet', hs({ ...claims, nbf: later })],
    ['never ending', hs(without('exp'))],
    ['exp a text', hs({ ...claims, exp: 'never' })],
    ['userId a text', hs({ ...claims, userId: '7' })],
    ['userId an object', hs({ ...claims, userId: { $ne: 1 } })],
    ['userId a list', hs({ ...claims, userId: [7] })],
    ['userId negative', hs({ ...claims, userId: -7 })],
    ['userId 0', hs({ ...claims, userId: 0 })],
    ['userId broken', hs({ ...claims, userId: 7.5 })],
    ['userId too large', hs({ ...claims, userId: 2 ** 53 })],
    ['no userId', hs(without('userId'))],
    ['no client', hs(without('client'))],
    ['client a number', hs({ ...claims, client: 5 })],
    ['legacy, without jti', hs(without('jti'))],
    ['jti empty', hs({ ...claims, jti: '' })],
    ['payload a list', hs([claims])],
    ['a user who is gone', hs({ ...claims, userId: 404 })],
    ['two parts', hs(claims).split('.').slice(0, 2).join('.')],
    ['nothing after Bearer', ''],
    ['undefined', 'undefined'],
    ['two tokens', `${hs(claims)}, ${hs(claims)}`],
    ['very long', 'x'.repeat(9000)],
  ])('is refused: %s', async (_what, token) => {
    for (const header of ['X-Authorization', 'Authorization']) {
      const { status, challenge } = await ask({ [header]: `Bearer ${token}` });
      expect([status, challenge]).toEqual([401, 'Bearer error="invalid_token"']);
    }
  });

  test.each([
    ['a session token without Bearer', { 'X-Authorization': hs(claims) }],
    ['a fixed token without Bearer in the standard header', { Authorization: adminToken }],
    ['a password for us', { 'X-Authorization': 'Basic YTpi' }],
    ['another scheme', { Authorization: 'Digest x' }],
    ['most of a fixed token', { 'X-Authorization': adminToken.slice(0, -1) }],
  ])('is refused: %s', async (_what, headers) => {
    expect((await ask(headers)).status).toBe(401);
  });

  test('of an OpenStad API, without jti, is heard while the settings say so', async () => {
    const auth = { jwtSecret: secret, acceptLegacyTokens: true, fixedTokens: [], freshSeconds: 60 };

    expect((await ask({ 'X-Authorization': `Bearer ${hs(without('jti'))}` }, { auth })).status).toBe(200);
  });

  test('is looked up anew each time, as its user may be gone since', async () => {
    let isThere = true;
    const { app } = testApp({ actorOf: async ({ userId }) => (isThere ? { ...visitor, userId } : null) });
    const call = () =>
      request(app)
        .get('/api/site/1/user/7')
        .set('Authorization', `Bearer ${hs(claims)}`);

    const before = await call();
    isThere = false;

    expect([before.status, (await call()).status]).toEqual([200, 401]);
  });
});
