import { once } from 'node:events';
import type { RequestListener, Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { serverOf } from '../../src/http/server.ts';

const listening = async (app: RequestListener): Promise<{ readonly server: Server; readonly port: number }> => {
  const server = serverOf(app, 200).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, port: (server.address() as AddressInfo).port };
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

test('whoever reads slowly, or waits for what takes long, keeps theirs', async () => {
  const { server, port } = await listening((_request, response) => {
    server.once('timeout', () => response.end('x'.repeat(10_000_000)));
  });
  const socket = connect(port, '127.0.0.1');
  socket.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  let size = 0;
  socket.on('data', (piece: Buffer) => {
    size += piece.length;
    socket.pause();
    void pause(1).then(() => socket.resume());
  });
  await once(socket, 'close');
  expect(size).toBeGreaterThan(10_000_000);
  server.close();
});
