import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { axeFindings } from '../support/axe.ts';
import { describeInBrowser, launchBrowser } from '../support/browser.ts';
import { freePortPair } from '../support/free-port.ts';
import { startProgram, type Program } from '../support/program.ts';

describeInBrowser('The console in a browser', () => {
  let folder: string;
  let program: Program;
  let browser: Browser;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'civitas-browser-'));
    program = await startProgram({ env: { DATA_DIR: folder, PORT: String(await freePortPair()) } });
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser.close();
    await program.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const asked: string[] = [];
  const complaints: string[] = [];
  let page: Page;
  const open = async (locale: string, width: number, colorScheme: 'light' | 'dark'): Promise<void> => {
    [asked.length, complaints.length] = [0, 0];
    page = await (await browser.newContext({ locale, colorScheme, viewport: { width, height: 800 } })).newPage();
    page.on('request', (request) => asked.push(request.url()));
    page.on('console', (message) => {
      // That nobody is logged in is told there, too.
      if (!message.text().startsWith('Failed to load')) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(`${program.url}/console`);
    await page.getByRole('heading', { level: 1 }).waitFor();
  };
  afterEach(async () => {
    expect(complaints).toEqual([]);
    expect(asked.filter((url) => !url.startsWith(`${program.url}/`))).toEqual([]);
    await page.context().close();
  });

  it.each([
    ['nl-NL', 320, 'light', 'Inloggen'],
    ['en-GB', 1280, 'dark', 'Log in'],
  ] as const)('speaks the browser’s language (%s), fits into %s pixels, %s, and axe finds nothing', async (...look) => {
    const [locale, width, colorScheme, heading] = look;
    await open(locale, width, colorScheme);

    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe(heading);
    expect(await page.evaluate('document.documentElement.lang')).toBe(locale.slice(0, 2));
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
    expect(await axeFindings(page)).toEqual([]);
  });

  it('changes its language at once when asked, and remembers', async () => {
    await open('nl-NL', 1280, 'light');
    await page.getByRole('button', { name: 'English' }).click();
    await page.getByRole('heading', { name: 'Log in' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'Log in' }).waitFor();
  });
});
