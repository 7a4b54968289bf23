import { until } from '../support/until.ts';
import type { UserRow } from '../../src/domain/users/user.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import { aVisitor, logInAs } from '../support/visitor.ts';
import { writeThere, type Somebody } from './sentences/support/people.ts';
import { startSentences, user, type SentenceWorld } from './sentences/support/world.ts';

/** oauth-server.md §3 "The first fetch". */
let s: SentenceWorld;
const [site, other] = [8, 9];
const config = { allowedDomains: ['city.example', '127.0.0.1'], users: { allowUseOfNicknames: true } };
beforeAll(async () => {
  s = await startSentences({ [site]: { config }, [other]: { config } }, { oauthTimeLimitMs: 3000 });
});
afterEach(() => s.world.oauth.proxy.behave('pass'));
afterAll(() => s.close());

const anew = { 'cache-control': 'no-cache' };
const at = (one: Somebody, where = site): number => one.at[where] ?? 0;
const five = {
  ...{ nickName: 'Pietje', gender: 'male', signedUpForNewsletter: true },
  ...{ listableByRole: 'member', detailsViewableByRole: 'editor' },
} as const satisfies Partial<UserRow>;
const nothing = Object.fromEntries(Object.keys(five).map((name) => [name, null]));
/** As `npm run migrate` leaves them: rows of OpenStad's, a person whom nobody has asked about. */
const adopted = async (extraData: JsonObject = {}): Promise<Somebody> => {
  const one = await s.person({ at: { [site]: 'member', [other]: 'member' }, extraData, columns: five });
  await s.touch('users', at(one, other), { nickName: 'Daar', gender: null });
  await s.world.container.database.rows.persons.update(
    { fetchedAt: null, hasUnsaidFields: true },
    { where: { id: one.id } },
  );
  return one;
};
const thereOf = (one: Somebody): JsonObject => s.there(one.externalId)?.extraData ?? {};
/** What the program's own job does every few seconds. */
const deliver = async () => {
  await s.touchOutbox();
  await s.world.container.deliver();
};
const isSaid = (one: Somebody) =>
  until('the values are written up', async () => {
    await deliver();
    return Object.keys(five).every((name) => JSON.stringify(thereOf(one)[name] ?? null).includes(`"siteId":${site}`));
  });
const flagOf = async ({ id }: Somebody) =>
  (await s.world.container.database.rows.persons.findByPk(id))?.get('hasUnsaidFields');
const isOver = (one: Somebody) =>
  until('it is over', async () => {
    await deliver();
    return !Boolean(await flagOf(one));
  });
const lookAt = (one: Somebody, where = site) => s.get('admin', user(where, at(one, where)), anew);

