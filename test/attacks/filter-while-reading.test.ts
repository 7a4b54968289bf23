import { joined, sql } from '../../src/db/sql.ts';
import { asQuery, startSentences, users, type SentenceWorld } from '../journeys/sentences/support/world.ts';
import { beginsToRead, isWhole } from './support/begins-to-read.ts';

/**
 * A list of some is read slowly. Whoever is none of them any more when it comes to them is not in it: that they were would be told by a
 * filter for a name that they no longer bear.
 */
const [siteId, first, many] = [11, 700_000, 600] as const;
let s: SentenceWorld;
let editor: number;
beforeAll(async () => {
  s = await startSentences({ [siteId]: {} });
  const now = new Date();
  const large = Object.fromEntries(Array.from({ length: 38 }, (_none, at) => [`k${at}`, 'x"'.repeat(500)]));
  for (let at = 0; at < many; at += 100)
    await s.world.container.database.rows.users.bulkCreate(
      Array.from({ length: 100 }, (_none, index) => ({
        ...{ id: first + at + index, siteId, role: 'member', complete: true, slot: 0, profileWithheld: false },
        ...{ extraData: large, listableByRole: 'all', lastLogin: now, createdAt: now, updatedAt: now },
        ...{ firstName: 'Anna', lastName: 'Zeldenrust' },
      })),
    );
  editor = (await s.person({ at: { [siteId]: 'editor' } })).at[siteId] ?? 0;
  await s.world.token(editor);
  const words = Array.from({ length: many }, (_none, at) => sql`(${siteId}, 'zeldenrust', ${first + at}, 'lastName')`);
  await s.world.container.database.change(
    sql`INSERT INTO civitas_user_words (siteId, word, userId, source) VALUES ${joined(words, ', ')}`,
  );
});
afterAll(() => s.close());

test.each([
  ['a filter', 499, asQuery({ filter: { lastName: 'Zeldenrust' } })],
  ['a filter, as a large page', 498, asQuery({ filter: { lastName: 'Zeldenrust' }, page: 0, pageSize: 1000 })],
  ['a search', 497, asQuery({ q: 'zeldenrust' })],
])('who fits %s no more is not in the rest of the answer', async (_what, at, query) => {
  // Among the five hundred that are found at once.
  const id = first + at;
  const rest = await beginsToRead(
    s.world,
    `${users(siteId)}?${query}`,
    `X-Authorization: Bearer ${await s.world.token(editor)}`,
  );
  expect((await s.put('admin', `${users(siteId)}/${id}/do-anonymize`)).status).toBe(200);
  const text = await rest();
  expect(isWhole(text)).toBe(true);
  expect([text.includes(`"id":${first},`), text.includes(`"id":${id},`)]).toEqual([true, false]);
});
