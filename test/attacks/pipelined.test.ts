import { once } from 'node:events';
import type { Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { serverOf } from '../../src/http/server.ts';
import type { User } from '../../src/domain/users/user.ts';
import { testApp } from '../http/support/app.ts';
import { aUser } from '../support/builders.ts';
import { until } from '../support/until.ts';

/** What is asked behind something else over one connection, which is then gone. The large answers of an address are counted. */
let server: Server;
/** That reached the program. */
let requests = 0;
beforeAll(async () => {
  const firstName = 'x'.repeat(200_000);
  const { app } = testApp(
    {
      streamUsers: async function* (): AsyncGenerator<readonly User[]> {
        for (let at = 1; at <= 60; at += 1) yield await Promise.resolve([aUser({ id: at, siteId: 1, firstName })]);
      },
    },
    { trustProxy: 1 },
  );
  server = serverOf(app).listen(0, '127.0.0.1');
  server.on('request', () => (requests += 1));
  await once(server, 'listening');
});
afterAll(() => server.close());

const ask = (address: string, more = ''): string =>
  `GET /api/site/1/user HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: ${address}\r\n${more}\r\n`;
const opened = (): Socket => connect((server.address() as AddressInfo).port, '127.0.0.1').on('error', () => undefined);

const statusOf = async (address: string): Promise<string> => {
  const socket = opened();
  socket.write(ask(address));
  const [piece] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return piece.toString('latin1').slice(9, 12);
};

test('is not begun before, and takes no place among them for ever', async () => {
  const address = '192.0.2.1';
  for (let round = 0; round < 25; round += 1) {
    const socket = opened().pause();
    socket.write(ask(address).repeat(3));
    // What comes later is answered by then, and what is behind could have begun.
    expect(await statusOf('192.0.2.9')).toBe('200');
    expect(await statusOf('192.0.2.9')).toBe('200');
    socket.destroy();
  }

  await until('its places are free', async () => (await statusOf(address)) === '200', 20_000);
});

test('is answered in its order where the connection stays', async () => {
  const socket = opened();
  socket.write(ask('192.0.2.2') + ask('192.0.2.2', 'Connection: close\r\n'));
  let text = '';
  socket.on('data', (piece: Buffer) => {
    text += piece.toString('latin1').replace(/x{100,}/g, 'x');
  });
  await once(socket, 'close');

  expect(text.match(/HTTP\/1\.1 200/g)).toHaveLength(2);
});

test('sixteen wait behind what nobody reads: whoever asks for one more loses the connection', async () => {
  const socket = opened().pause();
  let isClosed = false;
  socket.once('close', () => (isClosed = true));
  const before = requests;
  socket.write(ask('192.0.2.3') + 'GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(16));
  await until('all were read', () => requests === before + 17);
  expect(await statusOf('192.0.2.9')).toBe('200');
  expect(isClosed).toBe(false);

  socket.write(ask('192.0.2.3'));
  socket.resume();
  await until('the connection is gone', () => isClosed);
});

test('fifty thousand that are sent at once are not read, and leave others their answers', async () => {
  const before = requests;
  const socket = opened().pause();
  socket.write('GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(50_000));
  await until('the first of them were read', () => requests > before + 17);
  // Some versions of Node say so by an error first.
  socket.resume();
  await until('the connection is gone', () => socket.destroyed);

  expect(await statusOf('192.0.2.9')).toBe('200');
  // As many as came in one piece.
  expect(requests - before).toBeLessThan(3_000);
});
