import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { describeInBrowser, launchBrowser } from '../support/browser.ts';
import { freePortPair } from '../support/free-port.ts';
import { startProgram, type Program } from '../support/program.ts';

/** A page of another origin that imports the client from the demo, in a real browser: every call passes CORS. */
describeInBrowser('The client on a page', () => {
  let folder: string;
  let program: Program;
  let site: Server;
  let browser: Browser;
  let page: Page;
  let address: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'civitas-browser-'));
    program = await startProgram({ env: { DATA_DIR: folder, PORT: String(await freePortPair()) } });
    site = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' })
        .end(`<!doctype html><title>A page</title><script type="module">
        import * as all from '${program.url}/client.js';
        window.all = all;
        window.client = all.civitas({ url: '${program.url}' });
        window.token = client.cameBack(window);
        document.title = 'Ready';
      </script>`);
    });
    site.listen(0, '127.0.0.1');
    await once(site, 'listening');
    address = `http://127.0.0.1:${(site.address() as AddressInfo).port}/?open=3`;
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser.close();
    site.close();
    await program.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  beforeEach(async () => {
    page = await (await browser.newContext()).newPage();
    await page.goto(address);
    await isReady();
  });
  const isReady = () => page.waitForFunction(`document.title === 'Ready'`);
  /** Runs on the page, where `client` and what its module exports are names. */
  const run = (script: string): Promise<unknown> =>
    page.evaluate(`(async () => { const { civitas, CivitasProblem } = all; ${script} })()`);

  it('lists, walks, views and changes', async () => {
    const seen = await run(`
      client.token = 'demo-moderator';
      const { metadata, records } = await client.users(1).page({ pageSize: 2 });
      let walked = 0;
      for await (const user of client.users(1).all({ pageSize: 5 })) walked += 1;
      const member = civitas({ url: client.url, token: 'demo-member' });
      const seen = await member.user(1, 4).get();
      const changed = await member.user(1, 4).update({ city: 'Delft' }, { seen });
      const late = await member.user(1, 4).update({ city: 'Gouda' }, { seen }).catch((error) => error);
      return [metadata.totalCount === walked, records.length, changed.city, late instanceof CivitasProblem, late.type];
    `);

    expect(seen).toEqual([true, 2, 'Delft', true, '/problems/precondition-failed']);
  });

  it('previews and anonymizes, and reads where the receipt is', async () => {
    const seen = await run(`
      client.token = 'demo-admin';
      const plan = await client.user(1, 106).anonymization();
      const { rows } = await plan.changes();
      const done = await plan.do({ reason: 'Zaak-1' });
      return [plan.summary.users, rows.number, done.done, done.removal !== null, done.operation?.length, done.receipt];
    `);

    expect(seen).toEqual([1, 1, true, true, 43, expect.stringMatching(`^${program.url}/receipts/`)]);
  });

  it('logs in and comes back to the same page, with no token in its address', async () => {
    await page.evaluate('client.login(1, window)');
    await page.getByRole('button', { name: 'Saar Hendriks' }).click();
    await page.waitForURL(address);
    await isReady();

    expect(await run(`const me = await client.me(1); return [me.firstName, window.token === client.token];`)).toEqual([
      'Saar',
      true,
    ]);
    expect(await run(`return [await client.logout(1), await client.me(1)];`)).toEqual(['ended', null]);
  });

  it('leaves the OAuth server, too, comes back to the same page, and is asked anew who it is', async () => {
    await page.evaluate('client.login(1, window)');
    await page.getByRole('button', { name: 'Saar Hendriks' }).click();
    await page.waitForURL(address);
    await isReady();
    await page.evaluate('client.leave(1, window)');
    await page.waitForURL(address);
    await isReady();
    await page.evaluate('client.login(1, window)');
    await page.getByRole('button', { name: 'Saar Hendriks' }).waitFor();

    expect(new URL(page.url()).origin).not.toBe(new URL(address).origin);
  });

  it('takes no token of a login that this tab did not begin', async () => {
    await page.goto(`${address}&jwt=a.b.c&civitas-login=guessed`);
    await isReady();

    expect([await run('return window.token'), page.url()]).toEqual([null, address]);
  });
});
