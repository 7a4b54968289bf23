import type { Somebody } from './support/people.ts';
import { asQuery, idsIn, startSentences, user, users, type SentenceWorld, type Who } from './support/world.ts';

/** user-api.md §3 "List": `q`; §2 "Nothing can be probed". */
const named = 11;
const nick = 12;
const other = 13;
const nickOrFull = 14;
let s: SentenceWorld;
/** A member at `named`; everybody may list them. */
let zoe: Somebody;
/** Lets members see their details. */
let open: Somebody;
/** Lets nobody but admins see theirs. */
let secret: Somebody;
/** Shown as Vosje at `nick`. */
let fox: Somebody;
let reader: Somebody;

const listable = (siteId: number, own: Readonly<Record<string, unknown>> = {}) =>
  Object.fromEntries(
    Object.entries({ listableByRole: 'all', ...own }).map(([key, value]) => [key, [{ value, siteId }]]),
  );

beforeAll(async () => {
  s = await startSentences({
    [named]: {},
    [nick]: { config: { users: { allowUseOfNicknames: true, displayName: 'nick' } } },
    [other]: {},
    [nickOrFull]: { config: { users: { allowUseOfNicknames: true } } },
  });
  const person = (siteId: number, firstName: string, lastName: string, email: string, own?: object) =>
    s.person({
      at: { [siteId]: 'member' },
      profile: { firstName, lastName, email },
      extraData: listable(siteId, { ...own }),
    });
  zoe = await person(named, 'Zoë', 'van der Mëer', 'zm.post@voorbeeld.example');
  open = await person(named, 'Otto', 'Open', 'openpost@voorbeeld.example', { detailsViewableByRole: 'member' });
  secret = await person(named, 'Sara', 'Stil', 'stilpost@voorbeeld.example', { detailsViewableByRole: 'admin' });
  fox = await person(nick, 'Wilma', 'Werkelijk', 'fox@voorbeeld.example', { nickName: 'Vosje' });
  await person(other, 'Zoë', 'van der Mëer', 'zm@elders.example');
  reader = await s.person({ at: { [named]: 'member', [nick]: 'member' } });
  // A moderator who is nobody's owner, at both.
  await s.extraRow({ siteId: named, role: 'moderator', email: 'moderator@stad.example', id: 7_000_001 });
  await s.extraRow({ siteId: nick, role: 'moderator', email: 'moderator@stad.example', id: 7_000_002 });
});
afterAll(() => s.close());

const search = async (who: Who, siteId: number, q: string, parameters: object = {}) => {
  const [page, stream] = [
    await s.get(who, `${users(siteId)}?${asQuery({ q, page: 0, ...parameters })}`),
    await s.get(who, `${users(siteId)}?${asQuery({ q, ...parameters })}`),
  ];
  const ids = idsIn(stream.body);
  expect([page.status, idsIn(page.body.records), page.body.metadata.totalCount]).toEqual([200, ids, ids.length]);
  return ids;
};
const moderatorOf = async (siteId: number): Promise<number> => {
  const { body } = await s.get('admin', `${users(siteId)}?${asQuery({ filter: { email: 'moderator@stad.example' } })}`);
  return Number(idsIn(body)[0]);
};

describe('every word must begin a word of displayName; accents and case ignored', () => {
  test.each([
    ['zoe', true],
    ['ZOË MËER', true],
    ['meer van z', true],
    ['zoe meerman', false],
    ['oe', false],
    ['eer', false],
  ])('%s', async (q, isFound) => {
    expect(await search(null, named, q)).toEqual(isFound ? [zoe.at[named]] : []);
  });

  test('signs that a database reads otherwise are signs', async () => {
    for (const q of ['zo%', 'zo_', '%oe', '_oe', "zoe' OR '1'='1", 'zoe\\'])
      expect([q, await search(null, named, q)]).toEqual([
        q,
        ['zo%', 'zo_', 'zoe\\'].includes(q) ? [zoe.at[named]] : [],
      ]);
  });

  test('another site’s people are found there only', async () => {
    const [there] = await search(null, other, 'zoe');
    expect(there).not.toBe(zoe.at[named]);
    expect(await search(zoe.at[named]!, other, 'zoe')).toEqual([there]);
  });

  test('as filter={"q":…} alike; both, if they say the same', async () => {
    expect(idsIn((await s.get(null, `${users(named)}?${asQuery({ filter: { q: 'zoe' } })}`)).body)).toEqual([
      zoe.at[named],
    ]);
    expect(await search(null, named, 'zoe', { filter: { q: 'zoe' } })).toEqual([zoe.at[named]]);
    const differing = await s.get(null, `${users(named)}?${asQuery({ q: 'zoe', filter: { q: 'otto' } })}`);
    expect([differing.status, differing.body.errors[0].pointer]).toEqual([400, 'q']);
  });

  test('a blank q is no search; one without letter or digit, or too long, is refused', async () => {
    expect(await search(null, named, ' ')).toEqual(idsIn((await s.get(null, users(named))).body));
    for (const q of ['%', '\u0000', '👍', 'x'.repeat(65), 'a b c d e f g h i j k', 'x'.repeat(2000)]) {
      const { status, body } = await s.get('admin', `${users(named)}?${asQuery({ q })}`);
      expect([status, body.errors[0].pointer]).toEqual([400, 'q']);
    }
  });
});

