import { visitor, type Scope } from '../../src/domain/actor.ts';
import type { InTurn } from '../../src/use-cases/commands.ts';
import { joined, sql } from '../../src/db/sql.ts';
import { startRecordedWorld, type RecordedWorld } from '../support/recorded-world.ts';

/** What everybody may ask of a large site, where most people bear the same words: the cost of a question must not be the site's size. */
let world: RecordedWorld;
const site = 1;
const many = 2100;
const first = 700_000;
beforeAll(async () => {
  world = await startRecordedWorld();
  const { rows, change, select } = world.container.database;
  const now = new Date();
  const people = Array.from({ length: many }, (_none, index) => ({
    ...{ id: first + index, siteId: site, role: 'member', complete: true, slot: 0, profileWithheld: false },
    ...{ extraData: {}, listableByRole: 'all', lastLogin: now, createdAt: now, updatedAt: now },
    ...{ firstName: 'Veelvoorkomend', lastName: index === 7 ? 'Xa' : 'Ander' },
  }));
  await rows.users.bulkCreate(people);
  const words = people.flatMap(({ id, firstName, lastName }) =>
    [
      ['firstName', firstName],
      ['lastName', lastName],
    ].map(([source = '', name = '']) => sql`(${site}, ${name.toLowerCase()}, ${id}, ${source})`),
  );
  for (let at = 0; at < words.length; at += 500)
    await change(
      sql`INSERT INTO civitas_user_words (siteId, word, userId, source) VALUES ${joined(words.slice(at, at + 500), ', ')}`,
    );
  await change(sql`DELETE FROM civitas_user_counts WHERE siteId = ${site} AND listableByRole = 'all'`);
  await change(sql`INSERT INTO civitas_user_counts (siteId, listableByRole, n) VALUES (${site}, 'all', ${many})`);
  expect(await select(sql`SELECT COUNT(*) AS n FROM users WHERE id >= ${first}`)).toEqual([{ n: many }]);
});
afterAll(() => world.close());

const list = (who: number | string | null, query: string) => world.call(who, 'GET', `/api/site/${site}/user?${query}`);

it.each(['page=0&q=veel', 'page=0&q=veelvoorkomend ander', 'page=3&q=an', 'q=veel'])(
  'a search whose every word too many bear is refused to visitors and members: %s',
  async (query) => {
    for (const who of [null, 'member'])
      expect((await list(who, query)).body).toMatchObject({
        status: 400,
        type: '/problems/malformed-request',
        errors: [{ pointer: 'q' }],
      });
  },
);

it('a search is led by the word that fewest bear, however short', async () => {
  for (const who of [null, 'member', 'admin']) {
    const { status, body } = await list(who, 'page=0&q=veelvoorkomend xa');
    expect([
      status,
      body.metadata?.totalCount,
      (body.records as readonly { id: number }[]).map(({ id }) => id),
    ]).toEqual([200, 1, [first + 7]]);
  }
});

it('moderators and above find everybody, and all of them', async () => {
  const { status, body } = await list('moderator', 'page=0&q=veel&pageSize=1');
  expect([status, body.metadata.totalCount]).toEqual([200, many]);
  const all = await list('admin', 'q=v ander');
  expect(all.body).toHaveLength(many - 1);
});

it('who is shown by a stand-in is not looked for through a whole large site', async () => {
  const before = await world.call('admin', 'GET', `/api/site/${site}`);
  const users = before.body.config?.users ?? {};
  await world.call('admin', 'PUT', `/api/site/${site}`, { config: { users: { ...users, displayName: 'nick' } } });
  try {
    expect((await list(null, 'page=0&q=deel')).body).toMatchObject({ status: 400, errors: [{ pointer: 'q' }] });
    expect((await list('moderator', 'page=0&q=deel&pageSize=1')).status).toBe(200);
  } finally {
    await world.call('admin', 'PUT', `/api/site/${site}`, { config: { users: { displayName: null } } });
  }
});

it('the people of a back office are read as what is costly where its sites are large or a page is far, and as what is cheap where they are not', async () => {
  const { management, ports } = world.container;
  const turnsOf = async (siteIds: readonly number[], scope: Scope, more: object = {}): Promise<number> => {
    let turns = 0;
    const inTurn: InTurn = (work, { isCheap = false } = {}) => {
      if (!isCheap) turns += 1;
      return work();
    };
    const issuer = world.oauth.url;
    const actor = { ...visitor, client: { id: 1, issuer, siteIds, scopes: [scope] } };
    await management.listPeople({ actor, page: 1, perPage: 2, inTurn, ...more });
    return turns;
  };
  expect(await ports.people.sizeOf([site, 2])).toBeGreaterThan(many);
  for (const scope of ['public', 'admin'] as const) {
    expect(await turnsOf([site, 2], scope)).toBe(1);
    expect(await turnsOf([site], scope, { isExpert: true, isSelected: false })).toBe(1);
    expect(await turnsOf([2], scope)).toBe(0);
    expect(await turnsOf([2], scope, { page: 502 })).toBe(1);
  }
});

it('searches that ask for much at once are all answered, or told to wait, and a view is beside them', async () => {
  const searches = Promise.all(
    Array.from({ length: 40 }, () => list('admin', 'page=0&q=veel&sort=updatedAt_desc&pageSize=5')),
  );
  expect((await world.call(null, 'GET', `/api/site/${site}/user/${first}`)).status).toBe(200);
  for (const { status, headers } of await searches) {
    expect([200, 429]).toContain(status);
    if (status === 429) expect(headers.get('retry-after')).toMatch(/^\d+$/);
  }
});
