import { joined, raw, sql } from '../../src/db/sql.ts';
import { putCountsRight, wrongCounts } from '../../src/db/users/words-and-counts.ts';
import { foreignWritesStore } from '../../src/db/stores/foreign-writes-store.ts';
import { ruleOf, userFieldNames, type UserField } from '../../src/domain/users/user-fields.ts';
import {
  mayBeNull,
  oddFields,
  oddValues,
  otherProgram,
  type OtherProgram,
  type Stored,
} from '../support/odd-columns.ts';
import type { Answer } from '../support/recorded-world.ts';
import { putRight } from '../../src/use-cases/person-sync/reconcile.ts';
import { until } from '../support/until.ts';
import type { Somebody } from './sentences/support/people.ts';
import {
  asQuery,
  each,
  idsIn,
  startSentences,
  user,
  users,
  type SentenceWorld,
  type Who,
} from './sentences/support/world.ts';

/** user-api.md §3 "List", running.md "Databases": rows of old databases, as no API would write them, over HTTP. */
const [crowd, site, other] = [8, 9, 10];
const zero = '0000-00-00 00:00:00';
const anew = { 'cache-control': 'no-cache' };
let s: SentenceWorld;
let past: OtherProgram;

beforeAll(async () => {
  s = await startSentences({
    [crowd]: { config: { users: { allowUseOfNicknames: true } } },
    [site]: { config: { votes: { isActive: true } } },
    [other]: {},
  });
  const { database } = s.world.container;
  past = await otherProgram({ database, url: s.world.env['DATABASE_URL'] ?? '' });
  // Before the first call: a site is remembered for a minute.
  await write('sites', other, { createdAt: zero, updatedAt: zero, deletedAt: zero });
});
afterAll(async () => {
  await past.close();
  await s.close();
});
/** Whatever was asked. */
afterEach(async () => {
  expect(s.world.log()).not.toMatch(/"level":"error"|"status":500/);
  expect(await wrongCounts(s.world.container.database)).toEqual([]);
});

