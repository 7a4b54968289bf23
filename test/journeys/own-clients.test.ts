import { until } from '../support/until.ts';
import { refusal, startSentences, user, users, type SentenceWorld } from './sentences/support/world.ts';

/**
 * Sites with OAuth clients of their own, the normal case, at an OAuth server that behaves as the second recording: the query's
 * `client_id` beats the path's, texts are taken for HTML, and an address stands once.
 */
let s: SentenceWorld;
const wrongSecret = (address: string) => ({
  default: { 'auth-server-url': address, 'auth-client-id': 'peer-client-11', 'auth-client-secret': 'not-this-one' },
});
beforeAll(async () => {
  s = await startSentences({ 8: {}, 9: {}, 10: {}, 11: { oauth: wrongSecret } });
});
afterAll(() => s.close());

const anew = { 'cache-control': 'no-cache' };
const rowAt = (one: { readonly at: Readonly<Record<number, number>> }, site: number): number => one.at[site] ?? 0;

describe('Somebody with rows at sites with OAuth clients of their own', () => {
  it('is read anew, with the role of each site', async () => {
    const niels = await s.person({ at: { 8: 'member', 9: 'moderator' } });

    const answers = await Promise.all([8, 9].map((site) => s.get('admin', user(site, rowAt(niels, site)), anew)));

    expect(answers.map(({ status, body }): readonly unknown[] => [status, body.role])).toEqual([
      [200, 'member'],
      [200, 'moderator'],
    ]);
  });

  it('can be changed, role included', async () => {
    const niels = await s.person({ at: { 8: 'member', 9: 'member' } });

    const { status, body } = await s.put('admin', user(9, rowAt(niels, 9)), { city: 'Harlingen', role: 'editor' });

    expect([status, body.city, body.role]).toEqual([200, 'Harlingen', 'editor']);
    expect(s.there(niels.externalId)?.roles).toEqual({ 'peer-client-8': 'member', 'peer-client-9': 'editor' });
  });

  it('can be added at one more', async () => {
    const niels = await s.person({ at: { 8: 'member', 9: 'member' } });

    const { status } = await s.post('admin', users(10), { email: niels.email });

    expect(status).toBe(201);
    expect(s.there(niels.externalId)?.roles).toHaveProperty('peer-client-10', 'member');
  });

  it('is removed at the OAuth server when the last row is anonymized', async () => {
    const niels = await s.person({ at: { 8: 'member', 9: 'member' } });

    const { status, headers } = await s.put('admin', `${user(8, rowAt(niels, 8))}/do-anonymizeall`);

    expect([status, headers.get('x-oauth-removal')]).toEqual([200, 'done']);
    expect(s.there(niels.externalId)).toBeUndefined();
  });

  it('is removed at the OAuth server when the last row is deleted', async () => {
    const niels = await s.person({ at: { 8: 'member', 9: 'member' } });

    const first = await s.remove('admin', user(8, rowAt(niels, 8)));
    const last = await s.remove('admin', user(9, rowAt(niels, 9)));

    expect([first.status, last.status]).toEqual([200, 200]);
    await until('they are gone there', () => Promise.resolve(s.there(niels.externalId) === undefined));
  });
});

describe('What somebody writes', () => {
  it.each(['a & b < c > d', 'a <b', 'c> d', '<b>bold</b> <!-- x', 'say &quot;hi&quot;, &amp;amp;'])(
    'comes back as %j, and no other key is lost',
    async (text) => {
      const niels = await s.person({ at: { 8: 'member', 9: 'member' } });
      const address = user(8, rowAt(niels, 8));
      await s.put('admin', address, { extraData: { shared: 'a <b', other: 'c> d' } });

      const put = await s.put('admin', address, {
        extraData: { note: text, [`key ${text}`]: [text] },
        city: 'A & B < C',
      });
      const { body } = await s.get('admin', address, anew);

      expect(put.status).toBe(200);
      expect(body).toMatchObject({
        city: 'A & B < C',
        extraData: { shared: 'a <b', other: 'c> d', note: text, [`key ${text}`]: [text] },
      });
      const { body: elsewhere } = await s.get('admin', user(9, rowAt(niels, 9)), anew);
      expect(elsewhere.extraData).toMatchObject({ shared: 'a <b', other: 'c> d', note: text });
    },
  );

  it('is refused, naming the field, where the OAuth server cannot hold it', async () => {
    const niels = await s.person({ at: { 8: 'member' } });
    const deep = JSON.parse(`${'['.repeat(29)}1${']'.repeat(29)}`) as unknown;

    const answers = await Promise.all(
      [
        { city: 'Sneek 😀' },
        { extraData: { note: '😀' } },
        { extraData: { deep } },
        { extraData: { a: '&'.repeat(21_000) } },
      ].map((body) => s.put('admin', user(8, rowAt(niels, 8)), body)),
    );

    expect(answers.map(({ status, body }): readonly unknown[] => [status, body.errors?.[0]?.pointer])).toEqual([
      [422, '/city'],
      [422, '/extraData/note'],
      [422, '/extraData/deep'],
      [422, '/extraData'],
    ]);
  });
});

describe('An address that somebody else has at the OAuth server', () => {
  it('is a 409 that names it, for a change', async () => {
    const [niels, jose] = [
      await s.person({ at: { 8: 'member' } }),
      await s.person({ at: { 9: 'member' }, profile: { email: 'jose@example.org' } }),
    ];

    const same = await s.put('admin', user(8, rowAt(niels, 8)), { email: jose.email });
    const accented = await s.put('admin', user(8, rowAt(niels, 8)), { email: 'José@example.org' });

    expect([same, accented].map(refusal)).toEqual([
      [409, 'address-taken', 'email'],
      [409, 'address-taken', 'email'],
    ]);
    expect(s.there(niels.externalId)?.email).toBe(niels.email);
  });

  it('is a 409 that names it, for a new user whom nobody finds by it, and nobody stays behind', async () => {
    await s.person({ at: { 9: 'member' }, profile: { email: 'andre@example.org' } });
    const before = s.world.oauth.server.people().length;

    const answer = await s.post('admin', users(8), { email: 'André@example.org' });

    expect(refusal(answer)).toEqual([409, 'address-taken', 'email']);
    expect(s.world.oauth.server.people()).toHaveLength(before);
  });
});

describe('A site whose client secret is wrong', () => {
  it('is helped by the credentials of another site at the same OAuth server', async () => {
    const niels = await s.person({ at: { 11: 'member' } });

    const { status } = await s.get('admin', user(11, rowAt(niels, 11)), anew);

    expect(status).toBe(200);
  });

  it('hears which host refused and which setting to correct, without the secret', async () => {
    const answer = await s.post('admin', users(11), { email: 'new@example.org' });

    expect([answer.status, answer.body.host, answer.body.setting]).toEqual([
      502,
      s.world.oauth.host,
      'auth-client-secret',
    ]);
    expect(answer.body.detail).toContain('peer-client-11');
    expect(answer.text + s.world.log()).not.toContain('not-this-one');
    expect(s.world.log()).toContain('does not take our client id and secret');
  });
});
