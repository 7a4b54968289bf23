import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { describeInBrowser, launchBrowser } from '../support/browser.ts';
import { freePortPair } from '../support/free-port.ts';
import { startProgram, type Program } from '../support/program.ts';
import { aVisitor, upToDigest } from '../support/visitor.ts';

/** At the demo's OAuth server. */
const niels = 1001;

/** The demo as anybody starts it, in a real browser. */
describeInBrowser('The demo in a browser', () => {
  let folder: string;
  let program: Program;
  let browser: Browser;
  let page: Page;
  let site: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'civitas-browser-'));
    const port = await freePortPair();
    site = `http://127.0.0.1:${port + 1}/site?site=1`;
    program = await startProgram({ env: { DATA_DIR: folder, PORT: String(port) } });
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser.close();
    await program.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  beforeEach(async () => {
    page = await (await browser.newContext()).newPage();
  });

  const loginAddress = (): string => {
    const printed = /log in +(\S+)/.exec(program.output())?.[1];
    if (printed === undefined) throw new Error(`no login address in ${program.output()}`);
    return printed;
  };
  /** Through the login page; answers the token that came back in the address, as the page saw it first. */
  const logIn = async (name: string): Promise<string> => {
    const tokens: string[] = [];
    page.on('request', (request) => {
      const token = request.isNavigationRequest() ? new URL(request.url()).searchParams.get('jwt') : null;
      if (token !== null) tokens.push(token);
    });
    await page.goto(loginAddress());
    await page.getByRole('button', { name }).click();
    await page.waitForURL(site);
    return tokens.at(-1) ?? '';
  };
  const meWith = (token: string) =>
    fetch(`${program.url}/oauth/site/1/me`, { headers: { authorization: `Bearer ${token}` } });

  it('logs in a person who was chosen, back at a page that knows who they are, and out again', async () => {
    const token = await logIn('Niels Vegter');

    await page.getByText('You are', { exact: false }).waitFor();
    expect(await page.locator('#who').textContent()).toMatch(/^You are (?!nobody)/);
    expect(JSON.parse((await page.locator('#me').textContent()) ?? '')).toMatchObject({
      siteId: 1,
      firstName: 'Niels',
      lastName: 'Vegter',
      complete: true,
    });
    expect((await meWith(token)).status).toBe(200);

    await page.getByRole('button', { name: 'Log out' }).click();
    await page.getByText('You are logged out').waitFor();
    expect((await meWith(token)).status).toBe(401);
  });

  it('leaves no cookie of a login behind, and no token in the address', async () => {
    await logIn('Niels Vegter');

    expect(page.url()).toBe(site);
    const cookies = await page.context().cookies(program.url);
    expect(cookies.filter(({ name }) => name.includes('civitas'))).toEqual([]);
  });

  it('does not let another browser finish a login that it did not begin; one click begins it anew, to the same page', async () => {
    const oauthUrl = new URL(site).origin;
    const flow = { apiUrl: program.url, oauthUrl, siteId: 1, redirectUrl: site };
    const digest = await upToDigest(aVisitor(), flow, niels);

    const answer = await page.goto(digest);

    expect(answer?.status()).toBe(403);
    expect(await page.locator('h1').textContent()).toBe('This login does not count');

    await page.getByRole('link', { name: 'Log in again' }).click();
    await page.getByRole('button', { name: 'Niels Vegter' }).click();
    await page.waitForURL(site);
    await page.getByText('You are', { exact: false }).waitFor();
    expect(await page.locator('#who').textContent()).toMatch(/^You are (?!nobody)/);
  });

  it('logs in again by itself while the OAuth server knows the browser, and asks anew when told to', async () => {
    await logIn('Niels Vegter');

    await page.goto(loginAddress());
    await page.waitForURL(site);
    await page.getByText('You are', { exact: false }).waitFor();
    await page.getByRole('link', { name: 'Log in' }).click();

    await page.getByRole('heading', { name: 'Log in as' }).waitFor();
  });
});
