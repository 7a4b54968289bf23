import type { Somebody } from '../journeys/sentences/support/people.ts';
import {
  asQuery,
  each,
  refusal,
  startSentences,
  user,
  type SentenceWorld,
  type Who,
} from '../journeys/sentences/support/world.ts';

/** Moderators ask who somebody is elsewhere, where they are nobody. Source: people.md §1. */
const [here, there, hiding, nick] = [11, 12, 13, 14] as const;
let s: SentenceWorld;
beforeAll(async () => {
  s = await startSentences({
    ...{ [here]: {}, [there]: {}, [hiding]: { config: { users: { viewableByRole: 'editor' } } } },
    [nick]: { config: { users: { displayName: 'nick' } } },
  });
});
afterAll(() => s.close());

let last = 0;
/** A name that nobody else has. */
const aName = (): string =>
  `Zeldzaam${String((last += 1)).replace(/\d/g, (digit) => String.fromCharCode(97 + Number(digit)))}`;
const find = (who: Who, query: Record<string, string>) => s.get(who, `/api/person?${asQuery(query)}`);
const idsOf = (body: { readonly records: readonly { readonly users: unknown }[] }) =>
  body.records.map(({ users }) => each(users, 'id'));
/** Cursors are sealed anew each time; their length must say nothing either. */
const comparable = (text: string): string =>
  text.replace(/(?<="cursor":"|[?&]cursor=)[^"&]*/g, (cursor) => String(cursor.length));

test('a moderator is told the same, byte for byte, with and without the person’s row elsewhere', async () => {
  const firstName = aName();
  const moderator = (await s.person({ at: { [here]: 'moderator' } })).at[here]!;
  const people: Somebody[] = [];
  for (let count = 0; count < 3; count += 1)
    people.push(await s.person({ at: { [here]: 'member', [there]: 'member' }, columns: { firstName } }));
  const questions = [
    { q: firstName },
    { q: firstName, pageSize: '1' },
    { q: firstName, page: '0' },
    { q: firstName, pageSize: '1', page: '1' },
    { q: `${firstName} example` },
    { email: people[0]!.email },
    { externalUserId: String(people[0]!.externalId) },
  ];
  const answers = async () => {
    const all = [];
    for (const question of questions) {
      const { status, text } = await find(moderator, question);
      all.push([status, comparable(text)]);
    }
    const { status, text } = await s.get(moderator, `${user(here, people[0]!.at[here]!)}/person`);
    all.push([status, text]);
    return all;
  };
  const before = await answers();
  expect(before.map(([status]) => status)).toEqual([...questions, 'person'].map(() => 200));
  expect(before[0]![1]).toContain(String(people[0]!.at[here]));
  for (const { at } of people) expect(JSON.stringify(before)).not.toContain(`"id":${at[there]}`);

  for (const { at } of people)
    await s.touch('users', at[there]!, { personId: null, firstName: 'Iemand', email: 'x@y.example' });
  expect(await answers()).toEqual(before);
  for (const { at } of people) await s.touch('users', at[there]!, { deletedAt: new Date() });
  expect(await answers()).toEqual(before);
});

test('whoever adds an address at a site is not told which row elsewhere has it', async () => {
  const firstName = aName();
  const somebody = await s.person({ at: { [here]: 'member', [there]: 'member' }, columns: { firstName } });
  await s.touch('users', somebody.at[here]!, { profileWithheld: true });
  const rows = [[somebody.at[here]], [somebody.at[there]]];
  for (const query of [{ q: firstName }, { email: somebody.email }]) {
    const { body } = await find('moderator', { ...query, page: '0' });
    expect([idsOf(body), body.metadata.totalCount]).toEqual([rows, 2]);
    expect(idsOf((await find('admin', query)).body)).toEqual([rows.flat()]);
  }
  for (const siteId of [here, there]) {
    const { body } = await s.get('moderator', `${user(siteId, somebody.at[siteId]!)}/person`);
    expect([each(body.users, 'id'), body.issuer]).toEqual([[somebody.at[siteId]], undefined]);
    expect('fetchedAt' in body).toBe(siteId === there);
    expect(each((await s.get('admin', `${user(siteId, somebody.at[siteId]!)}/person`)).body.users, 'id')).toEqual(
      rows.flat(),
    );
  }
  // By id nobody is told of a row that does not show it.
  expect(idsOf((await find('admin', { externalUserId: String(somebody.externalId) })).body)).toEqual([rows.flat()]);
  await s.touch('users', somebody.at[there]!, { profileWithheld: true });
  expect((await find('admin', { externalUserId: String(somebody.externalId) })).body.records).toEqual([]);
});