describe('first and last name and e-mail are searched by those who see them, and told to nobody else', () => {
  test('an address: moderators, the owner, and whom the user let see it', async () => {
    const moderator = await moderatorOf(named);
    for (const [q, who, found] of [
      ['zm.post@voorbeeld.example', moderator, [zoe]],
      ['zm.post@voorbeeld.example', zoe.at[named]!, [zoe]],
      ['zm.post@voorbeeld.example', reader.at[named]!, []],
      ['zm.post@voorbeeld.example', null, []],
      ['openpost', reader.at[named]!, [open]],
      ['openpost', null, []],
      ['stilpost', moderator, []],
      ['stilpost', secret.at[named]!, [secret]],
      ['stilpost', 'admin', [secret]],
      ['voorbeeld', moderator, [zoe, open]],
      ['voorbeeld', reader.at[named]!, [open]],
      ['voorbeeld', null, []],
    ] as const)
      expect([q, who, await search(who, named, q)]).toEqual([q, who, found.map(({ at }) => at[named])]);
  });

  test('totals are exact on every page, and beyond the end', async () => {
    const moderator = await moderatorOf(named);
    for (const [page, found] of [
      [0, [zoe]],
      [1, [open]],
      [2, []],
      [9, []],
    ] as const) {
      const query = asQuery({ q: 'voorbeeld', page, pageSize: 1 });
      const { body } = await s.get(moderator, `${users(named)}?${query}`);
      expect([idsIn(body.records), body.metadata.totalCount]).toEqual([found.map(({ at }) => at[named]), 2]);
    }
  });

  test('the real name where the site shows nick names', async () => {
    const moderator = await moderatorOf(nick);
    expect(await search(null, nick, 'vosje')).toEqual([fox.at[nick]]);
    expect(await search(null, nick, 'wilma')).toEqual([]);
    expect(await search(reader.at[nick]!, nick, 'vosje werkelijk')).toEqual([]);
    expect(await search(fox.at[nick]!, nick, 'werkelijk vosje')).toEqual([fox.at[nick]]);
    expect(await search(moderator, nick, 'werkelijk vosje')).toEqual([fox.at[nick]]);
    expect(await search(reader.at[nick]!, nick, 'deelnemer')).toEqual([reader.at[nick]]);
  });

  test('a nick name of blanks or invisible characters, as old rows hold, is none: what is shown instead is found', async () => {
    for (const nickName of ['  ', '\u200B', ' \u2800\u00AD']) {
      const row = { listableByRole: 'all', firstName: 'Blanca', nickName } as const;
      const [named, nicked] = [
        await s.extraRow({ ...row, siteId: nickOrFull }),
        await s.extraRow({ ...row, siteId: nick }),
      ];
      expect((await s.get(null, user(nickOrFull, named))).body.displayName).toBe('Blanca');
      expect((await s.get(null, user(nick, nicked))).body.displayName).toBe('Deelnemer');
      expect([nickName, await search(null, nickOrFull, 'blanca')]).toEqual([nickName, expect.arrayContaining([named])]);
      expect([nickName, await search(null, nick, 'deelnemer')]).toEqual([nickName, expect.arrayContaining([nicked])]);
      expect([nickName, await search(null, nick, 'blanca')]).toEqual([nickName, []]);
    }
  });

  test('a moderator’s cursor is good for the same q only', async () => {
    const moderator = await moderatorOf(named);
    const at = (parameters: object) => s.get(moderator, `${users(named)}?${asQuery({ pageSize: 1, ...parameters })}`);
    const first = await at({ q: 'voorbeeld', page: 0 });
    const { cursor } = first.body.metadata as { readonly cursor: string };
    expect(idsIn((await at({ q: 'Voorbeeld', cursor })).body.records)).toEqual([open.at[named]]);
    for (const q of [{}, { q: 'voor' }, { q: 'voorbeeld otto' }])
      expect((await at({ ...q, cursor })).body).toMatchObject({ status: 400, errors: [{ pointer: 'cursor' }] });
    expect((await s.get(reader.at[named]!, `${users(named)}?${asQuery({ q: 'voorbeeld', cursor })}`)).status).toBe(400);
  });
});

describe('a search follows what is written', () => {
  test('a new name is found and the old one is not, wherever it is shown', async () => {
    const somebody = await s.person({
      at: { [named]: 'member', [other]: 'member' },
      profile: { firstName: 'Vroeger', lastName: 'Naam' },
    });
    const { status } = await s.put('admin', user(named, somebody.at[named]!), { firstName: 'Later' });
    expect(status).toBe(200);
    for (const siteId of [named, other]) {
      expect(await search('admin', siteId, 'vroeger')).toEqual([]);
      expect(await search('admin', siteId, 'later naam')).toEqual([somebody.at[siteId]]);
    }
  });

  test('whoever is created is found; whoever is deleted or anonymized is not', async () => {
    const made = await s.post('admin', users(named), { email: 'nieuw@komer.example', firstName: 'Nieuwkomer' });
    expect([made.status, await search('admin', named, 'nieuwk komer')]).toEqual([201, [made.body.id]]);
    expect((await s.remove('admin', user(named, made.body.id))).status).toBe(200);
    expect(await search('admin', named, 'nieuwkomer')).toEqual([]);

    const leaver = await s.person({ at: { [named]: 'member' }, profile: { firstName: 'Vertrekker', lastName: 'Weg' } });
    expect((await s.put('admin', `${user(named, leaver.at[named]!)}/do-anonymizeall`)).status).toBe(200);
    for (const q of ['vertrekker', 'weg', 'gebruiker', 'verwijderd'])
      expect(await search('admin', named, q)).toEqual([]);
  });
});
