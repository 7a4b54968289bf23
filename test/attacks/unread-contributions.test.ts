import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { until } from '../support/until.ts';
import { startSentences, user, type SentenceWorld } from '../journeys/sentences/support/world.ts';
import { asking, hangUp, statusAlone } from './support/asking.ts';

/** What somebody contributed is six times as much as JSON, where it is of control characters: it is held for nobody who does not read it. */
const [site, control] = [11, '\u0001'.repeat(31_000)] as const;
let s: SentenceWorld;
/** The program's ends of connections. */
const ends = new Set<Socket>();
const remember = (message: unknown): void => {
  ends.add((message as { readonly socket: Socket }).socket);
};
beforeAll(async () => {
  s = await startSentences({ [site]: {} }, { oauthTimeLimitMs: 6_000 });
  subscribe('http.server.request.start', remember);
});
afterAll(async () => {
  unsubscribe('http.server.request.start', remember);
  await s.close();
});

let last = 900_000;
const writerOf = async (count: number, description: string): Promise<number> => {
  const userId = (await s.person({ at: { [site]: 'member' } })).at[site] ?? 0;
  const ideaId = await s.idea({ siteId: site, userId });
  const at = new Date();
  for (let from = 0; from < count; from += 100)
    await s.world.container.database.rows.arguments.bulkCreate(
      Array.from({ length: Math.min(100, count - from) }, () => ({
        ...{ id: (last += 1), ideaId, userId, sentiment: 'for', parentId: null, description },
        ...{ createdAt: at, updatedAt: at, deletedAt: null },
      })),
    );
  return userId;
};

const hangUpAll = (): void => {
  hangUp();
  ends.clear();
};
afterEach(hangUpAll);

const asks = async (path: string, who?: number): Promise<Socket> =>
  asking(s.world.url, path, who === undefined ? '' : `X-Authorization: Bearer ${await s.world.token(who)}`);
const unread = async (path: string, who?: number): Promise<string> => statusAlone(await asks(path, who));
const many = (count: number, path: string, who?: number): Promise<readonly string[]> =>
  Promise.all(Array.from({ length: count }, () => unread(path, who)));
const times = (count: number, status: string): readonly string[] => Array<string>(count).fill(status);

test.each([
  ['an activity', 'activity', false],
  ['a preview', 'will-anonymize', true],
])('of %s that nobody reads one caller has twenty under way', async (_what, call, isOwn) => {
  const userId = await writerOf(28, control);
  const [path, who] = [`${user(site, userId)}/${call}`, isOwn ? userId : undefined];
  expect(await many(20, path, who)).toEqual(times(20, '200'));
  expect(await many(5, path, who)).toEqual(times(5, '429'));
  hangUpAll();
  await until('those who hung up are forgotten', async () => (await unread(path, who)) === '200');
});

test('a download that waited for others of its caller is refused where they have logged out meanwhile', async () => {
  const userId = await writerOf(28, control);
  const open = await Promise.all(
    Array.from({ length: 20 }, () => asks(`${user(site, userId)}/will-anonymize`, userId)),
  );
  expect(await Promise.all(open.map(statusAlone))).toEqual(times(20, '200'));
  const before = s.world.statements();
  const download = await asks(`${user(site, userId)}/export`, userId);
  await until('it is known who asks for it', () => s.world.statements() > before);
  await s.world.container.ports.sessions.endOfUsers([userId]);
  open[0]?.destroy();
  expect(await statusAlone(download)).toBe('401');
});

test('what is larger counts as more, and is not written before it is read', async () => {
  const userId = await writerOf(230, control);
  const path = `${user(site, userId)}/will-anonymize`;
  expect(await many(2, path, userId)).toEqual(times(2, '200'));
  expect(await many(3, path, userId)).toEqual(times(3, '429'));
  // Of forty-three MB each.
  expect([...ends].map(({ writableLength }) => writableLength).filter((bytes) => bytes > 1_000_000)).toEqual([]);
});

test.each([
  ['activity', 2],
  ['activity', 16],
  ['will-anonymize', 16],
])('others have their turn after each piece of an answer: %s of %i texts', async (call, count) => {
  const userId = await writerOf(count, control);
  const socket = (await asks(`${user(site, userId)}/${call}`, userId)).resume();
  const pieces: Buffer[] = [];
  for await (const piece of socket) pieces.push(piece as Buffer);
  const sizes = chunksIn(Buffer.concat(pieces).toString('latin1'));
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeGreaterThan(6 * count * control.length);
  // As much as goes together, or a text that is more.
  expect(Math.max(...sizes)).toBeLessThan(400_000);
});

/** Sizes of the pieces that an answer came in. */
const chunksIn = (answer: string): readonly number[] => {
  const sizes: number[] = [];
  for (let at = answer.indexOf('\r\n\r\n') + 4; at < answer.length;) {
    const end = answer.indexOf('\r\n', at);
    const size = Number.parseInt(answer.slice(at, end), 16);
    sizes.push(size);
    at = end + 2 + size + 2;
  }
  return sizes;
};

test('what was done is held while the OAuth server is awaited: more of it is not begun', async () => {
  const moderator = (await s.person({ at: { [site]: 'moderator' } })).at[site] ?? 0;
  const userIds = [await writerOf(230, control), await writerOf(230, control), await writerOf(230, control)];
  await s.world.oauth.proxy.behave('hang');
  const done = userIds.map(async (id) => (await s.put(moderator, `${user(site, id)}/do-anonymize`)).status);
  expect((await Promise.all(done)).sort()).toEqual([200, 200, 429]);
  await s.world.oauth.proxy.behave('pass');
  const rows = await Promise.all(userIds.map((id) => s.row(id)));
  expect(rows.filter((row) => row?.anonymizedAt === null)).toHaveLength(1);
});

test('a list that waited for a place among the answers is not begun for who was logged out meanwhile', async () => {
  const userId = await writerOf(28, control);
  const open = await Promise.all(
    Array.from({ length: 20 }, () => asks(`${user(site, userId)}/will-anonymize`, userId)),
  );
  expect(await Promise.all(open.map(statusAlone))).toEqual(times(20, '200'));
  const before = s.world.statements();
  const list = statusAlone(await asks(`/api/site/${site}/user`, userId));
  await until('it is known who asks for it', () => s.world.statements() > before);
  await s.world.container.ports.sessions.endOfUsers([userId]);
  open[0]?.destroy();
  expect(await list).toBe('401');
});