test('a login that is hidden does not choose what a person is called', async () => {
  const firstName = aName();
  const somebody = await s.person({
    ...{ at: { [here]: 'member', [there]: 'member' } },
    columns: { firstName, detailsViewableByRole: 'admin' },
  });
  const [first, second] = [somebody.at[here]!, somebody.at[there]!];
  const told = async (lastLogin: Date) => {
    await s.touch('users', second, { lastLogin, lastName: 'Tweede' });
    const { body } = await find('moderator', { q: firstName });
    return body.records as { readonly users: readonly object[] }[];
  };
  const [early, late] = [await told(new Date(0)), await told(new Date('2030-01-01'))];
  expect(late).toEqual(early);
  expect(late).toMatchObject([{ email: null, lastLogin: null, users: [{ id: first }, { id: second }] }]);
  expect(Object.keys(late[0]!.users[0]!)).toEqual(['id', 'site', 'displayName']);
});

test('what is hidden finds nobody: details, real names, and people of sites that hide theirs', async () => {
  const firstName = aName();
  const details = { firstName, detailsViewableByRole: 'admin', nickName: aName() } as const;
  const atNick = await s.person({ at: { [nick]: 'member' }, columns: details });
  const atHiding = await s.person({ at: { [hiding]: 'member' }, columns: { firstName } });
  const moderator = (await s.person({ at: { [nick]: 'moderator', [hiding]: 'moderator' } })).at;
  const none = [{ q: firstName }, { email: atNick.email }, { email: atHiding.email }];
  for (const query of none)
    for (const who of ['moderator', moderator[nick]!, moderator[hiding]!]) {
      const { status, body } = await find(who, { ...query, page: '0' });
      expect([query, who, status, body.records, body.metadata.totalCount]).toEqual([query, who, 200, [], 0]);
    }
  expect(idsOf((await find(moderator[nick]!, { q: details.nickName })).body)).toEqual([[atNick.at[nick]]]);
  expect(idsOf((await find('admin', { q: firstName })).body)).toEqual([[atNick.at[nick]], [atHiding.at[hiding]]]);
});

test('who is listable to admins only is found by admins', async () => {
  const firstName = aName();
  const somebody = await s.person({ at: { [here]: 'member' }, columns: { firstName, listableByRole: 'admin' } });
  const staff = (await s.person({ at: { [here]: 'moderator' } })).at[here]!;
  const admin = (await s.person({ at: { [here]: 'admin' } })).at[here]!;
  const found = async (who: Who) => idsOf((await find(who, { q: firstName })).body);
  expect([await found(staff), await found('moderator'), await found(admin), await found('admin')]).toEqual([
    ...[[], [], [[somebody.at[here]]]],
    [[somebody.at[here]]],
  ]);
});

test('“Deelnemer”, which is shown of whom has no nick name, is no word', async () => {
  const somebody = await s.person({ at: { [nick]: 'member' } });
  const { body } = await find('admin', { q: 'deelnemer', pageSize: '100' });
  expect(idsOf(body).flat()).not.toContain(somebody.at[nick]);
});

test('a cursor is of one question and of one pair of eyes', async () => {
  const firstName = aName();
  for (let count = 0; count < 3; count += 1) await s.person({ at: { [here]: 'member' }, columns: { firstName } });
  const moderator = (await s.person({ at: { [here]: 'moderator' } })).at[here]!;
  const query = { q: firstName, pageSize: '1' };
  const { body } = await find(moderator, query);
  const { cursor } = body.metadata;
  expect((await find(moderator, { ...query, cursor })).body.records).toHaveLength(1);
  for (const [who, asked] of [
    ['admin', query],
    ['moderator', query],
    [moderator, { ...query, q: 'zeldzaam' }],
    [moderator, { email: firstName }],
  ] as const)
    expect(refusal(await find(who, { ...asked, cursor }))).toEqual([400]);
});
