import type { Browser } from 'playwright-core';
import { describeInBrowser, launchBrowser } from '../support/browser.ts';
import { openConsole, type ConsolePage } from '../support/console-page.ts';
import { startConsoleWorld, type ConsoleWorld } from '../support/console-world.ts';

const english = { locale: 'en-GB', width: 1280, colorScheme: 'light' } as const;

/** people.md §6, docs/adr/0028: what somebody has before them, or has done, is not lost on the way. */
describeInBrowser('The console keeps', () => {
  let world: ConsoleWorld;
  let browser: Browser;
  let visit: ConsolePage;
  beforeAll(async () => {
    [world, browser] = await Promise.all([startConsoleWorld(), launchBrowser()]);
  });
  afterAll(async () => {
    await browser.close();
    await world.close();
  });
  afterEach(async () => {
    expect(visit.complaints).toEqual([]);
    await visit.page.context().close();
  });
  const logIn = async (path: string): Promise<ConsolePage> => {
    visit = await openConsole(browser, world.url, english);
    await visit.signIn(world.cookieOf('Marleen de Graaf'));
    await visit.goTo(path);
    return visit;
  };
  const focused = (): Promise<string> => visit.page.evaluate<string>('document.activeElement.textContent');

  it('the focus where more is read, and where there is no more', async () => {
    const { page, press } = await logIn('/console');
    const person = (id: number) => ({
      ...{ displayName: `Person ${id}`, email: null, lastLogin: null },
      users: [{ id, site: { id: 1, title: 'One' }, role: 'member' }],
    });
    const pages = [1, 2, 3].map((id) => ({
      metadata: { pageSize: 1, ...(id === 3 ? {} : { cursor: `after-${id}` }) },
      records: [person(id)],
    }));
    await page.route('**/api/person?q=nie**', (route) => route.fulfill({ json: pages.shift() }));
    await page.getByRole('searchbox').fill('nie');
    await page.keyboard.press('Enter');
    await press(page.getByRole('button', { name: 'Show more' }));
    await page.getByRole('link', { name: 'Person 2' }).waitFor();
    expect(await focused()).toBe('Show more');
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: 'Person 3' }).waitFor();
    expect(await focused()).toBe('That is all.');
    expect(await visit.faults()).toEqual([]);
  });

  it('whom somebody has chosen, while they look for one more', async () => {
    const { page } = await logIn('/console/site/4');
    await page.getByRole('checkbox', { name: 'Jasmijn Schouten' }).check();
    await page.getByLabel('Beginnings of a name or address').fill('soraya');
    await page.keyboard.press('Enter');
    await page.getByRole('checkbox', { name: 'Jasmijn Schouten' }).waitFor({ state: 'detached' });
    await page.getByRole('checkbox', { name: 'Soraya Ramdin' }).check();
    await page.getByText('Chosen: Jasmijn Schouten and Soraya Ramdin.').waitFor();
    await page.getByRole('button', { name: 'Plan a run over 2 people' }).waitFor();
    expect(await visit.faults()).toEqual([]);
  });

  it('a name of its own for each field, where two forms ask the same', async () => {
    const { page } = await logIn('/console/site/4');
    await page.getByText('This site has ended').click();
    await page.getByRole('button', { name: /^Anonymize \d+ people now/ }).waitFor();
    const fields = page.getByRole('textbox', { name: 'Number of the ticket' });
    expect(await fields.count()).toBe(2);
    for (const form of [0, 1]) {
      await page.getByText('Number of the ticket').nth(form).click();
      expect(await fields.nth(form).and(page.locator(':focus')).count()).toBe(1);
    }
  });

  it('a secret that is shown this once, whatever sites come meanwhile', async () => {
    const { page } = await logIn('/console/clients');
    await page.getByText('Make a client').click();
    await page.getByRole('textbox', { name: 'Name' }).fill('Back office');
    await page.getByRole('checkbox', { name: 'Meer groen in de wijk' }).check();
    await page.getByRole('button', { name: 'Make the client' }).click();
    await page.locator('.secret').waitFor();
    const secret = await page.locator('.secret').innerText();
    const headers = { 'x-authorization': 'demo-admin', 'content-type': 'application/json' };
    const body = JSON.stringify({ name: 'new', title: 'A new site', domain: 'new.localhost' });
    expect((await fetch(`${world.url}/api/site`, { method: 'POST', headers, body })).status).toBe(201);
    // As when somebody comes back to the tab.
    const looked = page.waitForResponse(/\/api\/session$/);
    await page.evaluate(`document.dispatchEvent(new Event('visibilitychange'))`);
    await (await looked).finished();
    await page.getByRole('checkbox', { name: 'A new site' }).waitFor();
    expect(await page.locator('.secret').innerText()).toBe(secret);

    await visit.press(page.getByRole('button', { name: 'I have kept it' }));
    await page.locator('.secret').waitFor({ state: 'detached' });
    await page.getByRole('heading', { level: 1 }).and(page.locator(':focus')).waitFor();
  });

  it('the focus on the page where a session is ended, and says so', async () => {
    const { page } = await logIn('/console/sessions');
    // At another browser.
    await world.cookieOf('Marleen de Graaf');
    await visit.goTo('/console/sessions');
    const first = page.getByRole('row').filter({ hasText: 'The console' }).filter({ hasNotText: 'this one' }).first();
    await visit.press(first.getByRole('button'));
    await page.getByText(/^The session of .* has ended\.$/).waitFor();
    await page.getByRole('heading', { level: 1 }).and(page.locator(':focus')).waitFor();
    expect(await visit.faults()).toEqual([]);
  });

  it.each(['done', 'not done'])(
    'what was asked for in mind, where somebody has gone on before it was %s',
    async (how) => {
      const { page } = await logIn(`/console/person/${how === 'done' ? '3/112' : '1/101'}/anonymize`);
      await page.getByRole('button', { name: 'Continue to confirming' }).click();
      const name = (await page.getByRole('heading', { level: 1 }).innerText()).replace(/^Anonymize /, '');
      await page.getByLabel(/^Type the name/).fill(name);
      let go = (): void => undefined;
      const isLeft = new Promise<void>((resolve) => {
        go = resolve;
      });
      await page.route('**/do-anonymizeall**', async (route) => {
        await isLeft;
        if (how === 'done') await route.continue();
        else
          await route.fulfill({ status: 403, json: { type: '/problems/forbidden', rule: 'higher-role', status: 403 } });
      });
      await page.getByRole('button', { name: 'Anonymize now' }).click();
      await page.getByText('It is being done on the sites').waitFor();
      await page.getByRole('link', { name: 'Sites' }).click();
      await page.getByRole('heading', { name: 'Sites' }).waitFor();
      go();
      await page.getByText(how === 'done' ? `${name} was anonymized.` : `${name} was not anonymized.`).waitFor();
      expect(await visit.faults()).toEqual([]);
      if (how === 'done') {
        await page.getByRole('link', { name: 'See how far it is' }).click();
        await page.getByRole('link', { name: 'Show the receipt' }).waitFor();
      } else await page.getByRole('link', { name: 'Find a person' }).click();
      await page.getByText(/was (?:not )?anonymized\./).waitFor({ state: 'detached' });
    },
  );
});
