import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { drive, type Shot } from './drive.ts';
import { steadily } from './steady.ts';

/** Whatever it was asked, and on which connection. */
const asked: { readonly path: string; readonly port: number }[] = [];
let stallMs = 0;
let status = 200;
let server: Server;
let url = '';
beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push({ path: request.url ?? '', port: request.socket.remotePort ?? 0 });
    void pause(stallMs).then(() => response.writeHead(status).end('{}'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(() => {
  asked.length = 0;
  stallMs = 0;
  status = 200;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
const shots = (count: number): readonly Shot[] =>
  Array.from({ length: count }, (_none, index) => ({ method: 'GET', path: `/${index}`, headers: {} }));

it('sends what can be sent only once exactly once, over all connections', async () => {
  const driven = await drive({ url, shots: shots(23), dealing: 'once', connections: 5, seconds: 0 });
  expect(driven).toMatchObject({ requests: 23, failures: {} });
  expect(asked.map(({ path }) => path).sort()).toEqual(
    shots(23)
      .map(({ path }) => path)
      .sort(),
  );
  expect(new Set(asked.map(({ port }) => port)).size).toBe(5);
});

it('gives each connection its own, where they are shared', async () => {
  await drive({ url, shots: shots(8), dealing: 'share', connections: 4, seconds: 1 });
  const byPath = new Map<string, Set<number>>();
  for (const { path, port } of asked) byPath.set(path, (byPath.get(path) ?? new Set()).add(port));
  expect(byPath.size).toBe(8);
  expect([...byPath.values()].every((ports) => ports.size === 1)).toBe(true);
});

it('waits longer where nothing was answered in time, and tells what was no success', async () => {
  stallMs = 300;
  status = 503;
  const driven = await drive({ url, shots: shots(1), dealing: 'all', connections: 1, seconds: 0.05 });
  expect(driven.requests).toBeGreaterThan(0);
  expect(driven.p50).toBeGreaterThan(250);
  expect(Object.keys(driven.failures)).toEqual(['503']);
});

it('asks a server that is slow as often as any other, and counts from when each was due', async () => {
  stallMs = 200;
  const driven = await steadily({ url, shots: shots(3), perSecond: 100, seconds: 1 });
  expect(driven.requests).toBe(100);
  expect(driven.p50).toBeGreaterThanOrEqual(199);
  expect(asked).toHaveLength(100);
});
