import { once } from 'node:events';
import type { Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { serverOf } from '../../src/http/server.ts';
import type { User } from '../../src/domain/users/user.ts';
import { aUser } from '../support/builders.ts';
import { until } from '../support/until.ts';
import { testApp } from '../http/support/app.ts';

/** Ten addresses hold as many lists of a site as it has for visitors, and take next to nothing of them. */
const [addresses, each] = [10, 20] as const;
const pace = { bytes: 30_000, windowMs: 200, lookEveryMs: 50, windowsWhereBound: 1_000_000 };

let server: Server;
/** Lists that are being read. */
let underWay = 0;
const sockets: Socket[] = [];
beforeAll(async () => {
  const firstName = 'x'.repeat(200_000);
  const { app } = testApp(
    {
      streamUsers: async function* (): AsyncGenerator<readonly User[]> {
        underWay += 1;
        try {
          for (let at = 0; at < 200; at += 1) yield [aUser({ id: at + 1, siteId: 1, firstName })];
        } finally {
          underWay -= 1;
        }
      },
    },
    { trustProxy: 1 },
  );
  server = serverOf(app, pace).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => {
  for (const socket of sockets) socket.destroy();
  server.close();
});

const asking = (address: string, path: string): Socket => {
  const { port } = server.address() as AddressInfo;
  const socket = connect(port, '127.0.0.1').on('error', () => undefined);
  sockets.push(socket);
  socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: ${address}\r\nConnection: close\r\n\r\n`);
  return socket;
};

const statusOf = async (address: string): Promise<string> => {
  let text = '';
  const socket = asking(address, '/api/site/1/user').on('data', (piece: Buffer) => {
    if (text.length < 20) text += piece.toString();
  });
  await once(socket, 'close');
  return text.slice(9, 12);
};

test('a visitor who reads what they ask for has their list, once the others are seen to take nothing of theirs', async () => {
  for (let at = 0; at < addresses * each; at += 1) asking(`192.0.2.${at % addresses}`, '/api/site/1/user').pause();
  await until('all of them are under way', () => underWay === addresses * each);
  await until('the visitor has a list', async () => (await statusOf('192.0.2.77')) === '200');
  expect(await Promise.all([1, 2, 3, 4, 5].map(() => statusOf('192.0.2.78')))).toEqual(Array<string>(5).fill('200'));
}, 180_000);
