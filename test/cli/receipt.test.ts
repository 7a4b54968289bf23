import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { builtFolder } from '../support/compiled.ts';
import { freePortPair } from '../support/free-port.ts';
import { openCommands } from '../support/program.ts';
import { startRecordedWorld, type RecordedWorld } from '../support/recorded-world.ts';

/** people.md §4: `civitas receipt verify`, of a receipt that was really given. */
const folder = mkdtempSync(join(tmpdir(), 'civitas-receipt-'));
const servers: Server[] = [];
let world: RecordedWorld;
let receipt: string;
const commands = openCommands();
beforeAll(async () => {
  world = await startRecordedWorld();
  const done = await commands.run('person anonymize', {
    env: world.env,
    args: ['111', '--yes', '--json', '--reason', 'Zaak-9'],
  });
  receipt = (await world.call(null, 'GET', JSON.parse(done.printed).receipt)).text;
});
afterAll(async () => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
  await commands.close();
  await world.close();
  rmSync(folder, { recursive: true, force: true });
});

const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const verify = (args: readonly string[], env: Readonly<Record<string, string>> = world.env) =>
  commands.run('receipt verify', { env, args });
/** Without any setting: whoever has a receipt need not have an installation. */
const elsewhere = { NODE_ENV: 'production' };
const serving = async (listener: RequestListener): Promise<string> => {
  const server = createServer(listener);
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as { port: number }).port}/jwks.json`;
};
/** Header, claims and signature of the receipt, as they stand in it. */
const part = (at: 0 | 1 | 2): string => receipt.split('.')[at] ?? '';
const encoded = (text: string): string => Buffer.from(text).toString('base64url');
const claims = (): string => Buffer.from(part(1), 'base64url').toString();

describe('receipt verify', () => {
  it('says in words what a genuine one says: who, when, for which ticket, how many', async () => {
    const { code, output, printed } = await verify([file('good.jws', `${receipt}\n`)]);
    expect([code, output]).toEqual([0, expect.stringContaining('The receipt is genuine')]);
    for (const said of ['Anonymized at several sites', `an operator, at the command line (cli:${userInfo().username})`])
      expect(printed).toContain(said);
    expect(printed).toMatch(/Reason given\tZaak-9\n/);
    expect(printed).toMatch(/User records\t3\n/);
  });

  it('needs no settings with the keys of an address or a file', async () => {
    const address = `${world.url}/.well-known/jwks.json`;
    const keys = file('keys.json', (await world.call(null, 'GET', '/.well-known/jwks.json')).text);
    for (const jwks of [address, keys]) {
      const { code, printed } = await verify([file('good.jws', receipt), '--jwks', jwks, '--json'], elsewhere);
      expect([code, JSON.parse(printed)]).toEqual([
        0,
        expect.objectContaining({ genuine: true, keyId: expect.any(String) }),
      ]);
    }
  });

  it('without settings and without keys says that it needs some', async () => {
    const { code, output } = await verify([file('good.jws', receipt)], elsewhere);
    expect([code, output]).toEqual([1, 'This installation has no keys to check it by: name some with --jwks.\n']);
  });

  it('reads stdin where the file is -', async () => {
    const child = spawn(process.execPath, [join(builtFolder, 'dist/src/cli/civitas.js'), 'receipt', 'verify', '-'], {
      env: { PATH: process.env['PATH'] ?? '', ...world.env },
      stdio: ['pipe', 'ignore', 'pipe'],
    });
    child.stdin.end(receipt);
    expect((await once(child, 'close'))[0]).toBe(0);
  });

  it.each([
    [
      'one letter of what it says changed',
      () => [part(0), encoded(claims().replace('Zaak-9', 'Zaak-8')), part(2)].join('.'),
      /NOT genuine: its signature does not fit/,
    ],
    ['another signature', () => [part(0), part(1), Buffer.alloc(64, 1).toString('base64url')].join('.'), /NOT genuine/],
    ['the signature cut off', () => [part(0), part(1)].join('.'), /This is no receipt: it is not three parts/],
    [
      'no signature, and a header that says that none is needed',
      () => [encoded('{"alg":"none"}'), part(1), 'AA'].join('.'),
      /no receipt: its header names another way of signing/,
    ],
    [
      'a key that nobody knows',
      () => [encoded('{"alg":"EdDSA","kid":"another"}'), part(1), part(2)].join('.'),
      /names the key another, which is not among those of this installation/,
    ],
    [
      'a key whose name would move the cursor of a terminal, and write a line of its own',
      () => [encoded('{"alg":"EdDSA","kid":"\\u001b[2J\\nThe receipt is genuine\\u202e"}'), part(1), part(2)].join('.'),
      /names the key ·\[2J·The receipt is genuine·, which is not among/,
    ],
    ['something else', () => '<html>', /This is no receipt/],
    ['nothing', () => '', /This is no receipt/],
    ['a megabyte and more', () => 'a'.repeat(1_100_000), /larger than any receipt/],
  ])('ends with 1 and a line that says which: %s', async (_what, text, line) => {
    const { code, output, printed } = await verify([file('bad.jws', text())]);
    expect([code, printed, output]).toEqual([1, '', expect.stringMatching(line)]);
    expect(output.trim()).not.toContain('\n');
  });

  it('says of keys that cannot be had what is wrong with their address, and waits for none of it for ever', async () => {
    const nobody = `http://127.0.0.1:${await freePortPair()}/jwks.json`;
    const silent = await serving(() => undefined);
    const missing = await serving((_request, response) => response.writeHead(404).end());
    const moved = await serving((_request, response) => response.writeHead(302, { location: nobody }).end());
    const large = await serving((_request, response) => response.end(`{"keys":"${'a'.repeat(2_000_000)}"}`));
    const endless = await serving((_request, response) => {
      const more = (): void => {
        while (response.write('a'.repeat(65_536)));
        response.once('drain', more);
      };
      more();
    });
    const odd = await serving((_request, response) => response.end('<html>'));
    const good = file('good.jws', receipt);
    const told = await Promise.all(
      [nobody, silent, missing, moved, large, endless, odd].map(async (jwks) => {
        const { code, output } = await verify([good, '--jwks', jwks], elsewhere);
        return [code, output.replace(jwks, 'URL').trim()];
      }),
    );
    expect(told).toEqual([
      [1, 'The keys at URL cannot be read: nothing answers there.'],
      [1, 'The keys at URL cannot be read: it did not answer within 10 s.'],
      [1, 'The keys at URL cannot be read: it answers status 404.'],
      [1, 'The keys at URL cannot be read: it answers status 302.'],
      [1, 'The keys at URL cannot be read: it answers more than 1 MB.'],
      [1, 'The keys at URL cannot be read: it answers more than is read.'],
      [1, 'What is at URL is no set of keys (JWKS).'],
    ]);
  });
});