describe('the first time that somebody of an adopted database is looked at', () => {
  test('nick name, gender and both …ByRole stay in the row, and are written to the OAuth server once', async () => {
    const one = await adopted({ bio: 'Bio' });
    expect((await lookAt(one)).body).toMatchObject({ ...five, displayName: 'Pietje', extraData: { bio: 'Bio' } });
    expect(await s.row(at(one, other))).toMatchObject({ nickName: 'Daar', gender: null });
    await isSaid(one);
    expect(thereOf(one)['nickName']).toEqual([
      { value: 'Pietje', siteId: site },
      { value: 'Daar', siteId: other },
    ]);
    await isOver(one);
    const { writes } = await s.writesDuring(async () => {
      await lookAt(one);
      await s.touchOutbox();
      await lookAt(one, other);
    });
    expect(writes).toBe(0);
    expect(await s.row(at(one))).toMatchObject(five);
  });

  test('what the server says counts, also where it says nothing', async () => {
    const one = await adopted({
      nickName: [{ value: 'Server', siteId: site }],
      gender: null,
      signedUpForNewsletter: [null],
    });
    expect((await lookAt(one)).body).toMatchObject({
      ...five,
      ...{ nickName: 'Server', gender: null },
      // How an OpenStad API leaves what somebody cleared.
      signedUpForNewsletter: null,
    });
    expect((await s.row(at(one, other)))?.nickName).toBe('Daar');
  });

  test('keys of extraData are the server’s word from the beginning', async () => {
    const one = await adopted();
    await s.touch('users', at(one), { extraData: { bio: 'Alleen hier' } });
    expect((await lookAt(one)).body.extraData).toEqual({});
    await isSaid(one);
    expect(Object.keys(thereOf(one)).sort()).toEqual(Object.keys(five).sort());
  });

  test('a visitor’s look and a login keep them as well', async () => {
    const one = await adopted();
    expect((await s.get(null, user(site, at(one)))).status).toBe(200);
    const flow = {
      apiUrl: s.world.url,
      oauthUrl: s.world.oauth.url,
      siteId: site,
      redirectUrl: 'https://city.example/',
    };
    expect((await logInAs(aVisitor(), { ...flow, more: '' }, one.externalId)).status).toBe(302);
    await isSaid(one);
    expect(await s.row(at(one))).toMatchObject(five);
  });

  test('they stay while the OAuth server takes no writes, however often somebody looks, and are written when it does', async () => {
    const one = await adopted();
    await s.world.oauth.proxy.behave('json-500', /^POST /);
    for (let look = 0; look < 3; look += 1) {
      expect((await lookAt(one)).body).toMatchObject(five);
      await s.touchOutbox();
    }
    expect(thereOf(one)).toEqual({});
    await s.world.oauth.proxy.behave('pass');
    await isSaid(one);
    expect(await s.row(at(one))).toMatchObject(five);
  });

  test('they are not lost, and not written twice, where a reply is lost or two instances look', async () => {
    const one = await adopted();
    await s.world.oauth.proxy.behave('lose-reply', /^POST /);
    await s.beside({}, async (second) => {
      const again = s.world.at(second);
      const looks = [lookAt(one), again('admin', 'GET', user(site, at(one)), undefined, anew)];
      expect((await Promise.all(looks)).map(({ status }) => status)).toEqual([200, 200]);
      // Of the write whose reply was lost.
      s.world.later(9);
      await isSaid(one);
      await s.world.oauth.proxy.behave('pass');
      s.world.later(9);
      await isOver(one);
    });
    expect(thereOf(one)['gender']).toEqual([{ value: 'male', siteId: site }]);
  });

  test('who clears one of them meanwhile has cleared it, and the others are written along', async () => {
    const one = await adopted();
    const put = await s.put('admin', user(site, at(one)), { nickName: null });
    expect([put.status, put.body.nickName, put.body.gender]).toEqual([200, null, 'male']);
    expect((await lookAt(one)).body).toMatchObject({ ...five, nickName: null });
    expect(thereOf(one)['nickName']).toEqual([{ value: 'Daar', siteId: other }]);
    await isOver(one);
  });

  test('a text that the server cannot hold stays in the row', async () => {
    const one = await adopted();
    await s.touch('users', at(one), { nickName: 'Piet 🦆' });
    expect((await lookAt(one)).body.nickName).toBe('Piet 🦆');
    await until('the others are written up', async () => {
      await deliver();
      return JSON.stringify(thereOf(one)['gender'] ?? null).includes('male');
    });
    expect((await lookAt(one)).body.nickName).toBe('Piet 🦆');
  });

  test('afterwards absent means absent', async () => {
    const one = await adopted();
    await lookAt(one);
    await isSaid(one);
    await isOver(one);
    await writeThere(s.world, one.externalId, { extraData: {} });
    await lookAt(one);
    expect(await s.row(at(one))).toMatchObject(nothing);
  });

  test('nothing of a site comes up again where they were anonymized meanwhile', async () => {
    const one = await adopted();
    await s.world.oauth.proxy.behave('json-500', /^POST /);
    await lookAt(one);
    await s.put('admin', `${user(site, at(one))}/do-anonymize`);
    await s.world.oauth.proxy.behave('pass');
    await isOver(one);
    expect(JSON.stringify(thereOf(one))).not.toContain('Pietje');
    expect(JSON.stringify(thereOf(one))).toContain('Daar');
  });
});

test('somebody whom we made is no such person: absent means absent from the beginning', async () => {
  const one = await s.person({ at: { [site]: 'member' }, columns: five });
  expect((await lookAt(one)).status).toBe(200);
  expect(await s.row(at(one))).toMatchObject(nothing);
});
