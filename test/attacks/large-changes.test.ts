import type { Socket } from 'node:net';
import { sql } from '../../src/db/sql.ts';
import { startSentences, user, type SentenceWorld } from '../journeys/sentences/support/world.ts';
import { asking, hangUp, statusAlone } from './support/asking.ts';

/** What a site fills a row with is read and written for `view=changes` too. Source: people.md §2, user-api.md §5. */
const [home, ...others] = [11, 12, 13, 14, 15, 16, 17, 18, 19] as const;
/** What no double holds: the text is read digit by digit. */
const digits = '12345678901234567890';
const rowSize = 650_000;
let s: SentenceWorld;
/** At the site by which they come, nothing. */
let person = 0;
const fill = (userId: number, extraData: string): Promise<unknown> =>
  s.world.container.database.change(sql`UPDATE users SET extraData = ${extraData} WHERE id = ${userId}`);
const everywhere = <T>(value: T) => Object.fromEntries([home, ...others].map((site) => [site, value]));
beforeAll(async () => {
  s = await startSentences(everywhere({}));
  const { at } = await s.person({ at: everywhere('member') });
  person = at[home] ?? 0;
  for (const site of others) await fill(at[site] ?? 0, `{"n":${digits},"text":"${'x'.repeat(rowSize)}"}`);
});
afterAll(() => s.close());

/** How many texts with this in them were parsed meanwhile. */
const parsedDuring = async (part: string, work: () => Promise<unknown>): Promise<number> => {
  const parse = jest.spyOn(JSON, 'parse');
  try {
    await work();
    return parse.mock.calls.filter(([text]) => text.includes(part)).length;
  } finally {
    parse.mockRestore();
  }
};

const path = () => `${user(home, person)}/will-anonymizeall?view=changes`;
afterEach(hangUp);
const asks = async (): Promise<Socket> =>
  asking(s.world.url, path(), `X-Authorization: Bearer ${await s.world.token(person)}`);

test('a row of many keys was parsed once for each of them, where it holds one number of twenty digits', async () => {
  const parsed: number[] = [];
  for (const count of [200, 400]) {
    const keys = Array.from({ length: count }, (_none, at) => `"k${at}":${at === 0 ? digits : '"x"'}`);
    const userId = (await s.person({ at: { [home]: 'member' } })).at[home] ?? 0;
    await fill(userId, `{${keys.join(',')}}`);
    let text = '';
    parsed.push(
      await parsedDuring(digits, async () => {
        ({ text } = await s.get('admin', `${user(home, userId)}/will-anonymize?view=changes`));
      }),
    );
    expect(text).toContain(`{"field":"extraData","key":"k0","before":${digits},"after":null}`);
    expect(text).toContain(`{"field":"extraData","key":"k${count - 1}","before":"x","after":null}`);
  }
  expect(parsed[1]).toBe(parsed[0]);
});

test('others have their turn after each row', async () => {
  const pieces: Buffer[] = [];
  for await (const piece of await asks()) pieces.push(piece as Buffer);
  const sizes = chunksIn(Buffer.concat(pieces).toString('latin1'));
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeGreaterThan(others.length * rowSize);
  expect(Math.max(...sizes)).toBeLessThan(1.5 * rowSize);
});

/** Sizes of the pieces that an answer came in. */
const chunksIn = (answer: string): readonly number[] => {
  const sizes: number[] = [];
  for (let at = answer.indexOf('\r\n\r\n') + 4; at < answer.length;) {
    const end = answer.indexOf('\r\n', at);
    const size = Number.parseInt(answer.slice(at, end), 16);
    // What does not come in pieces says no sizes.
    if (Number.isNaN(size)) return [];
    sizes.push(size);
    at = end + 2 + size + 2;
  }
  return sizes;
};

test('who has twenty under way that they do not read is refused the next before a row is read for it', async () => {
  // One after the other: nobody waits for a connection to the database.
  for (let count = 1; count <= 20; count += 1) expect([count, await statusAlone(await asks())]).toEqual([count, '200']);
  const refused: number[] = [];
  // As the database has it: what is under way may still be written.
  const parsed = await parsedDuring(`"n":${digits}`, async () => {
    refused.push((await s.get(person, path())).status);
  });
  expect([refused, parsed]).toEqual([[429], 0]);
});
