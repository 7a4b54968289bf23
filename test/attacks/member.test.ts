import { startSentences, user, type SentenceWorld } from '../journeys/sentences/support/world.ts';

/** Somebody with a login and no right but to their own row. Source: user-api.md §3 and §5. */
let s: SentenceWorld;
beforeAll(async () => {
  s = await startSentences();
});
afterAll(() => s.close());

describe('a member whom no OAuth server knows', () => {
  test('let their row grow until everybody’s look at it stopped the program: it takes what an OAuth server would', async () => {
    const row = user(1, 4);
    const keys = (from: number) =>
      Object.fromEntries(Array.from({ length: 150 }, (_, number) => [`k${from + number}`, 'x'.repeat(90)]));
    const put = async (extraData: object) => (await s.put('member', row, { extraData })).status;
    expect([await put({ hobby: 'x'.repeat(40_000) }), await put({ bio: 'x'.repeat(9000) })]).toEqual([422, 422]);
    expect([await put(keys(0)), await put(keys(1000))]).toEqual([200, 422]);
    const gone = Object.fromEntries(Object.keys(keys(0)).map((key) => [key, null]));
    expect([await put(gone), await put(keys(1000))]).toEqual([200, 200]);
  });
});
