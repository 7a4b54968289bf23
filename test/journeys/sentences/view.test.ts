import { longAgo, removeThere, writeThere, type Somebody } from './support/people.ts';
import { refusal, startSentences, user, type SentenceWorld, type Who } from './support/world.ts';

/** user-api.md §3 "View", and what §1 of oauth-server.md says of reading. */
let s: SentenceWorld;
let one: Somebody;
beforeAll(async () => {
  s = await startSentences();
  one = await s.person({ at: { 1: 'member', 2: 'member' }, extraData: { bio: ['Bio', { value: 'Twee', siteId: 2 }] } });
});
afterEach(() => s.world.oauth.proxy.behave('pass'));
afterAll(() => s.close());

const fresh = { 'cache-control': 'no-cache' };
const tagOf = async (who: Who) => (await s.get(who, user(1, one.at[1]!))).headers.get('etag')!;

describe('view', () => {
  test('is 200 with an ETag of this actor’s representation: as many tags as there are sights', async () => {
    const tags = [await tagOf(null), await tagOf('moderator'), await tagOf('admin'), await tagOf(one.at[1]!)];
    expect(new Set(tags.slice(0, 3)).size).toBe(3);
    expect(tags[3]).toBe(tags[1]);
    expect(await tagOf(null)).toBe(tags[0]);
  });

  test('is 304 for If-None-Match of that tag, and whole for the tag of what somebody else sees', async () => {
    const tag = await tagOf('moderator');
    for (const value of [tag, `W/${tag}`, `"x", ${tag}`, '*']) {
      const answer = await s.get('moderator', user(1, one.at[1]!), { 'if-none-match': value });
      expect([answer.status, answer.text, answer.headers.get('etag')]).toEqual([304, '', tag]);
    }
    expect((await s.get(null, user(1, one.at[1]!), { 'if-none-match': tag })).status).toBe(200);
    expect((await s.get(null, user(1, one.at[1]!), { 'if-none-match': 'x' })).status).toBe(400);
  });

  test.each(['0', '-1', '1.5', '01', 'abc', '9007199254740993', '%20', '1e2'])(
    'of %s, which is no positive integer, is 404',
    async (id) => {
      expect((await s.get('admin', user(1, id))).status).toBe(404);
    },
  );

  test('of a user of another site, a soft-deleted one, one without a site or at a site that is not there is 404', async () => {
    const [gone, siteless] = [
      await s.extraRow({ siteId: 1, deletedAt: longAgo }),
      await s.extraRow({ siteId: null, personId: one.id }),
    ];
    for (const path of [
      user(1, one.at[2]!),
      user(1, gone),
      user(1, siteless),
      user(99, one.at[1]!),
      user(1, 8_000_000),
    ]) {
      expect((await s.get('admin', path)).status).toBe(404);
      expect((await s.get(one.at[1]!, path)).status).toBe(404);
    }
  });

  test('of somebody with several rows at one site finds each by its id', async () => {
    const slot = await s.extraRow({ siteId: 1, personId: one.id, slot: 1, city: 'Tweede rij' });
    expect((await s.get(one.at[1]!, user(1, slot))).body.city).toBe('Tweede rij');
    expect((await s.get(one.at[1]!, user(1, one.at[1]!))).body.city).toBe('Utrecht');
  });

  test('of an anonymized user shows the replaced name and nothing of before', async () => {
    const { at } = await s.person({ at: { 1: 'member' } });
    await s.put('admin', `${user(1, at[1]!)}/do-anonymize`);
    const { body } = await s.get('admin', user(1, at[1]!));
    expect(body).toMatchObject({
      displayName: 'Gebruiker verwijderd',
      email: null,
      city: null,
      externalUserId: null,
      role: 'anonymous',
    });
  });

  test('takes the trailing slash', async () => {
    expect((await s.get('admin', `${user(1, one.at[1]!)}/`)).body.id).toBe(one.at[1]);
  });

  test('tells the owner and fixed tokens of moderators Age and X-Cache, a moderator of the site what they fetched', async () => {
    const headers = async (who: Who, asked = {}) => {
      const answer = await s.get(who, user(1, one.at[1]!), asked);
      return [answer.headers.get('x-cache') !== null, answer.headers.get('age') !== null];
    };
    await s.get('moderator', user(1, one.at[1]!), fresh);
    expect([await headers(null), await headers('member')]).toEqual([
      [false, false],
      [false, false],
    ]);
    expect([await headers('moderator'), await headers(one.at[1]!)]).toEqual([
      [true, true],
      [true, true],
    ]);
    const moderator = (await s.person({ at: { 1: 'moderator' } })).at[1]!;
    expect([await headers(moderator), await headers(moderator, fresh)]).toEqual([
      [false, false],
      [true, true],
    ]);
  });
});

