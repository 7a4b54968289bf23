import { type NewPerson, type Somebody } from './support/people.ts';
import { asQuery, idsIn, startSentences, user, type SentenceWorld, type Who } from './support/world.ts';

/** anonymization.md §1: `onlyUserIds` and `onlySiteIds`. */
const [here, few] = [11, 12];
let s: SentenceWorld;
beforeAll(async () => {
  s = await startSentences({
    [here]: { config: { votes: { isActive: true } } },
    [few]: { config: { anonymize: { maxListed: 2 } } },
  });
});
afterAll(() => s.close());

const somebody = (more: Partial<NewPerson> = {}) =>
  s.person({ at: { 1: 'member', 2: 'member', [here]: 'member' }, ...more });
const call = (who: Who, method: string, one: Somebody, verb: string, body?: unknown, site = 1) =>
  s.world.call(who, method, `${user(site, one.at[site]!)}/${verb}`, body);
const anonymizedSites = async (one: Somebody) => {
  const rows = await Promise.all(
    Object.entries(one.at).map(async ([site, id]) => [Number(site), (await s.row(id))?.anonymizedAt] as const),
  );
  return rows.filter(([, at]) => at !== null).map(([site]) => site);
};

describe('onlyUserIds and onlySiteIds', () => {
  test.each([
    ['a number', { onlySiteIds: 2 }, [2]],
    ['a string', { onlySiteIds: '2' }, [2]],
    ['a list', { onlySiteIds: [1, '2'] }, [1, 2]],
    ['a string of several', { onlySiteIds: '1,2' }, [1, 2]],
    ['a site where they are not', { onlySiteIds: [3, 99] }, []],
    ['an empty list', { onlySiteIds: [] }, []],
    ['nothing', {}, [1, 2, here]],
  ])('%s', async (_what, only, sites) => {
    const one = await somebody();
    const expected = sites.map((site) => one.at[site]);
    const answers = [
      await s.get('admin', `${user(1, one.at[1]!)}/will-anonymizeall?${asQuery(only)}`),
      await call('admin', 'POST', one, 'will-anonymizeall', only),
      await call('admin', 'PUT', one, 'do-anonymizeall', only),
    ];
    for (const { status, body } of answers)
      expect([status, idsIn(body.users), idsIn(body.sites)]).toEqual([200, expected, sites]);
    expect(await anonymizedSites(one)).toEqual(sites);
  });

  test('are united', async () => {
    const one = await somebody();
    const { body } = await call('admin', 'PUT', one, 'do-anonymizeall', { onlyUserIds: one.at[2], onlySiteIds: 1 });
    expect([idsIn(body.users), await anonymizedSites(one)]).toEqual([
      [one.at[1], one.at[2]],
      [1, 2],
    ]);
  });

  test('of others select nothing', async () => {
    const [one, other] = [await somebody(), await somebody()];
    const { body } = await call('admin', 'PUT', one, 'do-anonymizeall', { onlyUserIds: [other.at[1]!, one.at[2]!] });
    expect([idsIn(body.users), await anonymizedSites(other)]).toEqual([[one.at[2]], []]);
  });

  test('select among the rows of this site for do-anonymize', async () => {
    const one = await somebody();
    expect(idsIn((await call('admin', 'PUT', one, 'do-anonymize', { onlySiteIds: 2 })).body.users)).toEqual([]);
    expect(await anonymizedSites(one)).toEqual([]);
  });

  test.each([
    { onlySiteIds: 'x' },
    { onlySiteIds: [1, null] },
    { onlyUserIds: 0 },
    { onlyUserIds: -1 },
    { onlyUserIds: 1.5 },
    { onlyUserIds: { id: 1 } },
    { onlySiteIds: true },
    { onlyUserIds: '1;2' },
    { onlySiteIds: null },
    { onlySites: 1 },
  ])('%j holds something that is no id: 400, and nothing happens', async (only) => {
    const one = await somebody();
    expect((await call('admin', 'PUT', one, 'do-anonymizeall', only)).status).toBe(400);
    expect((await s.get('admin', `${user(1, one.at[1]!)}/will-anonymizeall?${asQuery(only)}`)).status).toBe(400);
    expect(await anonymizedSites(one)).toEqual([]);
  });
});
