import { readFileSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { describeInBrowser, launchBrowser } from '../support/browser.ts';
import { openConsole, type ConsolePage } from '../support/console-page.ts';
import { startConsoleWorld, type ConsoleWorld } from '../support/console-world.ts';
import { until } from '../support/until.ts';

const english = { locale: 'en-GB', width: 1280, colorScheme: 'light' } as const;
const dutch = { locale: 'nl-NL', width: 320, colorScheme: 'dark' } as const;

/** people.md §6, docs/adr/0029: what else only an operator at the machine could do. */
describeInBrowser('The console, for operators', () => {
  let world: ConsoleWorld;
  let browser: Browser;
  let opened: ConsolePage;
  beforeAll(async () => {
    [world, browser] = await Promise.all([startConsoleWorld(), launchBrowser()]);
  });
  afterAll(async () => {
    await browser.close();
    await world.close();
  });
  afterEach(async () => {
    expect(opened.complaints).toEqual([]);
    await opened.page.context().close();
  });
  const call = async (method: string, path: string) => {
    const headers = { 'x-authorization': 'demo-admin' };
    const answer = await fetch(world.url + path, { method, headers });
    if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
    return answer;
  };
  const tokenOf = async (client_id: string, client_secret: string): Promise<number> => {
    const body = new URLSearchParams({ grant_type: 'client_credentials', client_id, client_secret });
    return (await fetch(`${world.url}/oauth/token`, { method: 'POST', body })).status;
  };

  it('says that nothing waits; shows what waits and why while the login server is away, and tries it until it is done', async () => {
    opened = await openConsole(browser, world.url, english);
    const { page, press } = opened;
    await opened.signIn(world.cookieOf('Marleen de Graaf'));
    await opened.goTo('/console');
    await press(page.getByRole('link', { name: 'Outbox' }));
    await page.getByText('Nothing waits.').waitFor();
    expect(await opened.faults()).toEqual([]);

    await world.stopOauthServer();
    await call('PUT', '/api/site/1/user/127/do-anonymizeall');
    await press(page.getByRole('button', { name: 'Show' }));
    const row = page.getByRole('row', { name: /^Remove an account/ });
    await row.waitFor();
    expect(await row.innerText()).toMatch(/The login server (?:does|did) not answer/);
    await press(row.getByRole('button', { name: 'Try now' }));
    await row.getByText('Tried just now. It still waits.').waitFor();
    expect(await opened.faults()).toEqual([]);

    await world.startOauthServer();
    const done = row.getByText('Done: it waits no more.');
    // Who was away is not asked for a moment.
    await until('it is done', async () => {
      if ((await done.count()) > 0) return true;
      await row.getByRole('button', { name: 'Try now' }).click();
      await page.getByText('Asking the login server …').waitFor({ state: 'detached' });
      return false;
    });
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Done: it waits no more.');
    expect(await opened.faults()).toEqual([]);
    await press(page.getByRole('button', { name: 'Show' }));
    await page.getByText('Nothing waits.').waitFor();
    // The program itself may have been quicker.
    expect(opened.refusals.filter((one) => !/^404 \/api\/outbox\/\d+\/retry$/.test(one))).toEqual([]);
  });

  it('makes a client, shows its secret once, gives it another, and revokes it once its name was typed', async () => {
    opened = await openConsole(browser, world.url, english);
    const { page, press, tabTo } = opened;
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin: world.url });
    await opened.signIn(world.cookieOf('Marleen de Graaf'));
    await opened.goTo('/console');
    await press(page.getByRole('link', { name: 'Clients' }));
    await page.getByText('There are none.').waitFor();
    await press(page.getByText('Make a client'));
    await press(page.getByRole('button', { name: 'Make the client' }));
    expect(await page.locator('.wrong').allTextContents()).toEqual([
      'It needs a name, of 255 letters at most.',
      'Choose a site.',
    ]);
    expect(await opened.faults()).toEqual([]);

    await tabTo(page.getByLabel('Name'));
    await page.keyboard.type('Back office');
    for (const name of ['Plannen voor de binnenstad', 'Meer groen in de wijk']) {
      await tabTo(page.getByRole('checkbox', { name }));
      await page.keyboard.press('Space');
    }
    await press(page.getByRole('button', { name: 'Make the client' }));
    await page.getByRole('heading', { name: 'The secret of Back office' }).waitFor();
    expect(await page.evaluate('document.activeElement.textContent')).toBe('The secret of Back office');
    expect(await opened.faults()).toEqual([]);
    const [key = '', first = ''] = await page.locator('.secret code').allTextContents();
    await press(page.getByRole('button', { name: 'Copy the secret' }));
    await page.getByText('Copied.').waitFor();
    expect([first, await page.evaluate('navigator.clipboard.readText()')]).toEqual([
      expect.stringMatching(/^civ_secret_/),
      first,
    ]);
    expect(await tokenOf(key, first)).toBe(200);
    await press(page.getByRole('button', { name: 'I have kept it' }));
    await page.locator('.secret').waitFor({ state: 'detached' });
    expect(await page.getByRole('row', { name: /^Back office/ }).innerText()).toContain(
      'see, anonymize and delete everybody',
    );

    await press(page.getByRole('button', { name: 'New secret (Back office)' }));
    await page.getByRole('heading', { name: 'A new secret for Back office' }).waitFor();
    expect(await opened.faults()).toEqual([]);
    await press(page.getByRole('button', { name: 'Give a new secret' }));
    await page.getByText('The one before it counts until').waitFor();
    const [, second = ''] = await page.locator('.secret code').allTextContents();
    expect([second !== first, await tokenOf(key, first), await tokenOf(key, second)]).toEqual([true, 200, 200]);

    // Nothing that leads back leads to it.
    expect(page.url()).toBe(`${world.url}/console/clients`);
    await press(page.getByRole('link', { name: 'Sites' }));
    await page.getByRole('heading', { name: 'Sites' }).waitFor();
    await page.goBack();
    await page.getByRole('row', { name: /^Back office/ }).waitFor();
    expect(await page.content()).not.toContain('civ_secret_');
    expect(
      await page.evaluate('JSON.stringify([{ ...localStorage }, { ...sessionStorage }, history.state])'),
    ).not.toContain('civ_secret_');

    await press(page.getByRole('button', { name: 'Revoke (Back office)' }));
    await page.getByLabel('Type the name Back office').fill('Front office');
    await press(page.getByRole('button', { name: 'Revoke it now' }));
    await page.getByText('This is not the name').waitFor();
    expect(await opened.faults()).toEqual([]);
    await page.getByLabel('Type the name Back office').fill('back office');
    await page.keyboard.press('Enter');
    await page.getByText('Back office is revoked.').waitFor();
    await page.getByText('There are none.').waitFor();
    expect(await tokenOf(key, second)).toBe(401);
    expect(opened.refusals).toEqual([]);
  });

  it('says in Dutch, and on a small screen, that sites have no login server in common', async () => {
    opened = await openConsole(browser, world.url, dutch);
    const { page, press } = opened;
    await opened.signIn(world.cookieOf('Marleen de Graaf'));
    await page.goto(`${world.url}/console/clients`);
    await press(page.getByText('Maak een programma aan'));
    await page.getByLabel('Naam').fill('Loket');
    await page.getByRole('checkbox').first().check();
    await page.route('**/api/client', async (route) => {
      if (route.request().method() !== 'POST') return route.fallback();
      const problem = { type: '/problems/invalid-values', status: 422, title: '', detail: '' };
      return route.fulfill({
        status: 422,
        contentType: 'application/problem+json',
        json: { ...problem, errors: [{ pointer: '/siteIds', detail: 'must share one OAuth server' }] },
      });
    });
    await press(page.getByRole('button', { name: 'Maak het programma aan' }));
    await page.getByText('Deze sites hebben geen gezamenlijke inlogserver.').waitFor();
    expect(await opened.faults()).toEqual([]);
  });

  it('keeps the audit as a table of all that the filter finds, over pages', async () => {
    opened = await openConsole(browser, world.url, english);
    const { page, press } = opened;
    const people = [101, 104, 129];
    for (const userId of people) await call('GET', `/api/site/1/user/${userId}/person`);
    const listed = await call('GET', '/api/audit?call=read-person&pageSize=100');
    const { records } = (await listed.json()) as { readonly records: readonly { readonly userId: number }[] };
    expect(records.length).toBeGreaterThanOrEqual(people.length);
    await opened.signIn(world.cookieOf('Marleen de Graaf'));
    await page.goto(`${world.url}/console/audit?call=read-person`);
    // As if a page held two.
    await page.route(/\/api\/audit\?/, (route) =>
      route.continue({ url: route.request().url().replace('pageSize=100', 'pageSize=2') }),
    );
    const waiting = page.waitForEvent('download');
    await press(page.getByRole('button', { name: 'Keep all of this as a table (CSV)' }));
    const file = await waiting;
    const lines = readFileSync(await file.path(), 'utf8').split('\r\n');
    expect([file.suggestedFilename(), lines.at(-1)]).toEqual(['audit.csv', '']);
    expect(lines[0]).toMatch(/^at,call,siteId,userId,.*,operation,receipt,reason,digest$/);
    expect(lines.slice(1, -1).map((line) => line.split(',')[1])).toEqual(records.map(() => 'read-person'));
    expect(lines.slice(1, -1).map((line) => Number(line.split(',')[3]))).toEqual(records.map(({ userId }) => userId));
    await page.getByText(`The table has ${records.length} entries.`).waitFor();
    expect(await opened.faults()).toEqual([]);
    expect(opened.refusals).toEqual([]);
  });
});