describe('Cache-Control: no-cache in the request', () => {
  test('refreshes from the OAuth server first, all rows of the person, each with its own site’s view', async () => {
    await writeThere(s.world, one.externalId, {
      city: 'Meppel',
      extraData: {
        bio: ['Nieuwe bio', { value: 'Nieuw op twee', siteId: 2 }],
        nickName: [{ value: 'Nies', siteId: 2 }],
      },
    });
    const answer = await s.get('moderator', user(1, one.at[1]!), fresh);
    expect([
      answer.body.city,
      answer.body.extraData.bio,
      answer.headers.get('x-cache'),
      answer.headers.get('age'),
    ]).toEqual(['Meppel', 'Nieuwe bio', 'MISS', '0']);
    expect((await s.get('admin', user(2, one.at[2]!))).body).toMatchObject({
      city: 'Meppel',
      nickName: 'Nies',
      displayName: 'Nies',
      extraData: { bio: 'Nieuw op twee' },
    });
    expect((await s.get('moderator', user(1, one.at[1]!))).headers.get('x-cache')).toBe('HIT');
  });

  test('is for moderators and the owner: others get what the row holds, and the OAuth server is left alone', async () => {
    for (const [who, calls] of [
      [null, false],
      ['member', false],
      [one.at[1]!, true],
      ['moderator', true],
    ] as const) {
      s.world.oauth.proxy.forgetCalls();
      expect((await s.get(who, user(1, one.at[1]!), fresh)).status).toBe(200);
      expect(s.world.oauth.proxy.calls() > 0).toBe(calls);
    }
  });

  test('answers 502 or 504 when the OAuth server does not, in our words; without it the row answers', async () => {
    await s.world.oauth.proxy.behave('html-500');
    const answer = await s.get('admin', user(1, one.at[1]!), fresh);
    expect([answer.status, answer.text.includes('Kaboom')]).toEqual([502, false]);
    expect((await s.get('admin', user(1, one.at[1]!))).status).toBe(200);
  });

  test('of a row without a person, which is its own truth, calls nobody', async () => {
    s.world.oauth.proxy.forgetCalls();
    const answer = await s.get('admin', user(1, 4), fresh);
    expect([answer.status, answer.headers.get('x-cache'), s.world.oauth.proxy.calls()]).toEqual([200, null, 0]);
  });

  test('leaves a person whom the OAuth server no longer knows as they are here', async () => {
    const { at, externalId } = await s.person({ at: { 1: 'member' } });
    await removeThere(s.world, externalId);
    expect(s.there(externalId)).toBeUndefined();
    const answer = await s.get('admin', user(1, at[1]!), fresh);
    expect([answer.status, answer.body.firstName]).toEqual([200, 'Noor']);
    // Writing through is another matter.
    expect(refusal(await s.put('admin', user(1, at[1]!), { city: 'X' }))).toEqual([502]);
    expect((await s.row(at[1]!))?.city).toBe('Utrecht');
  });
});

describe('a value that our column cannot hold never fails a refresh', () => {
  test('text is cut', async () => {
    const { at, externalId } = await s.person({ at: { 1: 'member' } });
    await writeThere(s.world, externalId, {
      lastName: 'é'.repeat(200),
      postcode: '1234567890123',
    });
    const { status, body } = await s.get('admin', user(1, at[1]!), fresh);
    expect([status, body.lastName, body.postcode, body.zipCode]).toEqual([
      200,
      'é'.repeat(64),
      '1234567890',
      '1234567890',
    ]);
  });
});
