import { once } from 'node:events';
import type { RequestListener, Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { serverOf } from '../../src/http/server.ts';

const listening = async (
  app: RequestListener,
  pace: Parameters<typeof serverOf>[1] = { bytes: 1, windowMs: 200, lookEveryMs: 50, windowsWhereBound: 1 },
): Promise<{ readonly server: Server; readonly port: number }> => {
  const server = serverOf(app, pace).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, port: (server.address() as AddressInfo).port };
};

/** So much, in pieces that are written as they are taken. */
const streamed =
  (size: number, pieces: number): RequestListener =>
  (_request, response) => {
    const all = Array.from({ length: pieces }, () => 'x'.repeat(size / pieces));
    pipeline(Readable.from(all, { objectMode: false }), response).catch(() => undefined);
  };

test('whoever takes nothing of an answer for a time loses the connection', async () => {
  const { server, port } = await listening((_request, response) => {
    response.end('x'.repeat(50_000_000));
  });
  const connection = once(server, 'connection');
  const socket = connect(port, '127.0.0.1').on('error', () => undefined);
  socket.pause();
  socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  const [theirs] = (await connection) as [Socket];
  await once(theirs, 'close');
  socket.destroy();
  server.close();
});

/** Takes so much at a time from the system, and then rests. */
const readerOf = (
  port: number,
  bytes: number,
  restMs: number,
): { readonly socket: Socket; readonly size: () => number } => {
  let size = 0;
  const socket: Socket = connect({
    ...{ port, host: '127.0.0.1' },
    onread: {
      buffer: Buffer.alloc(bytes),
      callback: (count) => {
        size += count;
        void pause(restMs).then(() => socket.resume());
        return false;
      },
    },
  }).on('error', () => undefined);
  socket.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  return { socket, size: () => size };
};
const pace = { bytes: 400_000, windowMs: 2_000, lookEveryMs: 100, windowsWhereBound: 10 };

test.each([
  ['one piece', 1],
  ['many pieces', 500],
])('a byte now and then keeps no answer of %s under way', async (_what, pieces) => {
  const { server, port } = await listening(streamed(50_000_000, pieces), pace);
  const connection = once(server, 'connection');
  const { socket } = readerOf(port, 10, 20);
  const [theirs] = (await connection) as [Socket];
  await once(theirs, 'close');
  socket.destroy();
  server.close();
});

test.each([
  ['one piece', 1],
  ['many pieces', 500],
])('a slow link that is steady gets all of an answer of %s', async (_what, pieces) => {
  const { server, port } = await listening(streamed(20_000_000, pieces), pace);
  const { socket, size } = readerOf(port, 32_768, 5);
  await once(socket, 'close');
  expect(size()).toBeGreaterThan(20_000_000);
  server.close();
});

test('whoever waits for the next piece of an answer is not slow', async () => {
  let looks = 0;
  const { server, port } = await listening(
    (_request, response) => {
      response.write('begins');
      const waiting = setInterval(() => {
        looks += 1;
        if (looks < 30) return;
        clearInterval(waiting);
        response.end('ends');
      }, 20);
    },
    { ...pace, windowMs: 100, lookEveryMs: 10 },
  );
  const answer = await fetch(`http://127.0.0.1:${port}/`);
  expect(await answer.text()).toBe('beginsends');
  server.close();
});
