import type { Browser } from 'playwright-core';
import { loadConfig } from '../../src/config/index.ts';
import { createContainer } from '../../src/container.ts';
import { sql } from '../../src/db/sql.ts';
import { createLogger } from '../../src/platform/logger.ts';
import { describeInBrowser, launchBrowser } from '../support/browser.ts';
import { openConsole, type ConsolePage } from '../support/console-page.ts';
import { startConsoleWorld, type ConsoleWorld } from '../support/console-world.ts';
import { until } from '../support/until.ts';

const looks = [
  { locale: 'nl-NL', width: 320, colorScheme: 'dark' },
  { locale: 'en-GB', width: 1280, colorScheme: 'light' },
] as const;
const english = looks[1];
/** As somebody sees it who needs everything twice as large, or the letters. */
const large = [
  { ...english, width: 640, height: 400, zoom: 2 },
  { ...looks[0], width: 640, height: 400, zoom: 2 },
  { ...english, letters: '200%' },
  { ...looks[0], width: 320, letters: '200%' },
] as const;

/** As if all runs had ended so long ago that who they were over is forgotten. */
const monthLater = async ({ env }: ConsoleWorld): Promise<void> => {
  const { database, jobs, close } = createContainer(loadConfig({ env }), {
    log: createLogger({ level: 'silent', personalFields: [] }),
  });
  const then = new Date(Date.now() - 31 * 86_400_000);
  // Its last person is done before it has ended.
  await until('a run has ended', async () => {
    const ended = sql`UPDATE civitas_anonymization_runs SET finishedAt = ${then} WHERE finishedAt IS NOT NULL`;
    return (await database.change(ended)) > 0;
  });
  // Of whom the removal at the OAuth server is waited for, it is later.
  await until('nobody of it is remembered', async () => {
    await jobs.find(({ name }) => name === 'tidy-up')?.run(() => false);
    const [left] = await database.select(sql`SELECT COUNT(*) AS n FROM civitas_anonymization_run_people`);
    return Number(left?.['n']) === 0;
  });
  await close();
};

