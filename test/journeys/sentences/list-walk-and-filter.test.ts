import { roles } from '../../../src/domain/actor.ts';
import { asQuery, idsIn, startSentences, users, type SentenceWorld, type Who } from './support/world.ts';

/** user-api.md §3 "List": cursor, sort and filter. */
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

describe('a cursor', () => {
  /** One character in the middle is another one. */
  const changed = (text: string) => text.slice(0, 30) + (text[30] === 'A' ? 'B' : 'A') + text.slice(31);
  const walk = async (who: Who, parameters: object): Promise<readonly unknown[]> => {
    const ids: unknown[] = [];
    let answer = await list(who, { page: 0, ...parameters }, 1);
    for (;;) {
      ids.push(...idsIn(answer.body.records));
      const { cursor } = answer.body.metadata;
      if (cursor === undefined) return ids;
      answer = await list(who, { ...parameters, cursor }, 1);
      expect('totalCount' in answer.body.metadata).toBe(false);
    }
  };

  test.each([
    {},
    { sort: 'lastName_desc' },
    { sort: 'email_asc' },
    { sort: ['nickName', 'ASC'] },
    { sort: 'createdAt_desc', filter: { role: 'member' } },
  ])('walks the whole list, everybody once and in order: %j', async (parameters) => {
    expect(await walk('admin', { pageSize: 7, ...parameters })).toEqual(
      idsIn((await list('admin', parameters, 1)).body),
    );
  });

  test("is bound to site, actor's role, sort and filter, and cannot be read or made: else 400", async () => {
    const parameters = { pageSize: 3, sort: 'lastName_asc', filter: { role: 'member' } };
    const { cursor } = (await list('admin', { page: 0, ...parameters }, 1)).body.metadata as { cursor: string };
    const lastName = String((await list('admin', { page: 0, ...parameters }, 1)).body.records[2].lastName);

    expect(Buffer.from(cursor, 'base64url').toString('latin1')).not.toContain(lastName);
    const answers = [
      await list('admin', { ...parameters, cursor }, 2),
      await list('moderator', { ...parameters, cursor }, 1),
      await list('admin', { ...parameters, sort: 'lastName_desc', cursor }, 1),
      await list('admin', { ...parameters, filter: { role: 'editor' }, cursor }, 1),
      await list('admin', { ...parameters, cursor: changed(cursor) }, 1),
      await list('admin', { ...parameters, cursor: 'abc' }, 1),
    ];
    expect(answers.map(({ status, body }): unknown => [status, body.errors?.[0].pointer])).toEqual(
      answers.map(() => [400, 'cursor']),
    );
    expect((await list('admin', { ...parameters, cursor }, 1)).status).toBe(200);
  });
});

describe('sort', () => {
  test('is a JSON pair or field_direction; id where nothing is said', async () => {
    const down = idsIn((await list('admin', { sort: 'id_desc' }, 1)).body);
    expect(idsIn((await list('admin', { sort: ['id', 'DESC'] }, 1)).body)).toEqual(down);
    expect(down).toEqual([...idsIn((await list('admin', {}, 1)).body)].reverse());
  });

  test.each([
    'nothing_asc',
    'lastName',
    'lastName_down',
    '["lastName"]',
    '["lastName","DESC","x"]',
    '[',
    'extraData_asc',
    'externalAccessToken_asc',
    '["$site.config$","ASC"]',
  ])('by %s is refused: 400 naming it', async (sort) => {
    const { status, body } = await list('admin', { sort }, 1);
    expect([status, body.errors[0].pointer]).toEqual([400, 'sort']);
  });
});

describe('filter', () => {
  const found = async (filter: unknown, who: Who = 'admin') => idsIn((await list(who, { filter })).body);

  test('compares with a value, several, another than, and a part', async () => {
    expect(await found({ listableByRole: 'editor' })).toEqual([rows['editor']]);
    expect(await found({ role: 'moderator' })).toEqual([rows['own moderator']]);
    expect(await found({ id: [rows['all'], rows['member'], 8_000_000] })).toEqual([rows['all'], rows['member']]);
    expect(await found({ listableByRole: { '!=': 'all' }, lastName: { substring: 'van a' } })).toEqual([
      rows['anonymous'],
      rows['admin'],
    ]);
    expect(await found({ listableByRole: null, role: 'member' })).toEqual([rows['none'], rows['own member']]);
    expect(await found({ lastName: { substring: '%' } })).toEqual([]);
    expect(await found({})).toEqual(listed('admin'));
  });

  test('with substring is for moderators only', async () => {
    expect((await list('member', { filter: { displayName: { substring: 'a' } } })).status).toBe(400);
    expect((await list('member', { filter: { id: { substring: 'a' } } })).status).toBe(400);
  });

  test.each([
    ['{', 'no JSON'],
    ['[]', 'no object'],
    ['{"nothing":1}', 'an unknown field'],
    ['{"role":{"like":"x"}}', 'an unknown operator'],
    ['{"role":{}}', 'no operator'],
    ['{"id":"1 OR 1=1"}', 'another kind of value'],
    ['{"extraData":{}}', 'extraData'],
    ['{"extraData.bio":"x"}', 'a key of extraData'],
    ['{"$site.config$":"x"}', 'the config of the site'],
    ['{"__proto__":{"id":1}}', 'a key with a meaning of its own'],
  ])('%s is refused (%s): 400 naming it', async (filter) => {
    const { status, body } = await list('admin', { filter });
    expect([status, body.errors[0].pointer]).toEqual([400, 'filter']);
  });
});
