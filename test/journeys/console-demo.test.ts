import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePortPair } from '../support/free-port.ts';
import { startProgram, type Program } from '../support/program.ts';
import { aVisitor, fromConsole, logIntoConsole, type Visitor } from '../support/visitor.ts';

/** The demo as anybody starts it, by the global OAuth server: its own process, and its own pages. */
const [marleen, mei] = [1032, 1008];
let folder: string;
let program: Program;
let oauthUrl: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'civitas-console-'));
  const port = await freePortPair();
  oauthUrl = `http://127.0.0.1:${port + 1}`;
  program = await startProgram({ env: { DATA_DIR: folder, PORT: String(port) } });
});
afterAll(async () => {
  await program.stop();
  rmSync(folder, { recursive: true, force: true });
});

const signedIn = async (externalId: number): Promise<Visitor> => {
  const visitor = aVisitor();
  const done = await logIntoConsole(visitor, { apiUrl: program.url, oauthUrl }, externalId);
  expect([done.status, done.onward]).toEqual([302, `${program.url}/console`]);
  return visitor;
};
const ask = async (visitor: Visitor, path: string, method = 'GET') => {
  const headers = { ...fromConsole, Cookie: visitor.cookieFor(new URL(program.url).host) };
  const response = await fetch(program.url + path, { method, headers });
  return { status: response.status, body: (await response.json()) as Readonly<Record<string, unknown>> };
};

test('the login page lists the people, and one of them is platform admin', async () => {
  const visitor = await signedIn(marleen);

  const { body } = await ask(visitor, '/api/session');

  expect(body).toMatchObject({ displayName: 'Marleen de Graaf', platformAdmin: true, users: [{ site: { id: 5 } }] });
  expect((await ask(visitor, '/api/person?q=niels')).body['records']).toHaveLength(1);
  expect((await ask(visitor, '/api/site')).status).toBe(200);
  expect((await ask(visitor, '/api/site/1/user/101/will-anonymizeall?view=changes')).status).toBe(200);
});

test('a moderator sees the sites where they are one, and is no platform admin', async () => {
  const visitor = await signedIn(mei);

  const { body } = await ask(visitor, '/api/session');

  expect(body).toMatchObject({ displayName: 'Mei Chen', platformAdmin: false, moderates: [{ id: 1 }, { id: 2 }] });
  expect((await ask(visitor, '/api/site')).status).toBe(403);
});

test('who leaves is logged out at the OAuth server, too, and chosen anew at the next login', async () => {
  const visitor = await signedIn(mei);
  const left = await ask(visitor, '/oauth/console/logout', 'POST');
  expect(left.status).toBe(200);

  const done = await visitor.follow(await visitor.open(String(left.body['next'])), [oauthUrl]);
  expect(done.onward).toBe(`${program.url}/console`);
  const page = await visitor.follow(await visitor.open(`${program.url}/oauth/console/login`), [oauthUrl]);
  expect([page.status, page.text.includes('Marleen de Graaf')]).toEqual([200, true]);
});
