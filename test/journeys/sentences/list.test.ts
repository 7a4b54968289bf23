import { roles } from '../../../src/domain/actor.ts';
import { longAgo } from './support/people.ts';
import type { Answer } from '../../support/recorded-world.ts';
import { asQuery, each, idsIn, keysOf, startSentences, users, type SentenceWorld, type Who } from './support/world.ts';

/** user-api.md §3 "List". */
const site = 11;
const small = 12;
let s: SentenceWorld;
/** A row per value of listableByRole, `none` for null. */
const rows: Record<string, number> = {};
const actors: Record<string, Who> = { all: null };

beforeAll(async () => {
  s = await startSentences({ [site]: {}, [small]: {} });
  for (const role of roles)
    rows[role] = await s.extraRow({ siteId: site, listableByRole: role, lastName: `Van ${role}` });
  rows['none'] = await s.extraRow({ siteId: site });
  for (const role of ['anonymous', 'member', 'moderator', 'editor', 'admin'] as const) {
    actors[role] = rows[`own ${role}`] = await s.extraRow({ siteId: site, role });
  }
});
afterAll(() => s.close());

const list = (who: Who, parameters: object = {}, siteId = site) =>
  s.get(who, `${users(siteId)}?${asQuery(parameters)}`);
const listed = (actor: string): readonly number[] => {
  const isModerator = ['moderator', 'editor', 'admin'].includes(actor);
  const names = [
    ...roles.filter((role) => roles.indexOf(actor as 'all') >= roles.indexOf(role)),
    ...(isModerator ? Object.keys(rows).filter((name) => name === 'none' || name.startsWith('own')) : []),
    `own ${actor}`,
  ];
  return [...new Set(names.map((name) => rows[name]).filter((id) => id !== undefined))].sort(
    (one, other) => one - other,
  );
};

describe('listed are, by listableByRole: null moderator and above, else actors of at least that role, and always oneself', () => {
  test.each(roles)('to %s', async (actor) => {
    const [everybody, page] = [await list(actors[actor]!), await list(actors[actor]!, { page: 0, pageSize: 1000 })];
    expect(idsIn(everybody.body)).toEqual(listed(actor));
    expect(idsIn(page.body.records)).toEqual(listed(actor));
    expect(page.body.metadata.totalCount).toBe(listed(actor).length);
  });

  test('to a session of another site as to a visitor', async () => {
    expect(idsIn((await list(2)).body)).toEqual(listed('all'));
  });

  test('oneself once, where one is listed anyway', async () => {
    const own = await s.extraRow({ siteId: small, listableByRole: 'all' });
    const { body } = await list(own, { page: 0 }, small);
    expect([idsIn(body.records), body.metadata.totalCount]).toEqual([[own], 1]);
  });
});

