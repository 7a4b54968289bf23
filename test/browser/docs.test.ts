import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { allProblems } from '../../src/http/problems.ts';
import { routes } from '../../src/http/routes.ts';
import { testApp } from '../http/support/app.ts';
import { describeInBrowser, launchBrowser } from '../support/browser.ts';
import { freePortPair } from '../support/free-port.ts';
import { startProgram, type Program } from '../support/program.ts';

describeInBrowser('The documentation page in a browser', () => {
  let folder: string;
  let program: Program;
  let browser: Browser;
  let page: Page;
  let asked: { readonly method: string; readonly url: string }[];
  let complaints: string[];
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
  beforeEach(async () => {
    page = await (await browser.newContext()).newPage();
    [asked, complaints] = [[], []];
    page.on('request', (request) => asked.push({ method: request.method(), url: request.url() }));
    page.on('console', (message) => {
      // A refusal that a test asks for is told there, too.
      if (message.type() === 'error' && !message.text().startsWith('Failed to load')) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
  });
  afterEach(async () => {
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  const open = async (url = program.url): Promise<void> => {
    await page.goto(`${url}/docs`);
    await page.locator('#listSites').waitFor();
  };
  const openCall = async (operationId: string) => {
    await page.locator(`#${operationId} > summary`).click();
    return page.locator(`#${operationId} form.try`);
  };
  const openAll = () => page.evaluate(`for (const call of document.querySelectorAll('details.call')) call.open = true`);

  it('is where / leads, asks nobody else, and nothing of it is refused by its own policy', async () => {
    await page.goto(`${program.url}/`);
    await page.locator('#listSites').waitFor();

    expect(page.url()).toBe(`${program.url}/docs`);
    expect(asked.filter(({ url }) => !url.startsWith(`${program.url}/`))).toEqual([]);
  });

  it('shows every call with what the demo answered, and every problem with its type and an example', async () => {
    await open();
    await openAll();

    // All at once: what is asked one by one takes a second for every ten.
    const calls = await page.evaluate<unknown>(`[...document.querySelectorAll('details.call')].map((call) => [
      call.id,
      [...call.querySelectorAll('h3, h4, h5')].some((one) => one.textContent === 'What the demo answered' && one.checkVisibility()),
      call.querySelector('pre')?.textContent.slice(0, 5),
    ])`);
    expect(calls).toEqual(expect.arrayContaining(routes.map(({ operationId }) => [operationId, true, 'curl '])));
    const told = await page.evaluate<unknown>(`[...document.querySelectorAll('[id^=problem-]')].map((problem) => [
      problem.id,
      [...problem.querySelectorAll('a')].map((one) => one.getAttribute('href')),
      [...problem.querySelectorAll('pre')].map((one) => one.textContent[0]),
    ])`);
    const problems = Object.keys(allProblems).map((code) => [`problem-${code}`, [`/problems/${code}`], ['{']]);
    expect(told).toEqual(expect.arrayContaining(problems));
    expect(await page.locator('#problem-forbidden details').textContent()).toContain('owner-or-moderator');
    expect(await page.locator('#problem-conflict details').textContent()).toContain('site-has-not-ended');
  });

  it('fills in nothing: who sends every call as it stands has written nothing, whoever they are', async () => {
    await open();
    await page.getByRole('button', { name: 'Fill in demo-admin' }).click();
    await openAll();
    const filled = await page.evaluate(
      `[...document.querySelectorAll('.try input, .try textarea, .try select')].filter((one) => one.value !== '').map((one) => one.id)`,
    );
    expect(filled).toEqual([]);
    const admin = { headers: { authorization: 'Bearer demo-admin' } };
    const world = async () =>
      Promise.all(
        [
          '/api/site',
          '/api/client',
          '/api/audit?pageSize=100',
          ...[1, 2, 3, 4].map((id) => `/api/site/${id}/user`),
        ].map(async (path) => (await fetch(program.url + path, admin)).text()),
      );
    const before = await world();
    asked.length = 0;

    const tried = await page.evaluate<number>(`(async () => {
      const forms = [...document.querySelectorAll('form.try')];
      for (const form of forms) {
        [...form.querySelectorAll('button')].find(({ textContent }) => textContent.startsWith('Send ')).click();
        while (form.checkValidity() && form.querySelector('.output .well, .output .failed, .output a') === null)
          await new Promise((resolve) => setTimeout(resolve, 5));
      }
      return forms.length;
    })()`);
    expect(tried).toBe(routes.length);

    const sent = asked.map(({ method, url }) => `${method} ${new URL(url).pathname}`);
    expect(sent.length).toBeGreaterThan(5);
    expect(sent.filter((call) => call.includes('/api/site/'))).toEqual([]);
    expect(await world()).toEqual(before);
  });

  it('tells by which fields a list is filtered and sorted', async () => {
    await open();
    const form = await openCall('listUsers');

    await form.getByText('what sort holds').click();
    await form.getByText('"lastName_desc"').waitFor();
    await form.getByText('what filter holds').click();
    await form.getByText('signedUpForNewsletter', { exact: true }).waitFor();
  });

  it('makes a call as whoever it was told, and shows what came back', async () => {
    await open();
    const form = await openCall('viewUser');
    await form.getByLabel('siteId').fill('1');
    await form.getByLabel('userId').fill('101');
    await form.getByRole('button', { name: 'Send GET' }).click();
    await form.getByText(/^200 /).waitFor();
    expect(await form.getByLabel('the answer', { exact: true }).textContent()).not.toContain(
      'niels.vegter@example.org',
    );

    await page.getByRole('textbox', { name: 'Token', exact: true }).fill('demo-moderator');
    await form.getByRole('button', { name: 'Send GET' }).click();
    await form.getByText('niels.vegter@example.org').waitFor();
    expect(await form.getByLabel('the call, as curl makes it', { exact: true }).textContent()).toContain(
      `-H 'Authorization: Bearer demo-moderator'`,
    );
  });

  it('shows a refusal as it is', async () => {
    await open();
    const form = await openCall('updateUser');
    await form.getByLabel('siteId').fill('1');
    await form.getByLabel('userId').fill('101');
    await form.getByRole('textbox', { name: 'Body' }).fill('{"city": 7}');
    await form.getByRole('button', { name: 'Send PUT' }).click();
    await form.getByText(/^401 /).waitFor();
  });

  it('takes a back office’s key and secret behind the first scheme, and calls with the token that they give', async () => {
    const made = await fetch(`${program.url}/api/client`, {
      method: 'POST',
      headers: { authorization: 'Bearer demo-admin', 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'Tried', scopes: ['admin'], siteIds: [1] }),
    });
    const { key, secret } = (await made.json()) as { readonly key: string; readonly secret: string };
    await open();
    expect(await page.getByLabel('API key').isVisible()).toBe(false);
    await page.getByText('Other ways in').click();
    await page.getByLabel('API key').fill(key);
    await page.getByLabel('Secret').fill(secret);
    await page.getByRole('button', { name: 'Get a token by key and secret' }).click();
    await page.getByText('It counts for two hours.').waitFor();

    const form = await openCall('listPeople');
    await form.getByLabel('per_page').fill('1');
    await form.getByRole('button', { name: 'Send GET' }).click();
    await form.getByText('"success": true').waitFor();
    expect(await form.getByLabel('the answer', { exact: true }).textContent()).toContain('"email"');
  });

  it('filters calls and problems by words of path and summary, and opens what an address names all the same', async () => {
    await open();
    await page.getByLabel('Filter by words').fill('SITE preview everybody');

    const shown = page.locator('details.call:visible');
    expect(await shown.count()).toBe(1);
    expect(await shown.getAttribute('id')).toBe('willAnonymizeSite');
    await page.getByText(`1 of ${routes.length} calls, and 0 problems, have these words`).waitFor();

    await page.evaluate(`location.hash = 'problem-plan-changed'`);
    await page.locator('#problem-plan-changed[open]').getByText('/problems/plan-changed').first().waitFor();
  });

  it('keeps the token over a reload in the demo', async () => {
    await open();
    await page.getByRole('button', { name: 'Fill in demo-admin' }).click();
    await page.reload();
    await page.locator('#listSites').waitFor();
    expect(await page.getByRole('textbox', { name: 'Token', exact: true }).inputValue()).toBe('demo-admin');
  });

  it.each(['light', 'dark'] as const)('fits into 320 pixels with every call open (%s)', async (colorScheme) => {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width: 320, height: 800 });
    await open();
    await openAll();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320);
  });

  it('can be walked by keyboard: a call opens, and its fields have names', async () => {
    await open();
    await page.locator('#listSites > summary').focus();
    await page.keyboard.press('Enter');
    await page.locator('#listSites[open] form.try').waitFor();
    await openAll();
    const nameless = await page.evaluate(
      `[...document.querySelectorAll('input, select, textarea')].filter((one) => one.labels.length === 0).map((one) => one.id)`,
    );
    expect(nameless).toEqual([]);
    const ids = await page.evaluate<string[]>(`[...document.querySelectorAll('[id]')].map((one) => one.id)`);
    expect(ids.filter((id, at) => ids.indexOf(id) !== at)).toEqual([]);
  });

  describe('of a real installation', () => {
    let server: Server;
    let url: string;
    beforeAll(async () => {
      server = createServer(testApp().app);
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    });
    afterAll(() => new Promise((resolve) => server.close(resolve)));

    it('offers no token, and forgets the one that it was given', async () => {
      await open(url);
      expect(await page.getByRole('button', { name: /^Fill in/ }).count()).toBe(0);
      await page.getByRole('textbox', { name: 'Token', exact: true }).fill('a-real-token');
      expect(await page.evaluate('[sessionStorage.length, localStorage.length, document.cookie]')).toEqual([0, 0, '']);
      await page.reload();
      await page.locator('#listSites').waitFor();
      expect(await page.getByRole('textbox', { name: 'Token', exact: true }).inputValue()).toBe('');
    });
  });
});
