import type { Browser } from 'playwright-core';
import { openDatabase, type Database } from '../../src/db/database.ts';
import { describeInBrowser, launchBrowser } from '../support/browser.ts';
import { openConsole, type ConsolePage } from '../support/console-page.ts';
import { startConsoleWorld, type ConsoleWorld } from '../support/console-world.ts';
import { until } from '../support/until.ts';

const english = { locale: 'en-GB', width: 1280, colorScheme: 'light' } as const;
const dutch = { locale: 'nl-NL', width: 320, colorScheme: 'dark' } as const;
const looks = [
  {
    ...dutch,
    ...{ preview: 'Bekijk wat anonimiseren zou doen', next: 'Verder naar bevestigen' },
    ...{ more: 'en nog 34 sites', none: 'Vink alle sites uit', all: 'Vink alle sites aan', differs: '(verschilt)' },
  },
  {
    ...english,
    ...{ preview: 'See what anonymizing would do', next: 'Continue to confirming' },
    ...{ more: 'and 34 more sites', none: 'Untick all sites', all: 'Tick all sites', differs: '(differs)' },
  },
] as const;

/** Somebody at forty sites, and far more sites than a session tells. */
describeInBrowser('The console, with very many sites', () => {
  let world: ConsoleWorld;
  let database: Database;
  let browser: Browser;
  let visit: ConsolePage;
  beforeAll(async () => {
    [world, browser] = await Promise.all([startConsoleWorld({ USERS_FRESH_SECONDS: '5' }), launchBrowser()]);
    database = openDatabase({ url: world.databaseUrl });
    await addSites();
    await bringNiels();
  });
  afterAll(async () => {
    await browser.close();
    await database.close();
    await world.close();
  });
  afterEach(async () => {
    expect(visit.complaints).toEqual([]);
    await visit.page.context().close();
  });

  /** Sites 11 to 1210. */
  const addSites = async (): Promise<void> => {
    const { rows } = database;
    const copied = (await rows.sites.findOne({ where: { id: 1 } }))?.get();
    const title = (n: number): string =>
      n % 5 === 0 ? `Samen verder met buurt ${n} en de straten eromheen` : `Wijk ${n}`;
    await rows.sites.bulkCreate(
      Array.from({ length: 1200 }, (_, at) => ({
        ...copied,
        ...{ id: 11 + at, name: `wijk${at + 1}`, title: title(at + 1), domain: `wijk${at + 1}.localhost` },
      })),
    );
    await until('the program knows them', async () => {
      const answer = await fetch(`${world.url}/api/site`, { headers: { 'x-authorization': 'demo-admin' } });
      return ((await answer.json()) as unknown[]).length === 1205;
    });
  };
  /** Niels Vegter, who is at three, at thirty-seven more, with an idea at each. */
  const bringNiels = async (): Promise<void> => {
    const { rows } = database;
    const niels = (await rows.users.findOne({ where: { id: 101 } }))?.get();
    const idea = (await rows.ideas.findOne({ where: { userId: 101 } }))?.get();
    const at = Array.from({ length: 37 }, (_, index) => index);
    await rows.users.bulkCreate(
      at.map((index) => ({
        ...niels,
        ...{ id: 2000 + index, siteId: 11 + index, role: index === 3 ? 'moderator' : 'member' },
        lastLogin: new Date(Date.UTC(2024, 0, 1 + (index % 3))),
      })),
    );
    await rows.ideas.bulkCreate(
      at.map((index) => ({ ...idea, id: 9000 + index, siteId: 11 + index, userId: 2000 + index })),
    );
  };

  it.each(looks)(
    'somebody at forty of them: found, read, previewed and confirmed, in $locale at $width',
    async (look) => {
      visit = await openConsole(browser, world.url, look);
      const { page, press, tabTo, faults, isSettled } = visit;
      await visit.signIn(world.cookieOf('Marleen de Graaf'));
      await visit.goTo('/console?q=niels%20veg');
      await page.getByText(look.more).waitFor();
      expect(await faults()).toEqual([]);

      await press(page.getByRole('link', { name: 'Niels Vegter' }));
      const bySite = page.locator('.by-site');
      await bySite.waitFor();
      expect(await bySite.locator('tbody tr').count()).toBe(40);
      // What is otherwise than at most of them is marked where it is.
      const row = bySite.getByRole('row', { name: /^Wijk 4 / });
      expect(await row.innerText()).toContain('≠');
      expect(await row.getByRole('cell', { name: look.differs }).count()).toBeGreaterThan(0);
      expect(await faults()).toEqual([]);

      await press(page.getByRole('link', { name: look.preview }));
      await page.locator('.sites').waitFor();
      expect(await page.locator('.sites input:checked').count()).toBe(40);
      expect(await faults()).toEqual([]);
      await press(page.getByRole('button', { name: look.none }));
      await page.getByRole('button', { name: look.all }).waitFor();
      await isSettled();
      expect(await page.locator('.sites input:checked').count()).toBe(0);
      await page.keyboard.press('Enter');
      await page.getByRole('button', { name: look.none }).waitFor();
      const one = page.getByRole('checkbox', { name: 'Wijk 36' });
      await tabTo(one);
      await page.keyboard.press('Space');
      await isSettled();
      expect([await page.locator('.sites input:checked').count(), await page.locator('.site.out').count()]).toEqual([
        39, 1,
      ]);
      await visit.openAll();
      expect(await faults()).toEqual([]);
      await page.getByRole('button', { name: look.next }).click();
      await page.locator('input[name=name]').waitFor();
      expect(await page.locator('#sentence').innerText()).toContain('39 sites');
      expect(await faults()).toEqual([]);
      expect(visit.refusals).toEqual([]);
    },
  );

  it('all sites are shown and found by the beginnings of their words, though a session tells a thousand', async () => {
    visit = await openConsole(browser, world.url, english);
    const { page } = visit;
    await visit.signIn(world.cookieOf('Marleen de Graaf'));
    await visit.goTo('/console/sites');
    await page.getByText('100 of 1,205 sites are shown.').waitFor();
    expect(await visit.faults()).toEqual([]);
    await page.getByLabel('Title of a site').fill('WIJK 119');
    await page.getByText('10 of 1,205 sites are shown.').waitFor();
    await page.getByRole('link', { name: 'Wijk 1199' }).click();
    await page.getByRole('heading', { name: 'Wijk 1199' }).waitFor();

    await visit.goTo('/console/audit');
    expect(await page.getByLabel('Site').getByRole('option').count()).toBe(1206);
    expect(await visit.faults()).toEqual([]);
  });

  it('sites of a client are looked for, and stay chosen while others are', async () => {
    visit = await openConsole(browser, world.url, english);
    const { page, tabTo } = visit;
    await visit.signIn(world.cookieOf('Marleen de Graaf'));
    await visit.goTo('/console/clients');
    await page.getByText('Make a client').click();
    await page.getByRole('textbox', { name: 'Name' }).fill('Back office');
    for (const title of ['Wijk 1199', 'Wijk 1198']) {
      await tabTo(page.getByLabel('Title of a site'));
      await page.getByLabel('Title of a site').fill(title);
      // The form is not sent by it.
      await page.keyboard.press('Enter');
      await tabTo(page.getByRole('checkbox', { name: title }));
      await page.keyboard.press('Space');
    }
    expect(await page.locator('input[name=site]:checked').count()).toBe(2);
    expect(await visit.faults()).toEqual([]);
    await page.getByRole('button', { name: 'Make the client' }).click();
    await page.getByRole('heading', { name: 'The secret of Back office' }).waitFor();
    expect(await page.getByRole('row', { name: /^Back office/ }).innerText()).toContain('Wijk 1198 and Wijk 1199');
  });

  it('says that these are the first, where the others cannot be read, and reads them when asked', async () => {
    visit = await openConsole(browser, world.url, english);
    const { page } = visit;
    await page.route('**/api/site', (route) => route.fulfill({ status: 400, json: {} }));
    await visit.signIn(world.cookieOf('Marleen de Graaf'));
    await visit.goTo('/console/sites');
    await page.getByText('These are the first 1,000 sites.').waitFor();
    expect(await visit.faults()).toEqual([]);
    await page.unroute('**/api/site');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('100 of 1,205 sites are shown.').waitFor();
  });
});