describe('a list', () => {
  test('without page is an array of all of them, by id, with or without a trailing slash', async () => {
    const [plain, slashed] = [await s.get('admin', users(1)), await s.get('admin', `${users(1)}/`)];
    expect([plain.status, plain.text]).toEqual([200, slashed.text]);
    expect(plain.body.length).toBeGreaterThan(30);
    expect(idsIn(plain.body)).toEqual([...idsIn(plain.body)].sort((one, other) => Number(one) - Number(other)));
  });

  test('holds this site only, and nobody soft-deleted', async () => {
    const gone = await s.extraRow({ siteId: site, deletedAt: longAgo, listableByRole: 'all' });
    const { body } = await list('admin', { page: 0, pageSize: 1000 });
    expect(idsIn(body.records)).not.toContain(gone);
    expect(new Set(each(body.records, 'siteId'))).toEqual(new Set([site]));
    expect(body.metadata.totalCount).toBe(body.records.length);
  });

  test('with page has metadata and records, 20 a page unless pageSize says otherwise', async () => {
    const [first, second] = [await list('admin', { page: 0 }, 1), await list('admin', { page: 1, pageSize: 5 }, 1)];
    expect(keysOf(first.body as object)).toEqual(['metadata', 'records']);
    expect(first.body.records).toHaveLength(20);
    expect(first.body.metadata).toMatchObject({ page: 0, pageSize: 20, cursor: expect.any(String) });
    expect(second.body.metadata).toMatchObject({ page: 1, pageSize: 5 });
    expect(idsIn(second.body.records)).toEqual(idsIn(first.body.records).slice(5, 10));
  });

  test('links lead to itself, the first, the last, the previous and the next page, with the same sort and filter', async () => {
    const answer = await list('admin', { page: 1, pageSize: 4, sort: 'lastName_desc', filter: { role: 'member' } }, 1);
    const { links, pageCount, totalCount } = answer.body.metadata;
    expect([pageCount, keysOf(links)]).toEqual([
      Math.ceil(totalCount / 4),
      ['first', 'last', 'next', 'previous', 'self'],
    ]);

    const follow = async (name: string): Promise<Answer['body']> => (await s.get('admin', links[name])).body;
    expect((await follow('self')).records).toEqual(answer.body.records);
    expect((await follow('first')).metadata.page).toBe(0);
    expect((await follow('previous')).metadata.page).toBe(0);
    expect((await follow('next')).metadata).toMatchObject({ page: 2, totalCount });
    const last = await follow('last');
    expect([last.metadata.page, 'next' in last.metadata.links, 'cursor' in last.metadata]).toEqual([
      pageCount - 1,
      false,
      false,
    ]);
  });

  test('beyond its end has empty records and the same count', async () => {
    const { status, body } = await list('admin', { page: 999 }, 1);
    expect([status, body.records]).toEqual([200, []]);
    expect(body.metadata.totalCount).toBe((await list('admin', { page: 0 }, 1)).body.metadata.totalCount);
  });

  test.each([
    'page=-1',
    'page=abc',
    'page=',
    'page=1.5',
    'page=0&pageSize=0',
    'page=0&pageSize=1001',
    'page=0&pageSize=x',
    'page=0&page=1',
  ])('is refused for %s: 400', async (query) => {
    expect((await s.get('admin', `${users(1)}?${query}`)).status).toBe(400);
  });

  test.each([0, 1, 1000])('takes pageSize 1 to 1000 (%i)', async (pageSize) => {
    expect((await list('admin', { page: 0, pageSize }, 1)).status).toBe(pageSize === 0 ? 400 : 200);
  });

  test('of a site that is not there is 404', async () => {
    for (const id of ['99', '0', 'abc', '9007199254740993', '1e0']) {
      expect((await s.get('admin', `/api/site/${id}/user`)).status).toBe(404);
    }
  });
});

describe('totalCount is exact', () => {
  test('and stays so through create, update, delete and anonymize', async () => {
    const total = async (who: Who) => (await list(who, { page: 0 }, small)).body.metadata.totalCount as number;
    const before = [await total('admin'), await total(null)];

    const made = await s.post('admin', users(small), { email: 'counted@example.org', listableByRole: 'all' });
    expect([await total('admin'), await total(null)]).toEqual([before[0]! + 1, before[1]! + 1]);
    await s.put('admin', `${users(small)}/${made.body.id as number}`, { listableByRole: 'editor' });
    expect([await total('admin'), await total('moderator'), await total(null)]).toEqual([
      before[0]! + 1,
      before[0],
      before[1],
    ]);
    await s.put('admin', `${users(small)}/${made.body.id as number}`, { listableByRole: null });
    expect([await total('moderator'), await total(null)]).toEqual([before[0]! + 1, before[1]]);
    await s.put('admin', `${users(small)}/${made.body.id as number}/do-anonymize`);
    expect([await total('admin'), await total('moderator')]).toEqual([before[0]! + 1, before[0]]);
    await s.remove('admin', `${users(small)}/${made.body.id as number}`);
    expect([await total('admin'), await total(null)]).toEqual(before);
  });
});
