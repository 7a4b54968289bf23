import { once } from 'node:events';
import { connect } from 'node:net';
import { startApp } from '../../src/lifecycle.ts';
import { loadConfig } from '../../src/config/index.ts';
import { startRecordedWorld, type RecordedWorld } from '../support/recorded-world.ts';
import { slowRequest } from '../support/slow-request.ts';

let world: RecordedWorld;
beforeEach(async () => {
  world = await startRecordedWorld();
});
afterEach(() => world.close());

const instance = () => {
  // The world goes on with its database.
  const container = { ...world.container, jobs: [], close: () => Promise.resolve() };
  return startApp(container, loadConfig({ env: world.env }));
};
describe('an instance that stops', () => {
  it('does not wait for connections that somebody keeps: it is over when the running request is', async () => {
    const app = await instance();
    const slow = await slowRequest('PUT', `${app.url}/api/site/1/user/114`, { 'x-authorization': 'fixed-admin' }, {});
    const stopped = app.stop();

    const { status } = await slow.finish();
    const finishedAt = performance.now();
    await stopped;

    expect(status).toBe(200);
    expect(performance.now() - finishedAt).toBeLessThan(30_000);
  });

  it('answers who was connected already once, and says that this was the last answer', async () => {
    const app = await instance();
    const socket = connect(Number(new URL(app.url).port), '127.0.0.1');
    await once(socket, 'connect');
    // It was let in after the other.
    expect((await fetch(`${app.url}/health/live`)).status).toBe(200);
    const stopped = app.stop();

    socket.write('GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n');
    const pieces: Buffer[] = [];
    for await (const piece of socket as AsyncIterable<Buffer>) pieces.push(piece);
    await stopped;

    expect(Buffer.concat(pieces).toString()).toMatch(/^HTTP\/1\.1 200 OK\r\n(?=.*Connection: close\r\n)/s);
  });
});
