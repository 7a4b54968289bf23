import { ruleOf, userFieldNames } from '../../../src/domain/users/user-fields.ts';
import { roles, userRoles } from '../../../src/domain/actor.ts';
import { contractFields, hiddenColumns } from './support/contract-fields.ts';
import { longAgo, type Somebody } from './support/people.ts';
import { asQuery, keysOf, startSentences, user, users, type SentenceWorld, type Who } from './support/world.ts';

/** user-api.md §2, the column "View". */
let s: SentenceWorld;
/** Everything about this person is filled. */
let full: Somebody;
/** One actor per role at site 1, beside a visitor and the owner. */
const actors: Record<string, Who> = { all: null, anonymous: 6, member: 4, moderator: 3, editor: 5, admin: 2 };
const oauthToken = 'an-access-token-of-the-oauth-server';

beforeAll(async () => {
  s = await startSentences();
  full = await s.person({
    at: { 1: 'member', 2: 'member' },
    extraData: {
      nickName: [{ value: 'Nootje', siteId: 1 }],
      gender: [{ value: 'female', siteId: 1 }],
      signedUpForNewsletter: [{ value: true, siteId: 1 }],
      listableByRole: [{ value: 'all', siteId: 1 }],
      bio: ['Bio', { value: 'Geheim van site 2', siteId: 2 }],
      shared: 'S',
      secretnote: 'N',
      undeclared: 'U',
    },
    columns: { isNotifiedAboutAnonymization: longAgo, externalAccessToken: oauthToken },
  });
  actors['owner'] = full.at[1]!;
});
afterAll(() => s.close());

const everything = Object.keys(contractFields);
/** The fields of each item of a list. */
const shapes = (list: readonly object[]) => list.map(keysOf);
const seenBy = (actor: string): readonly string[] =>
  everything
    .filter((field) => {
      const view = contractFields[field]?.view;
      if (view === 'admin') return actor === 'admin';
      return view === 'all' || ['moderator', 'editor', 'admin', 'owner'].includes(actor);
    })
    .sort();

describe('the table of fields', () => {
  test('says of every column what the contract says', () => {
    const said = {
      everybody: 'all',
      'by-key': 'all',
      details: 'mod, owner',
      admin: 'admin',
      nobody: undefined,
    } as const;
    const table = userFieldNames.map((field) => [field, said[ruleOf(field).view]]);
    expect(Object.fromEntries(table)).toEqual(
      Object.fromEntries(userFieldNames.map((field) => [field, contractFields[field]?.view])),
    );
    expect(userFieldNames.filter((field) => contractFields[field] === undefined).sort()).toEqual(
      [...hiddenColumns].sort(),
    );
  });
});

describe.each(Object.keys({ ...actors, owner: 0 }))(
  'to %s every answer shows a user with exactly the fields of the table:',
  (actor) => {
    test('view', async () => {
      expect(keysOf((await s.get(actors[actor]!, user(1, full.at[1]!))).body)).toEqual(seenBy(actor));
    });

    test('list, with and without page', async () => {
      const only = asQuery({ filter: { id: full.at[1]! } });
      const [everybody, page] = [
        await s.get(actors[actor]!, `${users(1)}?${only}`),
        await s.get(actors[actor]!, `${users(1)}?page=0&${only}`),
      ];
      expect([shapes(everybody.body), shapes(page.body.records)]).toEqual([[seenBy(actor)], [seenBy(actor)]]);
    });

    if (['moderator', 'editor', 'admin', 'owner'].includes(actor)) {
      test('anonymize', async () => {
        const { body } = await s.get(actors[actor]!, `${user(1, full.at[1]!)}/will-anonymize`);
        expect(shapes(body.users)).toEqual([seenBy(actor)]);
      });

      test('update', async () => {
        expect(keysOf((await s.put(actors[actor]!, user(1, full.at[1]!), {})).body)).toEqual(seenBy(actor));
      });
    }

    test('neither token, nor another site, nor a field that lives per site, is in it', async () => {
      const { text, body } = await s.get(actors[actor]!, user(1, full.at[1]!));
      expect(text).not.toContain(oauthToken);
      expect(text).not.toContain('Geheim van site 2');
      expect(text).not.toMatch(/secret["-]|password/i);
      expect(Object.keys(body.extraData as object)).not.toContain('nickName');
    });
  },
);

describe('what the fields say', () => {
  test('is typed as the table says', async () => {
    expect((await s.get('admin', user(1, full.at[1]!))).body).toMatchObject({
      id: full.at[1],
      siteId: 1,
      externalUserId: full.externalId,
      role: 'member',
      complete: true,
      email: full.email,
      firstName: 'Noor',
      lastName: 'van Dijk',
      fullName: 'Noor van Dijk',
      displayName: 'Nootje',
      initials: 'N',
      zipCode: '1234AB',
      postcode: '1234AB',
      nickName: 'Nootje',
      gender: 'female',
      signedUpForNewsletter: true,
      listableByRole: 'all',
      detailsViewableByRole: null,
      isNotifiedAboutAnonymization: longAgo.toISOString(),
      anonymizedAt: null,
      deletedAt: null,
      site: { id: 1, name: 'site1', title: 'Site 1', domain: 'site1.localhost', areaId: null },
    });
  });

  test('site is {id, name, title, domain, areaId, createdAt, updatedAt} and nothing of its config', async () => {
    const { body } = await s.get('admin', user(1, full.at[1]!));
    expect(keysOf(body.site as object)).toEqual(['areaId', 'createdAt', 'domain', 'id', 'name', 'title', 'updatedAt']);
  });

  test('complete is true after the first login', async () => {
    const made = await s.post('admin', users(1), { email: 'incomplete@example.org' });
    expect(made.body.complete).toBe(false);
  });
});

describe('detailsViewableByRole, when set, replaces mod for the fields that mod, owner may view', () => {
  test.each(roles)('%s', async (role) => {
    const open = await s.person({
      at: { 1: 'member' },
      extraData: { detailsViewableByRole: [{ value: role, siteId: 1 }], undeclared: 'U', secretnote: 'N' },
    });
    const sees = async (actor: string): Promise<readonly unknown[]> => {
      const { body } = await s.get(actors[actor]!, user(1, open.at[1]!));
      const { email, fullName, extraData } = body as Record<string, unknown> & { extraData: Record<string, unknown> };
      return [email, fullName, extraData['undeclared'], extraData['secretnote']];
    };

    for (const actor of ['all', ...userRoles]) {
      const allowed = roles.indexOf(actor as 'all') >= roles.indexOf(role);
      const isModerator = ['moderator', 'editor', 'admin'].includes(actor);
      expect([actor, await sees(actor)]).toEqual([
        actor,
        [
          ...(allowed ? [open.email, 'Noor van Dijk', 'U'] : [undefined, undefined, undefined]),
          // This key's own audience is not replaced.
          isModerator ? 'N' : undefined,
        ],
      ]);
    }
    expect((await s.get(open.at[1]!, user(1, open.at[1]!))).body.email).toBe(open.email);
  });
});
