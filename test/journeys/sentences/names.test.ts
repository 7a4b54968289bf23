import { asQuery, refusal, startSentences, user, users, type SentenceWorld } from './support/world.ts';

/** user-api.md §2: displayName, initials, and who may view anybody at all. */
const named = 11;
const nick = 12;
const hidden = 13;
let s: SentenceWorld;

beforeAll(async () => {
  s = await startSentences({
    [named]: { config: { users: { allowUseOfNicknames: true } } },
    [nick]: { config: { users: { allowUseOfNicknames: true, displayName: 'nick' } } },
    [hidden]: { config: { users: { viewableByRole: 'member' } } },
  });
});
afterAll(() => s.close());

const nicknamed = (siteId: number, value: string | null) => ({
  at: { [siteId]: 'member' } as const,
  extraData: value === null ? {} : { nickName: [{ value, siteId }] },
});

describe('displayName is seen by everybody, as contributions show it, and initials with it', () => {
  test.each([
    [named, 'Vosje', 'Vosje', 'V'],
    [named, null, 'Noor van Dijk', 'ND'],
    [nick, 'De Vos', 'De Vos', 'DV'],
    [nick, null, 'Deelnemer', 'D'],
    [1, null, 'Noor van Dijk', 'ND'],
  ])('at site %i with nick name %s it is %s (%s)', async (siteId, given, displayName, initials) => {
    const { at } = await s.person(nicknamed(siteId, given));
    const [view, list] = [
      await s.get(null, user(siteId, at[siteId]!)),
      await s.get('admin', `${users(siteId)}?${asQuery({ filter: { id: at[siteId]! } })}`),
    ];
    expect(view.body).toMatchObject({ displayName, initials });
    expect(list.body).toMatchObject([{ displayName, initials }]);
  });

  test('where the site says nick, nothing that everybody sees holds the real name', async () => {
    const { at } = await s.person(nicknamed(nick, 'Vosje'));
    const { text } = await s.get(null, user(nick, at[nick]!));
    expect(text).not.toMatch(/Noor|Dijk|ND/);
  });

  test('an anonymized user shows the replaced name, also there', async () => {
    const { at } = await s.person(nicknamed(nick, 'Vosje'));
    expect((await s.put('admin', `${user(nick, at[nick]!)}/do-anonymize`)).status).toBe(200);
    expect((await s.get(null, user(nick, at[nick]!))).body).toMatchObject({
      displayName: 'Gebruiker verwijderd',
      initials: 'GV',
    });
  });
});

describe('everybody may view by id, unless the site says users.viewableByRole: then 404 below it', () => {
  test('for view and activity; who may do nothing there hears that of everybody, whether they are there or not', async () => {
    const [one, member, guest] = [
      await s.person({ at: { [hidden]: 'member' } }),
      await s.person({ at: { [hidden]: 'member' } }),
      await s.person({ at: { [hidden]: 'anonymous' } }),
    ];
    const path = user(hidden, one.at[hidden]!);

    expect((await s.get(null, path)).status).toBe(404);
    const answers = [await s.get(guest.at[hidden]!, path), await s.get(guest.at[hidden]!, `${path}/activity`)];
    const nobody = await s.get(guest.at[hidden]!, user(hidden, 8_000_000));
    for (const answer of answers) {
      expect([answer.status, answer.body.type, answer.body.detail]).toEqual([
        404,
        nobody.body.type,
        nobody.body.detail,
      ]);
    }
    for (const there of [path, user(hidden, 8_000_000)])
      for (const answer of [
        await s.put(guest.at[hidden]!, there, { city: 'X' }),
        await s.remove(guest.at[hidden]!, there),
        await s.get(guest.at[hidden]!, `${there}/will-anonymize`),
        await s.put(guest.at[hidden]!, `${there}/do-anonymizeall`),
      ])
        expect(refusal(answer)).toEqual([403, 'owner-or-moderator']);
    expect((await s.get(member.at[hidden]!, path)).status).toBe(200);
    expect((await s.get(guest.at[hidden]!, user(hidden, guest.at[hidden]!))).body.email).toBe(guest.email);
    expect(refusal(await s.put(member.at[hidden]!, path, { city: 'X' }))).toEqual([403, 'owner-or-moderator']);
  });
});
