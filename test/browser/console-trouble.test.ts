import type { Browser } from 'playwright-core';
import { openDatabase, type Database } from '../../src/db/database.ts';
import { sql } from '../../src/db/sql.ts';
import { describeInBrowser, launchBrowser } from '../support/browser.ts';
import { openConsole, type ConsolePage } from '../support/console-page.ts';
import { startConsoleWorld, type ConsoleWorld } from '../support/console-world.ts';

const english = { locale: 'en-GB', width: 1280, colorScheme: 'light' } as const;
const ended = 'You are logged out, or somebody else has logged in with this browser.';

describeInBrowser('The console, where something is in the way', () => {
  let world: ConsoleWorld;
  let database: Database;
  let browser: Browser;
  let visit: ConsolePage;
  beforeAll(async () => {
    [world, browser] = await Promise.all([startConsoleWorld(), launchBrowser({ keepsPages: true })]);
    database = openDatabase({ url: world.databaseUrl });
  });
  afterAll(async () => {
    await browser.close();
    await database.close();
    await world.close();
  });
  afterEach(() => visit.page.context().close());

  const logIn = async (name = 'Marleen de Graaf', path = '/console'): Promise<ConsolePage> => {
    visit = await openConsole(browser, world.url, english);
    await visit.signIn(world.cookieOf(name));
    await visit.page.goto(world.url + path);
    await visit.page.getByRole('navigation', { name: 'Pages' }).waitFor();
    return visit;
  };
  /** An answer of the API as the test has it; in the order they are asked for. */
  const answer = async (path: string, ...answers: readonly { status?: number; body: object }[]): Promise<void> => {
    const left = [...answers];
    await visit.page.route(`**${path}`, async (route) => {
      const { status = 200, body } = left.shift() ?? { body: {} };
      const contentType = status < 400 ? 'application/json' : 'application/problem+json';
      await route.fulfill({ status, contentType, body: JSON.stringify(body) });
    });
  };

  it('shows the way in wherever the session has ended, also where something was to be done', async () => {
    const { page } = await logIn();
    await page.goto(`${world.url}/console/site/4`);
    await page.getByRole('checkbox').first().check();
    await database.change(sql`DELETE FROM civitas_sessions`);
    await page.getByRole('button', { name: 'Plan a run over 1 person' }).click();
    await page.getByText(ended).waitFor();
    expect(await visit.faults()).toEqual([]);
  });

  it('shows nothing of anybody to whoever goes back after a logout, where the browser has kept the page', async () => {
    const { page } = await logIn('Marleen de Graaf', '/console/person/1/101');
    await page.getByRole('heading', { name: 'Niels Vegter' }).waitFor();
    await page.evaluate('window.isKept = true');
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.getByText('You log in as you do there.').waitFor();
    await page.goBack({ waitUntil: 'commit' });
    await page.getByText(ended).waitFor();
    expect([await page.evaluate('window.isKept'), await page.getByText('Niels').count()]).toEqual([true, 0]);
  });

  it('shows nothing more to whose role was taken away, and says so', async () => {
    const { page } = await logIn('Mei Chen', '/console/sites');
    await database.change(sql`UPDATE users SET role = 'member' WHERE role = 'moderator' AND lastName = 'Chen'`);
    await page.getByRole('link', { name: 'Meer groen in de wijk' }).click();
    await page.getByRole('heading', { name: 'The console is for moderators' }).waitFor();
    expect(await page.getByRole('navigation', { name: 'Pages' }).count()).toBe(0);
    await database.change(sql`UPDATE users SET role = 'moderator' WHERE lastName = 'Chen'`);
  });

  it('keeps the focus where somebody searches, and shows what the address says', async () => {
    const { page, tabTo } = await logIn();
    await tabTo(page.getByRole('searchbox'));
    await page.keyboard.type('niels');
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: 'Niels Vegter' }).waitFor();
    expect(await page.getByRole('searchbox').and(page.locator(':focus')).inputValue()).toBe('niels');
    await page.goBack();
    await page.getByRole('link', { name: 'Niels Vegter' }).waitFor({ state: 'detached' });
    expect(await page.getByRole('searchbox').inputValue()).toBe('');
  });

  it('lists everybody once, however fast more is asked for', async () => {
    const { page } = await logIn();
    const person = (id: number) => ({
      ...{ displayName: `Person ${id}`, email: null, lastLogin: null },
      users: [{ id, site: { id: 1, title: 'One' }, role: 'member' }],
    });
    await answer(
      '/api/person?q=nie**',
      { body: { metadata: { pageSize: 1, cursor: 'next' }, records: [person(1)] } },
      { body: { metadata: { pageSize: 1, cursor: 'last' }, records: [person(2)] } },
      { body: { metadata: { pageSize: 1 }, records: [person(3)] } },
    );
    await page.getByRole('searchbox').fill('nie');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Show more' }).waitFor();
    // The second as soon as the first has been taken, before anything is drawn.
    await page.evaluate(`(async () => {
      const more = () => [...document.querySelectorAll('button')].find(({ textContent }) => textContent === 'Show more');
      more().click();
      for (let turns = 0; turns < 9; turns += 1) await null;
      more()?.click();
    })()`);
    await page.getByRole('link', { name: 'Person 2' }).waitFor();
    expect(await page.locator('.people h2').allTextContents()).toEqual(['Person 1', 'Person 2']);
  });

  it('does not lead away from where somebody has gone before it was done', async () => {
    const { page } = await logIn('Marleen de Graaf', '/console/person/3/112/anonymize');
    await page.getByRole('button', { name: 'Continue to confirming' }).click();
    await page
      .getByLabel(/^Type the name/)
      .fill((await page.getByRole('heading', { level: 1 }).innerText()).replace(/^Anonymize /, ''));
    let done = (): void => undefined;
    const isLeft = new Promise<void>((resolve) => {
      done = resolve;
    });
    await page.route('**/do-anonymizeall**', async (route) => {
      const response = await route.fetch();
      await isLeft;
      await route.fulfill({ response });
    });
    await page.getByRole('button', { name: 'Anonymize now' }).click();
    await page.getByText('It is being done on the sites').waitFor();
    await page.getByRole('link', { name: 'Sites' }).click();
    await page.getByRole('heading', { name: 'Sites' }).waitFor();
    const answered = page.waitForResponse(/do-anonymizeall/);
    done();
    await (await answered).finished();
    await page.evaluate('new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))');
    expect(page.url()).toBe(`${world.url}/console/sites`);
  });

  it.each(['receipt', 'run', 'operation'])(
    'says so where an address leads nowhere: /console/%s/nothing',
    async (what) => {
      const { page } = await logIn('Marleen de Graaf', `/console/${what}/nothing`);
      await page.getByRole('alert').waitFor();
    },
  );

  it('says so where a page fails, and goes on with the next one', async () => {
    const { page } = await logIn();
    await answer('/api/site/1/user/101/person', { body: {} });
    await page.goto(`${world.url}/console/person/1/101`);
    await page.getByRole('heading', { name: 'That did not work' }).waitFor();
    expect(await visit.faults()).toEqual([]);
    await page.getByRole('link', { name: 'Sites' }).click();
    await page.getByRole('heading', { name: 'Sites' }).waitFor();
  });

  it('says in one’s own language what was refused, and takes a number as it is written', async () => {
    visit = await openConsole(browser, world.url, { ...english, locale: 'nl-NL' });
    const { page } = visit;
    await visit.signIn(world.cookieOf('Marleen de Graaf'));
    const run = {
      ...{
        id: 'x',
        kind: 'people',
        siteId: null,
        extent: 'all-sites',
        statedReason: null,
        state: 'planned',
        reason: null,
      },
      ...{ planned: 1234, cancelled: null, plannedAt: '2024-01-01T00:00:00.000Z', startedAt: null, finishedAt: null },
      ...{ progress: { done: 0, total: 1234 }, estimate: null, outcomes: {}, triedAgain: 0, cameAfter: 0 },
      ...{ awaitingRemoval: 0, peopleKeptUntil: null },
      plan: {
        ...{ digest: 'd', users: 1234, persons: 1234, leftOut: {}, oauth: { removed: 0, kept: 0 } },
        sites: { number: 0, first: [] },
      },
    };
    const problem = {
      type: '/problems/conflict',
      rule: 'run-is-cancelled',
      status: 409,
      title: 'x',
      detail: 'In English.',
    };
    await page.route('**/api/anonymization-run/x', (route) =>
      route.fulfill({ headers: { ETag: '"1"' }, contentType: 'application/json', body: JSON.stringify(run) }),
    );
    await answer('/api/anonymization-run/x/start', { status: 409, body: problem });
    await page.goto(`${world.url}/console/run/x`);
    await page.getByLabel('Typ het aantal mensen: 1.234').fill('1.234');
    await page.keyboard.press('Enter');
    await page.getByText('Deze reeks is afgebroken.').waitFor();
  });

  it('shows names for what they are, whatever stands in them', async () => {
    const names = ['<img src=x onerror=alert(1)>', '\u202Ednoces eht si siht', 'W'.repeat(200)];
    await logIn();
    for (const name of names) {
      await database.change(sql`UPDATE users SET firstName = ${name}, lastName = '' WHERE id IN (124, 125)`);
      for (const path of ['person/3/125', 'person/3/125/anonymize', 'site/3', '?q=x']) {
        await visit.goTo(`/console/${path}`);
        expect([path, await visit.faults(), visit.complaints]).toEqual([path, [], []]);
      }
    }
  });
});
