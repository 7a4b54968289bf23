import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { startSentences, user, users, type SentenceWorld } from '../journeys/sentences/support/world.ts';

/** Fifty people whose rows a site filled, asked for by many at once. What others ask for at that moment comes between. */
const [hostile, other, first, many] = [11, 12, 700_000, 60] as const;
let s: SentenceWorld;
beforeAll(async () => {
  const keys = Object.fromEntries(Array.from({ length: 38 }, (_none, at) => [`k${at}`, {}]));
  s = await startSentences({ [hostile]: { config: { users: { extraData: keys } } }, [other]: {} });
  const now = new Date();
  const large = Object.fromEntries(Array.from({ length: 38 }, (_none, at) => [`k${at}`, '"'.repeat(1000)]));
  const rows = (siteId: number, from: number, extraData: object) =>
    Array.from({ length: 50 }, (_none, index) => ({
      ...{ id: from + index, siteId, role: 'member', complete: true, slot: 0, profileWithheld: false },
      ...{ extraData, listableByRole: 'all', lastLogin: now, createdAt: now, updatedAt: now },
      ...{ firstName: 'A', lastName: 'B' },
    }));
  await s.world.container.database.rows.users.bulkCreate(rows(hostile, first, large));
  await s.world.container.database.rows.users.bulkCreate(rows(other, first + 50, {}));
});
afterAll(() => s.close());

/** A connection over which something was answered before, so that nobody waits for being let in. */
const connected = async (): Promise<Socket> => {
  const { port } = new URL(s.world.url);
  const socket = createConnection({ port: Number(port), host: '127.0.0.1' });
  socket.on('error', () => undefined);
  asks(socket, user(other, first + 50));
  await once(socket, 'data');
  return socket;
};
const asks = (socket: Socket, path: string): void => {
  socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
};
/** Its first line; the rest is taken and not kept. */
const answerTo = async (socket: Socket, path: string): Promise<string> => {
  let begin = '';
  const whole = new Promise<void>((resolve) => {
    socket.on('data', (piece: Buffer) => {
      if (begin === '') begin = piece.toString('latin1', 0, 15);
      // The end of JSON, in one piece or in many.
      if (/\}(?:\r\n0\r\n\r\n)?$/.test(piece.toString('latin1', piece.length - 8))) resolve();
    });
  });
  asks(socket, path);
  await whole;
  return begin;
};

test.each([20, 50])('a view and a page of another site come between sixty filled pages of %i', async (pageSize) => {
  const sockets = await Promise.all(Array.from({ length: many }, connected));
  const [viewing, listing] = [await connected(), await connected()];
  const before = s.world.statements();
  const sent = (begin: string) => [begin, s.world.statements() - before] as const;
  const attack = sockets.map((socket) => answerTo(socket, `${users(hostile)}?page=0&pageSize=${pageSize}`));
  const view = answerTo(viewing, user(other, first + 51)).then(sent);
  const page = answerTo(listing, `${users(other)}?page=0&pageSize=20`).then(sent);
  for (const [begin, statements] of [await view, await page]) {
    expect(begin).toBe('HTTP/1.1 200 OK');
    // Each of the sixty takes two at least.
    expect(statements).toBeLessThan(many / 2);
  }
  // Who waits too long, and has too many under way, is told to come back.
  for (const begin of await Promise.all(attack)) expect(begin).toMatch(/^HTTP\/1\.1 (?:200|429|503)/);
  for (const socket of [...sockets, viewing, listing]) socket.destroy();
});