const write = async (table: string, id: number, said: Readonly<Record<string, Stored>>): Promise<void> => {
  if (Object.keys(said).length === 0) return;
  const set = Object.entries(said).map(([name, value]) => sql`${raw(`\`${name}\``)} = ${value}`);
  await past.write(sql`UPDATE ${raw(`\`${table}\``)} SET ${joined(set, ', ')} WHERE id = ${id}`);
};
const countAnew = () => putCountsRight(s.world.container.database);
const list = (who: Who, parameters: object, siteId: number) => s.get(who, `${users(siteId)}?${asQuery(parameters)}`);
const ascending = (ids: readonly unknown[]): readonly number[] => ids.map(Number).sort((one, next) => one - next);

/** Somebody at these sites, each of whose rows holds this. */
const oddOne = async (said: Readonly<Record<string, Stored>>, where: readonly number[] = [site]): Promise<Somebody> => {
  const one = await s.person({ at: Object.fromEntries(where.map((id) => [id, 'member' as const])) });
  for (const id of Object.values(one.at)) await write('users', id, said);
  await countAnew();
  return one;
};
const at = (one: Somebody, where: number = site): number => one.at[where] ?? 0;
const isRemoved = (one: Somebody) =>
  until('the person is removed at the OAuth server', async () => {
    await s.touchOutbox();
    return s.there(one.externalId) === undefined;
  });

describe('a list of rows with odd values in every column', () => {
  const fieldsOf = (who: 'admin' | 'moderator'): readonly UserField[] =>
    userFieldNames.filter((field) => ruleOf(field).query && (who === 'admin' || ruleOf(field).view !== 'admin'));

  /** A row for each value of the column that has most, the others' values repeated. */
  beforeAll(async () => {
    const { dialect } = s.world.container.database;
    const columns = oddFields.map((field) => ({
      field,
      values: [...oddValues(field, dialect), ...(mayBeNull(field) ? [null] : [])],
    }));
    // Twice as many, so that the values of two columns meet in other ways.
    const length = 2 * Math.max(...columns.map(({ values }) => values.length));
    for (let row = 0; row < length; row += 1) {
      const id = await s.extraRow({ siteId: crowd });
      const said = columns.map(({ field, values }, at) => [field, values[(row * (at + 1)) % values.length] ?? null]);
      await write('users', id, Object.fromEntries(said) as Record<string, Stored>);
    }
    await countAnew();
  });

  /** First by page, then by cursor. */
  const walked = async (who: Who, parameters: object): Promise<readonly unknown[]> => {
    const ids: unknown[] = [];
    let answer = await list(who, { page: 0, pageSize: 15, ...parameters }, crowd);
    for (let page = 0; page < 10; page += 1) {
      expect([JSON.stringify(parameters), answer.status]).toEqual([JSON.stringify(parameters), 200]);
      ids.push(...idsIn(answer.body.records));
      const { cursor } = answer.body.metadata as { cursor?: string };
      if (cursor === undefined) return ids;
      answer = await list(who, { ...parameters, pageSize: 15, cursor }, crowd);
    }
    throw new Error(`the walk does not end: ${JSON.stringify(parameters)}`);
  };

  test.each(['admin', 'moderator'] as const)(
    'is walked by cursor in every order that %s may ask for: everybody once, and it ends',
    async (who) => {
      const everybody = ascending(idsIn((await list(who, {}, crowd)).body));
      expect(everybody.length).toBeGreaterThan(10);
      for (const field of fieldsOf(who))
        for (const direction of ['asc', 'desc']) {
          const ids = await walked(who, { sort: `${field}_${direction}` });
          expect([field, direction, ascending(ids)]).toEqual([field, direction, everybody]);
        }
    },
  );

  test.each(['admin', 'editor', 'moderator', 'member', null])(
    'has as many as totalCount tells %s, by page and by cursor alike',
    async (who) => {
      const { body } = await list(who, { page: 0, pageSize: 1000 }, crowd);
      const ids = idsIn(body.records);
      expect([ids.length, await walked(who, {})]).toEqual([body.metadata.totalCount, ids]);
    },
  );

  test('has everybody who can be viewed, and nobody else', async () => {
    const rows = await s.world.container.database.select(sql`SELECT id FROM users WHERE siteId = ${crowd}`);
    const viewed: number[] = [];
    for (const id of ascending(rows.map((row) => row['id']))) {
      const { status } = await s.get('admin', user(crowd, id));
      expect([id, [200, 404].includes(status)]).toEqual([id, true]);
      if (status === 200) viewed.push(id);
    }
    expect(viewed.length).toBeLessThan(rows.length);
    expect(ascending(idsIn((await list('admin', {}, crowd)).body))).toEqual(viewed);
  });

  test('is filtered by what it shows', async () => {
    const exact = fieldsOf('admin').filter((field) =>
      ['date', 'flag', 'role', 'userRole', 'gender'].includes(ruleOf(field).shape.kind),
    );
    const shown = (await list('admin', {}, crowd)).body as readonly Readonly<Record<string, unknown>>[];
    for (const field of exact)
      for (const value of new Set(shown.map((one) => one[field] ?? null))) {
        const wanted = ascending(idsIn(shown.filter((one) => (one[field] ?? null) === value)));
        const { status, body } = await list('admin', { page: 0, pageSize: 1000, filter: { [field]: value } }, crowd);
        expect([field, value, status, ascending(idsIn(body.records)), body.metadata.totalCount]).toEqual([
          field,
          value,
          200,
          wanted,
          wanted.length,
        ]);
      }
  });
});

describe('a row with a zero deletedAt', () => {
  const isSeen = async (one: Somebody, where: number = site): Promise<void> => {
    const id = at(one, where);
    const paged = (await list('admin', { page: 0, pageSize: 1000 }, where)).body;
    expect(idsIn((await list('admin', {}, where)).body)).toContain(id);
    expect(idsIn(paged.records)).toContain(id);
    expect(paged.records).toHaveLength(paged.metadata.totalCount);
    expect(idsIn((await list('admin', { q: 'noor' }, where)).body)).toContain(id);
    const viewed = await s.get('admin', user(where, id));
    expect([viewed.status, viewed.body.deletedAt ?? null]).toEqual([200, null]);
  };

  test('is live: it is listed, counted, searched, viewed, refreshed and written, and may act itself', async () => {
    const one = await oddOne({ deletedAt: zero });
    await isSeen(one);
    expect((await s.get('admin', user(site, at(one)), anew)).status).toBe(200);
    expect((await s.get(at(one), user(site, at(one)))).body.email).toBe(one.email);
    expect((await s.put('admin', user(site, at(one)), { city: 'Harlingen' })).body.city).toBe('Harlingen');
    expect(s.there(one.externalId)?.city).toBe('Harlingen');
    expect((await s.post('admin', users(site), { email: one.email })).status).toBe(409);
    await isSeen(one);
  });

  test('is not listed for removal as one who was left behind', async () => {
    const [one, gone] = [await oddOne({ deletedAt: zero }), await oddOne({ deletedAt: '2024-01-01 00:00:00' })];
    const { ports, database } = s.world.container;
    await putRight({ ...ports, foreignWrites: foreignWritesStore(database, ports) })(() => false);
    const { body } = await s.get('admin', '/api/user/drift?kind=left-behind&pageSize=1000');
    const listed = (body.records as readonly { readonly personId: number }[]).map(({ personId }) => personId);
    expect([listed.includes(one.id), listed.includes(gone.id)]).toEqual([false, true]);
  });

  test.each([
    ['do-anonymize', (id: number) => s.put('admin', `${user(site, id)}/do-anonymize`)],
    ['do-anonymizeall', (id: number) => s.put('admin', `${user(site, id)}/do-anonymizeall`)],
    ['delete', (id: number) => s.remove('admin', user(site, id))],
  ])('is previewed and taken by %s, and its person removed at the OAuth server', async (_deed, perform) => {
    const one = await oddOne({ deletedAt: zero });
    const idea = await s.idea({ siteId: site, userId: at(one) });
    const preview = await s.get('admin', `${user(site, at(one))}/will-anonymize`);
    expect([idsIn(preview.body.users), idsIn(preview.body.ideas)]).toEqual([[at(one)], [idea]]);

    const done = await perform(at(one));
    expect([done.status, done.headers.get('x-oauth-removal')]).toEqual([200, 'done']);
    await isRemoved(one);
    expect((await s.row(at(one)))?.email ?? null).toBeNull();
  });

  test.each(['do-anonymize', 'delete'])(
    'keeps its person where another row goes by %s, until it goes itself',
    async (operation) => {
      const one = await s.person({ at: { [site]: 'member', [other]: 'member' } });
      await write('users', at(one, other), { deletedAt: zero });
      const perform = (where: number) =>
        operation === 'delete'
          ? s.remove('admin', user(where, at(one, where)))
          : s.put('admin', `${user(where, at(one, where))}/do-anonymize`);

      const first = await perform(site);
      expect([first.status, first.headers.get('x-oauth-removal')]).toEqual([200, expect.stringMatching(/^kept/)]);
      expect(s.there(one.externalId)?.email).toBe(one.email);
      await isSeen(one, other);
      const last = await perform(other);
      expect([last.status, last.headers.get('x-oauth-removal')]).toEqual([200, 'done']);
      await isRemoved(one);
    },
  );

  test('goes with do-anonymizeall of another row of its person', async () => {
    const one = await s.person({ at: { [site]: 'member', [other]: 'member' } });
    await write('users', at(one, other), { deletedAt: zero });
    expect((await s.put('admin', `${user(site, at(one))}/do-anonymizeall`)).status).toBe(200);
    expect(await s.row(at(one, other))).toMatchObject({ email: null, role: 'anonymous' });
    await isRemoved(one);
  });
});

describe('a user whose columns hold what no API would write', () => {
  const odd: readonly Readonly<Record<string, Stored>>[] = [
    { lastLogin: zero, createdAt: zero, updatedAt: zero, isNotifiedAboutAnonymization: zero },
    { listableByRole: '', detailsViewableByRole: '', gender: '', role: '', complete: 7, signedUpForNewsletter: 7 },
    { lastLogin: '2020-00-00 00:00:00', createdAt: '2020-05-00 00:00:00', updatedAt: '2024-02-31 00:00:00' },
    { extraData: '[]' },
    { extraData: '5', role: 'owner', firstName: '', lastName: ' ', email: '' },
    { extraData: 'null', lastLogin: zero, role: '', complete: -1, deletedAt: zero },
  ];
  const operations: readonly (readonly [string, (id: number) => Promise<Answer>])[] = [
    ['viewed', (id) => s.get('admin', user(site, id))],
    ['viewed by a visitor', (id) => s.get(null, user(site, id))],
    ['refreshed', (id) => s.get('admin', user(site, id), anew)],
    ['written', (id) => s.put('admin', user(site, id), { city: 'Harlingen', nickName: null })],
    ['written by themselves', (id) => s.put(id, user(site, id), { city: 'Urk' })],
    ['asked for activity', (id) => s.get('admin', `${user(site, id)}/activity`)],
    ['previewed', (id) => s.get('admin', `${user(site, id)}/will-anonymizeall`)],
  ];
  const ends: typeof operations = [
    ['anonymized', (id) => s.put('admin', `${user(site, id)}/do-anonymize`)],
    ['anonymized everywhere', (id) => s.put('admin', `${user(site, id)}/do-anonymizeall`)],
    ['deleted', (id) => s.remove('admin', user(site, id))],
  ];

  test.each(odd.map((said) => [JSON.stringify(said), said] as const))(
    'can be viewed, refreshed, written, anonymized and deleted, each by itself and one after the other: %s',
    async (_name, said) => {
      for (const [name, perform] of [...operations, ...ends]) {
        const one = await oddOne(said);
        expect([name, (await perform(at(one))).status]).toEqual([name, 200]);
        expect([name, await wrongCounts(s.world.container.database)]).toEqual([name, []]);
      }
      const one = await oddOne(said);
      for (const [name, perform] of operations) expect([name, (await perform(at(one))).status]).toEqual([name, 200]);
      expect(s.there(one.externalId)?.city).toBe('Urk');
      expect((await s.remove('admin', user(site, at(one)))).status).toBe(200);
      await isRemoved(one);
    },
  );

  test('is not taken for one whom an OpenStad API anonymized: a zero lastLogin reads as 1970, but they have their external id', async () => {
    for (const said of [{ lastLogin: zero }, { lastLogin: zero, role: '' }, { lastLogin: zero, role: 'anonymous' }]) {
      const one = await oddOne(said, [site, other]);
      expect((await s.get(at(one), user(site, at(one)))).body.email).toBe(one.email);
      expect((await s.get('admin', user(site, at(one)), anew)).body).toMatchObject({
        email: one.email,
        role: 'member',
      });
      expect((await s.put('admin', user(site, at(one)), { city: 'Urk' })).body.city).toBe('Urk');
      expect(await s.row(at(one))).toMatchObject({
        personId: one.id,
        externalUserId: one.externalId,
        anonymizedAt: null,
      });
      expect(await s.row(at(one, other))).toMatchObject({ personId: one.id, email: one.email, anonymizedAt: null });
    }
  });
});

describe('contributions with odd values', () => {
  test('stand in activity and in previews, and go with their user', async () => {
    const said: Readonly<Record<string, Readonly<Record<string, Stored>>>> = {
      ideas: {
        createdAt: zero,
        updatedAt: zero,
        startDate: zero,
        publishDate: zero,
        modBreakDate: zero,
        status: '',
        viewableByRole: '',
        deletedAt: zero,
        extraData: '[]',
      },
      articles: {
        createdAt: zero,
        updatedAt: zero,
        startDate: zero,
        modBreakDate: zero,
        status: '',
        deletedAt: zero,
        extraData: '5',
      },
      arguments: { createdAt: zero, updatedAt: zero, sentiment: '', deletedAt: zero },
      votes: { createdAt: zero, updatedAt: zero, confirmed: 7, checked: -1, deletedAt: zero },
    };
    for (const operation of ['do-anonymize', 'do-anonymizeall', 'delete']) {
      const [one, author] = [await oddOne({}), await oddOne({})];
      const userId = at(one);
      const plain = await s.idea({ siteId: site, userId: at(author) });
      const ids: Readonly<Record<string, readonly [number, number]>> = {
        ideas: [await s.idea({ siteId: site, userId }), await s.idea({ siteId: site, userId })],
        articles: [await s.article({ siteId: site, userId }), await s.article({ siteId: site, userId })],
        arguments: [await s.argument({ ideaId: plain, userId }), await s.argument({ ideaId: plain, userId })],
        votes: [
          await s.vote({ ideaId: plain, userId }),
          await s.vote({ ideaId: await s.idea({ siteId: site, userId: at(author) }), userId }),
        ],
      };
      for (const [table, [, odd]] of Object.entries(ids)) await write(table, odd, said[table] ?? {});

      const activity = await s.get('admin', `${user(site, userId)}/activity`);
      expect(activity.status).toBe(200);
      for (const [table, both] of Object.entries(ids))
        expect([table, ascending(idsIn(activity.body[table]))]).toEqual([table, both]);
      expect(activity.body.activity).toHaveLength(8);
      expect(each(activity.body.ideas, 'createdAt').at(-1)).toBe('1970-01-01T00:00:00.000Z');
      const preview = await s.get('admin', `${user(site, userId)}/will-anonymize`);
      for (const [table, both] of Object.entries(ids))
        expect([table, ascending(idsIn(preview.body[table]))]).toEqual([table, both]);

      const done =
        operation === 'delete'
          ? await s.remove('admin', user(site, userId))
          : await s.put('admin', `${user(site, userId)}/${operation}`);
      expect([operation, done.status]).toEqual([operation, 200]);
      await isRemoved(one);
      const votes = await s.world.container.database.select(
        sql`SELECT id FROM votes WHERE userId = ${userId} AND ip IS NOT NULL`,
      );
      expect(votes).toEqual([]);
    }
  });
});

test('a site with zero dates is there, and so are its people', async () => {
  expect((await s.get('admin', `/api/site/${other}`)).status).toBe(200);
  const one = await oddOne({}, [other]);
  expect((await s.get('admin', user(other, at(one, other)), anew)).status).toBe(200);
  expect((await s.put('admin', user(other, at(one, other)), { city: 'Urk' })).status).toBe(200);
  expect((await s.remove('admin', user(other, at(one, other)))).status).toBe(200);
  await isRemoved(one);
});
