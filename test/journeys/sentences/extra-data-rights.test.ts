import { type Somebody } from './support/people.ts';
import { refusal, startSentences, user, type SentenceWorld } from './support/world.ts';

/** user-api.md §2 extraData: who sees and sets a key, and §4 `users.extraDataMustBeDefined`. */
const [here, there, strict] = [11, 12, 13];
let s: SentenceWorld;
beforeAll(async () => {
  const keys = {
    own: { sitespecific: true },
    dashed: { 'site-specific': true },
    shared: {},
    bio: {},
    expertise: { sitespecific: false },
    forMembers: { auth: { viewableBy: 'member' } },
    forOwner: { auth: { viewableBy: ['owner', 'editor'], updateableBy: 'owner' } },
    forAdmins: { auth: { updateableBy: ['admin'] } },
    mistyped: { auth: { viewableBy: 'everybody' } },
    choice: { values: ['a', 'b', null] },
    list: { type: 'array' },
    size: { type: 'number' },
  };
  s = await startSentences({
    [here]: { config: { users: { extraData: keys } } },
    [there]: { config: { users: { extraData: keys } } },
    [strict]: { config: { users: { extraDataMustBeDefined: true, extraData: { known: {} } } } },
  });
});
afterAll(() => s.close());

const at = (somebody: Somebody, site = here) => user(site, somebody.at[site]!);
const raw = (somebody: Somebody) => s.there(somebody.externalId)?.extraData;
const write = (somebody: Somebody, extraData: unknown, site = here) =>
  s.put(somebody.at[site]!, at(somebody, site), { extraData });

describe('users.extraDataMustBeDefined', () => {
  test('refuses keys that the site did not define: 422', async () => {
    const one = await s.person({ at: { [strict]: 'member' } });
    expect((await write(one, { known: 1 }, strict)).status).toBe(200);
    expect((await write(one, { unknown: 1 }, strict)).body.errors).toMatchObject([{ pointer: '/extraData/unknown' }]);
  });
});

describe('who sees and sets a key of extraData', () => {
  const everything = { shared: 1, forMembers: 1, forOwner: 1, forAdmins: 1, mistyped: 1, other: 1 };
  const declared = ['forAdmins', 'shared'];
  test.each([
    ['a visitor', null, declared],
    ['a member', 'member', [...declared, 'forMembers']],
    ['a moderator', 'moderator', [...declared, 'forMembers', 'other']],
    ['an editor', 'editor', [...declared, 'forMembers', 'forOwner', 'other']],
    ['the owner', 'owner', [...declared, 'forMembers', 'forOwner', 'other']],
  ])(
    'by auth.viewableBy, and where a site says nothing all for declared keys, mod and owner for others: %s',
    async (_who, actor, keys) => {
      const one = await s.person({ at: { [here]: 'member' }, extraData: everything });
      const { body } = await s.get(actor === 'owner' ? one.at[here]! : actor, at(one));
      expect(Object.keys(body.extraData as object).sort()).toEqual([...keys].sort());
    },
  );

  test.each([
    ['owner', 'forOwner', true],
    ['admin', 'forOwner', false],
    ['admin', 'forAdmins', true],
    ['editor', 'forAdmins', false],
    ['owner', 'forAdmins', false],
    ['owner', 'shared', true],
    ['moderator', 'shared', true],
    ['moderator', 'other', true],
    ['owner', 'other', true],
  ])('by auth.updateableBy, else owner and mod: %s sets %s → %s', async (actor, key, allowed) => {
    const one = await s.person({ at: { [here]: 'member' }, extraData: everything });
    const answer = await s.put(actor === 'owner' ? one.at[here]! : actor, at(one), { extraData: { [key]: 2 } });
    expect(allowed ? answer.status : refusal(answer)).toEqual(
      allowed ? 200 : [403, 'field-not-writable', `extraData.${key}`],
    );
    expect(raw(one)?.[key]).toBe(allowed ? 2 : 1);
  });
});
