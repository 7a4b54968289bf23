import { once } from 'node:events';
import type { Socket } from 'node:net';
import { until } from '../support/until.ts';
import { startSentences, users, type SentenceWorld } from '../journeys/sentences/support/world.ts';
import { asking, hangUp } from './support/asking.ts';
import { statementsAtRest } from './support/at-rest.ts';

/** A site fills its rows, and strangers ask for lists of them that they never read: what is held for them is little. */
const [hostile, first, many] = [11, 700_000, 300] as const;
let s: SentenceWorld;
beforeAll(async () => {
  const keys = Object.fromEntries(Array.from({ length: 38 }, (_none, at) => [`k${at}`, {}]));
  s = await startSentences({ [hostile]: { config: { users: { extraData: keys } } } });
  const large = Object.fromEntries(Array.from({ length: 38 }, (_none, at) => [`k${at}`, 'x"'.repeat(500)]));
  for (let at = 0; at < many; at += 100)
    await s.world.container.database.rows.users.bulkCreate(
      Array.from({ length: 100 }, (_none, index) => ({
        ...{ id: first + at + index, siteId: hostile, role: 'member', complete: true, slot: 0, profileWithheld: false },
        ...{ extraData: large, listableByRole: 'all', lastLogin: new Date(), createdAt: new Date() },
        ...{ updatedAt: new Date(Date.UTC(2026, 0, 1, 0, 0, ((at + index) * 7919) % 100_000)) },
        ...{ firstName: 'A', lastName: 'B' },
      })),
    );
});
afterAll(() => s.close());

afterEach(hangUp);

const readToTheEnd = async (socket: Socket): Promise<string> => {
  let text = '';
  socket.on('data', (piece: Buffer) => (text += piece.toString()));
  socket.resume();
  await once(socket, 'close');
  return text;
};

test.each(['sort=updatedAt_desc', 'sort=createdAt_asc', 'sort=id_asc'])(
  'of a list that nobody reads few rows are read, and the rest when it is: %s',
  async (query) => {
    const before = s.world.statements();
    const socket = asking(s.world.url, `${users(hostile)}?${query}`);
    const held = await statementsAtRest(s.world, before);
    const text = await readToTheEnd(socket);
    expect(text.endsWith('\r\n0\r\n\r\n')).toBe(true);
    expect(s.world.statements() - before - held).toBeGreaterThanOrEqual(3);
  },
);

const statusOf = async (path: string): Promise<string> => (await readToTheEnd(asking(s.world.url, path))).slice(9, 12);

test.each(['sort=updatedAt_desc', 'page=0&pageSize=200', 'sort=id_asc'])(
  'one address has twenty unread lists at a time, and is refused more of them at once: %s',
  async (query) => {
    // Each once the one before has begun: what waits for its turn may be told to come back.
    for (let at = 0; at < 20; at += 1) await once(asking(s.world.url, `${users(hostile)}?${query}`), 'readable');
    const refused = Array.from({ length: 10 }, () => statusOf(`${users(hostile)}?${query}`));
    expect(await Promise.all(refused)).toEqual(Array<string>(10).fill('429'));
    // A page that turns out to be as large is, too; what is little, and others, are not in the way of it.
    expect(await statusOf(`${users(hostile)}?page=0&pageSize=20`)).toBe('429');
    expect(await statusOf(`${users(hostile)}?page=0&pageSize=1`)).toBe('200');
    const moderator = (await s.person({ at: { [hostile]: 'moderator' } })).at[hostile] ?? 0;
    expect((await s.get(moderator, `${users(hostile)}?${query}`)).status).toBe(200);
    hangUp();
    await until(
      'those who hung up are forgotten',
      async () => (await statusOf(`${users(hostile)}?${query}`)) === '200',
    );
  },
);
