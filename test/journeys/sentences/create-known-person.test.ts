import { blankRow } from '../../../src/domain/users/user.ts';
import { longAgo, writeThere } from './support/people.ts';
import { refusal, startSentences, user, users, type SentenceWorld } from './support/world.ts';

/** user-api.md §3 "Create": somebody whom the OAuth server knows already. */
let s: SentenceWorld;
beforeAll(async () => {
  s = await startSentences();
});
afterEach(() => s.world.oauth.proxy.behave('pass'));
afterAll(() => s.close());

let last = 0;
const newEmail = () => `new${(last += 1)}@example.org`;

describe('a person who exists already', () => {
  test('keeps their profile, of which nothing is told: the row holds what the body gave, site values and an allowed role apart', async () => {
    const elsewhere = await s.person({
      at: { 2: 'member' },
      extraData: { shared: 'Geheim', bio: ['Mijn bio', { value: 'Twee', siteId: 2 }] },
    });
    const made = await s.post('moderator', users(1), {
      email: elsewhere.email,
      city: 'Gegeven',
      gender: 'male',
      extraData: { bio: 'Hier' },
    });

    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({
      city: 'Gegeven',
      firstName: null,
      streetName: null,
      gender: 'male',
      extraData: { bio: 'Hier' },
    });
    expect(made.text).not.toContain('Geheim');
    expect(s.there(elsewhere.externalId)).toMatchObject({
      city: 'Utrecht',
      extraData: {
        shared: 'Geheim',
        bio: ['Mijn bio', { value: 'Twee', siteId: 2 }, { value: 'Hier', siteId: 1 }],
        gender: [{ value: 'male', siteId: 1 }],
      },
      roles: { 'peer-client-1': 'member', 'peer-client-2': 'member' },
    });
  });

  test('keeps their generic extraData as well: the body sets values of this site only', async () => {
    const elsewhere = await s.person({ at: { 2: 'member' }, extraData: { shared: 'Van henzelf', hobby: 'Zingen' } });
    const made = await s.post('moderator', users(1), {
      email: elsewhere.email,
      extraData: { shared: 'Van een ander', hobby: null, extra: 'Nieuw', bio: 'Hier' },
    });
    expect(made.status).toBe(201);
    expect(s.there(elsewhere.externalId)?.extraData).toEqual({
      shared: 'Van henzelf',
      hobby: 'Zingen',
      bio: [{ value: 'Hier', siteId: 1 }],
    });
  });

  test('shows nothing more after a refresh or an update either, until they log in here', async () => {
    const elsewhere = await s.person({ at: { 2: 'member' } });
    const { body } = await s.post('moderator', users(1), { email: elsewhere.email });
    const path = user(1, body.id as number);

    const refreshed = await s.get('moderator', path, { 'cache-control': 'no-cache' });
    const updated = await s.put('moderator', path, { suffix: 'Q' });
    for (const answer of [refreshed, updated])
      expect(answer.body).toMatchObject({ firstName: null, city: null, phoneNumber: null });
    // What is theirs everywhere is written into this row only.
    expect([updated.body.suffix, s.there(elsewhere.externalId)?.suffix]).toEqual(['Q', 'B']);
    expect((await s.get('admin', user(2, elsewhere.at[2]!))).body).toMatchObject({ suffix: 'B', city: 'Utrecht' });
  });

  test.each([
    ['here in a row', { 2: 'editor' }],
    ['at another site of ours', { 3: 'admin' }],
  ] as const)('and has a higher role than the creator, %s, is refused: 403', async (_where, at) => {
    const chief = await s.person({ at });
    const { result, writes } = await s.writesDuring(() => s.post('moderator', users(1), { email: chief.email }));
    expect([...refusal(result), writes]).toEqual([403, 'higher-role-elsewhere', 0]);
  });

  test('and has a higher role at the OAuth client of another site of ours, where they have no row, is refused: 403', async () => {
    const chief = await s.person({ at: {} });
    // Their numbers: 5 is editor, at client 3.
    await writeThere(s.world, chief.externalId, { roles: { 3: 5 } });
    expect(refusal(await s.post('moderator', users(1), { email: chief.email }))).toEqual([
      403,
      'higher-role-elsewhere',
    ]);
    expect((await s.post('editor', users(1), { email: chief.email })).status).toBe(201);
  });

  test('and was soft-deleted at this site comes back, empty', async () => {
    const gone = await s.person({ at: { 1: 'member', 2: 'member' } });
    await s.touch('users', gone.at[1]!, { deletedAt: longAgo });
    const made = await s.post('admin', users(1), { email: gone.email, city: 'Opnieuw' });
    expect([made.status, made.body.city, made.body.lastName]).toEqual([201, 'Opnieuw', null]);
    expect(made.body.id).toBe(gone.at[1]);
  });

  test('without rows of their own is taken for no one else: a row without a person with that address does not count', async () => {
    const email = newEmail();
    await s.world.container.ports.users.insert({ ...blankRow(1, null, null, longAgo), email });
    const made = await s.post('admin', users(1), { email });
    expect([made.status, (await s.row(made.body.id as number))?.personId]).toEqual([201, expect.any(Number)]);
  });
});
