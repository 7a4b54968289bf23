import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Express } from 'express';
import request from 'supertest';
import { serverOf } from '../../src/http/server.ts';
import { builtConsole } from '../support/compiled.ts';
import { until } from '../support/until.ts';
import { testApp, type TestApp } from './support/app.ts';

/** `theme`: the path of a file, or a name. */
const served = (theme = 'civitas'): TestApp => testApp({}, { console: { theme, ...{ folder: builtConsole } } });

/** Every address at which a file is answered, those of one kind once. */
const addresses = async (app: Express): Promise<readonly string[]> => {
  const { text } = await request(app).get('/console');
  const [script = ''] = /\/console\/assets\/[\w.-]+\.js/.exec(text) ?? [];
  return [
    '/console',
    '/console/x',
    '/console/theme.css',
    '/console/icon.svg',
    script,
    '/docs/page.js',
    '/docs/icon.svg',
  ];
};

test.each([
  ['Range', 'bytes=99999999-'],
  ['Range', 'bytes=5-2'],
  ['Range', 'bytes=-0'],
  ['Range', 'bytes=0-1'],
  ['If-Match', '"x"'],
  ['If-Unmodified-Since', 'Mon, 01 Jan 2001 00:00:00 GMT'],
])('a file is answered whole, whatever %s: %s asks for', async (header, value) => {
  const { app, lines } = served();
  for (const address of await addresses(app)) {
    const { status, headers } = await request(app).get(address).set(header, value);
    expect([address, status, headers['accept-ranges']]).toEqual([address, 200, undefined]);
  }
  expect(lines.filter((line) => line.includes('"level":"error"'))).toEqual([]);
});

test('a file that its reader has is not sent again', async () => {
  const { app } = served();
  for (const address of await addresses(app)) {
    const { headers } = await request(app).get(address);
    const again = await request(app).get(address).set('If-Modified-Since', String(headers['last-modified']));
    expect([address, again.status]).toEqual([address, 304]);
  }
});

test('who hangs up while a file is sent is no failure of ours', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'civitas-theme-'));
  const theme = join(folder, 'large.css');
  // More than what lies between holds.
  writeFileSync(theme, ' '.repeat(50_000_000));
  const { app, lines } = served(theme);
  const server = serverOf(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const asked = get({ port: (server.address() as AddressInfo).port, path: '/console/theme.css' });
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  answer.on('error', () => undefined);
  answer.destroy();
  await until('it is over', () => lines.length > 0);
  server.close();
  rmSync(folder, { recursive: true });

  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
    expect.objectContaining({ level: 'info', line: 'request', status: 200, brokenOff: true }),
  ]);
  expect(lines.join('')).not.toContain('problem');
});

test('what is packed beside a file is none, and a failure is not kept for good', async () => {
  const { app } = served();
  const [, , , , script = ''] = await addresses(app);
  const answer = await request(app).get(`${script}.gz`).set('Accept-Encoding', 'gzip');
  expect([answer.status, answer.headers['content-encoding'], answer.headers['cache-control']]).toEqual([
    ...[404, undefined, 'no-cache'],
  ]);
});
