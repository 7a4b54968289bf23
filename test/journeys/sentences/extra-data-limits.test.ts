import type { JsonObject } from '../../../src/domain/json.ts';
import { startSentences, user, users, type SentenceWorld } from './support/world.ts';

/** oauth-server.md §1: how much of extraData a site may use, as the server takes no body over 100 kB. */
let s: SentenceWorld;
beforeAll(async () => {
  s = await startSentences();
});
afterAll(() => s.close());

const large = (bytes: number): string => 'x'.repeat(bytes);
const manyKeys = (count: number): JsonObject =>
  Object.fromEntries(Array.from({ length: count }, (_none, index) => [`k${index}`, 1]));
const tooMuch: readonly [string, JsonObject][] = [
  ["over 8 kB of the site's own", { bio: large(8_200) }],
  ['over 8 kB of its own in all keys', { bio: large(5_000), expertise: large(5_000) }],
  ['over 32 kB of plain values', { shared: large(33_000) }],
  ['what is over 32 kB as the server is sent it', { shared: '&'.repeat(7_000) }],
  ['over 200 keys', manyKeys(201)],
  ['120 kB', { shared: large(120_000) }],
];

test.each(tooMuch)('%s is 422 naming /extraData, and nothing is written', async (_what, extraData) => {
  const target = await s.person({ at: { 1: 'member' } });
  const wish = { city: 'Breda', extraData };
  const { result, writes } = await s.writesDuring(async () => [
    await s.put('admin', user(1, target.at[1]!), wish),
    await s.post('admin', users(1), { ...wish, email: 'much@example.org' }),
  ]);

  expect(result.map(({ status, body }) => [status, body.errors[0].pointer as unknown])).toEqual([
    [422, '/extraData'],
    [422, '/extraData'],
  ]);
  expect([writes, (await s.row(target.at[1]!))?.city]).toEqual([0, 'Utrecht']);
});

test('as much as may be is written', async () => {
  const target = await s.person({ at: { 1: 'member' } });
  const extraData = { bio: large(7_000), shared: large(30_000), ...manyKeys(150) };

  expect((await s.put('admin', user(1, target.at[1]!), { extraData })).status).toBe(200);
});

test('who has more already may make it less, or change something else', async () => {
  const target = await s.person({ at: { 1: 'member' }, extraData: { shared: large(40_000), note: 'a' } });
  const at = user(1, target.at[1]!);

  expect((await s.put('admin', at, { extraData: { note: 'bb' } })).status).toBe(422);
  expect((await s.put('admin', at, { extraData: { note: 'b' } })).status).toBe(200);
  expect((await s.put('admin', at, { extraData: { shared: large(39_000) } })).status).toBe(200);
  expect((await s.put('admin', at, { extraData: { bio: 'Bio', nickName: undefined }, nickName: 'N' })).status).toBe(
    200,
  );
});
