import { startSentences, users, type SentenceWorld } from '../journeys/sentences/support/world.ts';
import type { Call } from '../support/recorded-world.ts';

/** Some who ask one site, which filled its rows, for more pages than may wait there, and whoever else asks it for one. */
const [site, many, rounds] = [11, 40, 4] as const;
const page = `${users(site)}?page=0&pageSize=20`;
let s: SentenceWorld;
let members: readonly number[];
let [moderator, member] = [0, 0];
beforeAll(async () => {
  s = await startSentences({ [site]: {} });
  const now = Date.now();
  const rows = Array.from({ length: many }, (_none, index) => ({
    ...{ id: 1_000_000 + index, siteId: site, role: 'member', complete: true, slot: 0, profileWithheld: false },
    ...{
      extraData: { bio: 'x'.repeat(10_000) },
      listableByRole: 'all',
      lastLogin: new Date(now),
      createdAt: new Date(now),
    },
    ...{ updatedAt: new Date(now), firstName: 'A', lastName: `B${index % 97}` },
  }));
  await s.world.container.database.rows.users.bulkCreate(rows);
  const accounts: number[] = [];
  for (let at = 0; at < 8; at += 1) {
    const role = at === 0 ? 'moderator' : 'member';
    const id = (await s.person({ at: { [site]: role } })).at[site] ?? 0;
    await s.world.token(id);
    accounts.push(id);
  }
  [moderator = 0, member = 0, ...members] = accounts;
});
afterAll(() => s.close());

type Ask = () => Promise<{ readonly status: number }>;
/** What each of some pages is answered, while others ask again and again, and some of theirs are refused. */
const answersDuring = async (attack: readonly Ask[], ask: Ask): Promise<readonly number[]> => {
  let [refused, isOver] = [0, false];
  const asking = attack.map(async (one) => {
    while (!isOver) {
      const { status } = await one();
      if (status !== 200) {
        refused += 1;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  });
  const answers: number[] = [];
  while (refused < 50) await new Promise(setImmediate);
  for (let round = 0; round < rounds; round += 1) {
    answers.push((await ask()).status);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  isOver = true;
  await Promise.all(asking);
  return answers;
};
const all = Array<number>(rounds).fill(200);
const manyTimes = (asks: readonly Ask[], each: number): readonly Ask[] =>
  asks.flatMap((ask) => Array<Ask>(each).fill(ask));

test.each([
  ['its moderator', () => moderator],
  ['another member, who has nothing waiting', () => member],
])('six members who ask for sixty pages each keep out of their site neither %s', async (_who, who) => {
  const attack = manyTimes(
    members.map((id) => () => s.get(id, page)),
    60,
  );
  expect(await answersDuring(attack, () => s.get(who(), page))).toEqual(all);
});

test('nor do three addresses keep out a visitor at another', async () => {
  await s.beside({ TRUST_PROXY: '1', LIMIT_PER_ADDRESS: '0' }, async (url) => {
    const call: Call = s.world.at(url);
    const from = (address: string) => () => call(null, 'GET', page, undefined, { 'x-forwarded-for': address });
    const attack = manyTimes(
      [1, 2, 3].map((at) => from(`192.0.2.${at}`)),
      100,
    );
    expect(await answersDuring(attack, from('198.51.100.7'))).toEqual(all);
  });
});