describeInBrowser('The console, around the walk', () => {
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
  const goTo = (path: string): Promise<void> => visit.goTo(path);

  it.each(looks)('shows a platform admin every page, in $locale at $width, $colorScheme', async (look) => {
    visit = await openConsole(browser, world.url, look);
    await visit.signIn(world.cookieOf('Marleen de Graaf'));
    for (const page of ['sites', 'site/1', 'runs', 'audit', 'drift', 'outbox', 'clients', 'sessions', 'nowhere']) {
      await goTo(`/console/${page}`);
      expect([page, await visit.faults()]).toEqual([page, []]);
    }
    expect(visit.refusals).toEqual([]);
  });

  it.each(large)('is whole at twice the size, in $locale at $width', async (look) => {
    visit = await openConsole(browser, world.url, look);
    const { faults } = visit;
    await visit.signIn(world.cookieOf('Marleen de Graaf'));
    const away = ['?q=nie', 'person/1/101', 'person/1/101/anonymize', 'person/1/101/anonymize?without=2'];
    for (const one of [
      ...away,
      'sites',
      'site/1',
      'site/4',
      'runs',
      'audit',
      'drift',
      'outbox',
      'clients',
      'sessions',
    ]) {
      await goTo(`/console/${one}`);
      await visit.openAll();
      expect([one, await faults()]).toEqual([one, []]);
    }
  });

  it('plans a run over people of a site, starts it once their number was typed, and tells what came of each', async () => {
    visit = await openConsole(browser, world.url, english);
    const { page, press, tabTo } = visit;
    await visit.signIn(world.cookieOf('Marleen de Graaf'));
    await goTo('/console/site/4');
    for (const name of ['Jasmijn Schouten', 'Soraya Ramdin']) {
      await tabTo(page.getByRole('checkbox', { name }));
      await page.keyboard.press('Space');
    }
    await tabTo(page.getByLabel('Number of the ticket'));
    await page.keyboard.type('Zaak-9');
    await press(page.getByRole('button', { name: 'Plan a run over 2 people' }));
    await page.getByText('planned', { exact: true }).waitFor();
    expect(await visit.faults()).toEqual([]);

    await tabTo(page.getByLabel('Type the number of people: 2'));
    await page.keyboard.type('3');
    await page.keyboard.press('Enter');
    await page.getByText('This is not the number. Type: 2').waitFor();
    await page.getByLabel('Type the number of people: 2').fill('2');
    await page.keyboard.press('Enter');
    await page.getByText('2 of 2').waitFor({ timeout: 120_000 });
    await page.getByRole('link', { name: 'anonymized' }).nth(1).waitFor();
    expect(await visit.faults()).toEqual([]);

    await monthLater(world);
    await page.reload();
    await page.getByText('What came of 2 people is no longer kept').waitFor();
    expect(await visit.faults()).toEqual([]);
    expect(visit.refusals).toEqual([]);
  });

  it('anonymizes a whole site that has ended, once its title was typed', async () => {
    visit = await openConsole(browser, world.url, english);
    const { page, press, tabTo } = visit;
    await visit.signIn(world.cookieOf('Marleen de Graaf'));
    await goTo('/console/site/1');
    expect(await page.getByText('This site has ended').count()).toBe(0);
    await goTo('/console/site/4');
    await press(page.getByText('This site has ended'));
    await tabTo(page.getByLabel('Type the name Speeltuinen 2022'));
    await page.keyboard.type('speeltuinen 2022');
    expect(await visit.faults()).toEqual([]);
    await page.keyboard.press('Enter');
    await page.getByText('done', { exact: true }).waitFor({ timeout: 120_000 });
    expect(visit.refusals).toEqual([]);
  });

  it('shows a moderator nothing of other sites, and offers nothing that is refused', async () => {
    visit = await openConsole(browser, world.url, english);
    const { page, press } = visit;
    await visit.signIn(world.cookieOf('Mei Chen'));
    await goTo('/console');
    expect(await page.getByRole('navigation', { name: 'Pages' }).getByRole('link').allTextContents()).toEqual([
      'Find a person',
      'Sites',
    ]);
    for (const path of ['runs', 'audit', 'drift', 'outbox', 'clients']) {
      await goTo(`/console/${path}`);
      await page.getByText('You may not do this.').waitFor();
    }

    // At three sites; Mei is moderator at the first two.
    await goTo('/console?q=niels');
    expect(await page.locator('.people').innerText()).not.toContain('havenkade');
    await press(page.getByRole('link', { name: 'Niels Vegter' }));
    await page.getByRole('columnheader').nth(2).waitFor();
    expect(await page.getByRole('columnheader').count()).toBe(3);
    await press(page.getByRole('link', { name: 'See what anonymizing would do' }));
    await page.locator('.sites').waitFor();
    expect(await page.locator('main').innerText()).not.toContain('havenkade');
    expect(await visit.faults()).toEqual([]);
    await press(page.getByRole('button', { name: 'Continue to confirming' }));
    await page.getByLabel('Type the name Niels Vegter').fill('Niels Vegter');
    await page.keyboard.press('Enter');
    await press(page.getByRole('link', { name: 'Show the receipt' }));
    await page.getByText('The signature is good').waitFor();

    // An admin is above a moderator: what would be refused is not offered.
    await goTo('/console?q=ada%20beheer');
    await press(page.getByRole('link', { name: 'Ada Beheer' }));
    await page.getByRole('heading', { name: 'On the sites' }).waitFor();
    expect(await page.getByRole('link', { name: 'See what anonymizing would do' }).count()).toBe(0);
    expect(visit.refusals).toEqual([]);
  });

  it('lets nobody in who is moderator nowhere, and tells them so', async () => {
    visit = await openConsole(browser, world.url, english);
    await visit.page.goto(`${world.url}/console`);
    await visit.press(visit.page.getByRole('link', { name: 'Log in' }));
    await visit.press(visit.page.getByRole('button', { name: 'Saar Hendriks' }));
    await visit.page.getByRole('heading', { name: 'The console is for moderators' }).waitFor();
    expect(await visit.faults()).toEqual([]);
  });

  it('shows the way in where the session has ended meanwhile, and leads back to the same page', async () => {
    visit = await openConsole(browser, world.url, english);
    const { page, press } = visit;
    await visit.signIn(world.cookieOf('Marleen de Graaf'));
    await goTo('/console/sites');
    const other = await page.context().newPage();
    await other.goto(`${world.url}/console`);
    await other.getByRole('button', { name: 'Log out' }).click();
    await other.getByRole('link', { name: 'Log in' }).waitFor();

    // Of its own accord: nothing of anybody stays on the screen.
    await page.getByText('You are logged out, or somebody else has logged in with this browser.').waitFor();
    expect(await visit.faults()).toEqual([]);
    await press(page.getByRole('link', { name: 'Log in' }));
    await page.getByRole('button', { name: 'Marleen de Graaf' }).click();
    await page.waitForURL(`${world.url}/console/sites`);
    await page.getByRole('heading', { name: 'Sites' }).waitFor();
  });
});
