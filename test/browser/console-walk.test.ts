import { mkdirSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { openDatabase, type Database } from '../../src/db/database.ts';
import { sql } from '../../src/db/sql.ts';
import { describeInBrowser, launchBrowser } from '../support/browser.ts';
import { openConsole, type Look } from '../support/console-page.ts';
import { startConsoleWorld, type ConsoleWorld } from '../support/console-world.ts';
import { runCommand } from '../support/program.ts';

interface Summary {
  readonly sites: readonly Readonly<
    Record<'id' | 'ideas' | 'articles' | 'arguments' | 'votesRemoved' | 'votesKept' | 'hidden', number>
  >[];
}

type Words = Readonly<
  Record<'logIn' | 'preview' | 'next' | 'now' | 'difference' | 'gone' | 'receipt' | 'download', string>
>;
type Patterns = Readonly<Record<'sentence' | 'waits' | 'good', RegExp>>;
/** What the walk meets, in each language. */
const walks: readonly (Look & Words & Patterns)[] = [
  {
    locale: 'nl-NL',
    width: 320,
    colorScheme: 'dark',
    logIn: 'Inloggen',
    preview: 'Bekijk wat anonimiseren zou doen',
    next: 'Verder naar bevestigen',
    now: 'Nu anonimiseren',
    sentence:
      /Niels Vegter: 3 sites\. 1 inzending, 1 artikel en 2 reacties blijven staan .*‘Gebruiker verwijderd’\. 5 stemmen verdwijnen\. 2 stemmen blijven, zonder IP-adres\. Het account .* wordt verwijderd\./,
    difference: 'Meer groen in de wijk: +1 reactie',
    waits: /^Wacht: de inlogserver antwoordt niet/,
    gone: 'Verwijderd.',
    receipt: 'Toon het bewijs',
    good: /^De handtekening klopt/,
    download: 'Downloaden (ondertekend)',
  },
  {
    locale: 'en-GB',
    width: 1280,
    colorScheme: 'light',
    logIn: 'Log in',
    preview: 'See what anonymizing would do',
    next: 'Continue to confirming',
    now: 'Anonymize now',
    sentence:
      /Niels Vegter: 3 sites\. 1 idea, 1 article and 2 arguments stay .*‘Gebruiker verwijderd’\. 5 votes go\. 2 votes stay, without IP address\. The account .* is removed\./,
    difference: 'Meer groen in de wijk: +1 argument',
    waits: /^Waiting: the login server does not answer/,
    gone: 'Removed.',
    receipt: 'Show the receipt',
    good: /^The signature is good/,
    download: 'Download (signed)',
  },
];

describeInBrowser('The console, walked by keyboard alone', () => {
  let world: ConsoleWorld;
  let database: Database;
  let browser: Browser;
  let page: Page;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    world = await startConsoleWorld();
    database = openDatabase({ url: world.databaseUrl });
  });
  afterEach(async () => {
    await page.context().close();
    await database.close();
    await world.close();
  });

  const summary = async (query = ''): Promise<Summary> => {
    const headers = { authorization: 'Bearer demo-admin' };
    const answer = await fetch(`${world.url}/api/site/1/user/101/will-anonymizeall?view=summary${query}`, { headers });
    return (await answer.json()) as Summary;
  };
  /** What the picture shows: each site's figures, and that each bar has as many pieces as its figure says. */
  const pictured = async (): Promise<unknown> =>
    page.evaluate(`[...document.querySelectorAll('.site')].filter((site) => site.querySelector('.kinds') !== null).map((site) =>
      [...site.querySelectorAll('.kinds tr')].map((line) => {
        const svg = line.querySelector('svg');
        const n = Number(line.querySelector('.number').textContent);
        return [svg.dataset.disposition, n, svg.querySelectorAll('rect').length === n && Number(svg.dataset.n) === n];
      }))`);
  const expected = ({ sites }: Summary): unknown =>
    sites.map((site) =>
      (
        [
          ['renames', site.ideas],
          ['renames', site.articles],
          ['renames', site.arguments],
          ['strips', site.votesKept],
          ['goes', site.votesRemoved],
          ['hides', site.hidden],
        ] as const
      ).flatMap(([disposition, n]) => (n === 0 ? [] : [[disposition, n, true]])),
    );
  /** The pictures of the documents are those of this walk: `WRITE_PICTURES=1 npx jest test/browser/console-walk`. */
  const picture = async ({ locale }: Look, screen: string): Promise<void> => {
    if (locale !== 'en-GB') return;
    const isKept = process.env['WRITE_PICTURES'] === '1';
    if (isKept) mkdirSync('docs/pictures', { recursive: true });
    await page.evaluate(`document.activeElement?.blur(); window.scrollTo(0, 0)`);
    const taken = await page.screenshot({
      fullPage: true,
      ...(isKept ? { path: `docs/pictures/console-${screen}.png` } : {}),
    });
    expect(taken.length).toBeGreaterThan(1000);
  };
  const isSettled = () => page.locator('[aria-busy=false]').waitFor();

  // Which database it is, is noticed in no language.
  const walked = process.env['TEST_DATABASE_URL']?.startsWith('mysql:') === true ? walks.slice(0, 1) : walks;
  it.each(walked)('from half a name to the receipt, in $locale at $width, $colorScheme', async (walk) => {
    const visit = await openConsole(browser, world.url, walk);
    const { tabTo, press } = visit;
    ({ page } = visit);
    const isFine = async (): Promise<void> => {
      expect(await visit.faults()).toEqual([]);
    };
    await page.goto(`${world.url}/console`);
    await page.getByRole('link', { name: walk.logIn }).waitFor();
    await isFine();
    await visit.logIn(walk.logIn, 'Marleen de Graaf');
    await isFine();

    await tabTo(page.getByRole('searchbox'));
    await page.keyboard.type('nie');
    await page.keyboard.press('Enter');
    const found = page.getByRole('link', { name: 'Niels Vegter' });
    await found.waitFor();
    await isFine();
    await picture(walk, 'find');
    await press(found);
    await page.getByRole('columnheader').nth(3).waitFor();
    expect(await page.getByRole('columnheader').allTextContents()).toEqual([
      expect.any(String),
      ...['Plannen voor de binnenstad', 'Meer groen in de wijk', 'De nieuwe havenkade'],
    ]);
    await isFine();
    await picture(walk, 'person');

    await press(page.getByRole('link', { name: walk.preview }));
    await page.locator('.sites').waitFor();
    expect(await page.locator('#sentence').textContent()).toMatch(walk.sentence);
    expect(await pictured()).toEqual(expected(await summary()));
    await isFine();
    await picture(walk, 'preview');
    const second = page.getByRole('checkbox', { name: 'Meer groen in de wijk' });
    await tabTo(second);
    await page.keyboard.press('Space');
    await page.locator('.site.out').waitFor();
    await isSettled();
    expect(await pictured()).toEqual(expected(await summary('&onlySiteIds=%5B1%2C3%5D')));
    await isFine();
    await page.keyboard.press('Space');
    await page.locator('.site.out').waitFor({ state: 'detached' });
    await isSettled();
    for (const details of await page.locator('details > summary').all()) await press(details);
    await isFine();
    await press(page.getByRole('button', { name: walk.next }));

    await page.locator('input[name=name]').waitFor();
    await press(page.getByRole('button', { name: walk.now }));
    await page.locator('.wrong').waitFor();
    await isFine();
    // Somebody adds an argument meanwhile.
    await database.change(
      sql`INSERT INTO arguments (ideaId, userId, description, sentiment, createdAt, updatedAt) VALUES (10, 102, 'En de egels?', 'for', ${new Date()}, ${new Date()})`,
    );
    await page.keyboard.type('niels vegter');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').waitFor();
    expect(await page.getByRole('alert').getByRole('listitem').allTextContents()).toEqual([walk.difference]);
    expect(await page.evaluate(`document.activeElement.getAttribute('role')`)).toBe('alert');
    await isFine();
    await picture(walk, 'confirm');

    await world.stopOauthServer();
    await tabTo(page.locator('input[name=name]'));
    await page.keyboard.type('Niels Vegter');
    await page.keyboard.press('Tab');
    await page.keyboard.type('Zaak-12');
    await page.keyboard.press('Enter');
    await page.getByText(walk.waits).waitFor();
    await isFine();
    await picture(walk, 'progress');
    await world.startOauthServer();
    await page.getByText(walk.gone, { exact: true }).waitFor({ timeout: 120_000 });
    await isFine();

    await press(page.getByRole('link', { name: walk.receipt }));
    await page.getByText(walk.good).waitFor();
    await isFine();
    await picture(walk, 'receipt');
    const waiting = page.waitForEvent('download');
    await press(page.getByRole('button', { name: walk.download }));
    const kept = await (await waiting).path();
    const jwks = `${world.url}/.well-known/jwks.json`;
    const verified = await runCommand('receipt verify', { env: world.env, args: [kept, '--jwks', jwks] });
    expect([verified.code, verified.output.includes('Zaak-12')]).toEqual([0, true]);
    await page.emulateMedia({ media: 'print' });
    expect(await page.locator('details.proof code').isVisible()).toBe(true);
    expect(
      await page.evaluate(
        `[...document.querySelectorAll('.top, .no-print')].filter((one) => one.checkVisibility()).length`,
      ),
    ).toBe(0);
    expect((await page.pdf()).length).toBeGreaterThan(1000);

    expect(visit.complaints).toEqual([]);
    const own = [world.url, world.oauthUrl];
    expect(
      visit.asked.filter((url) => !url.startsWith('blob:') && !own.some((origin) => url.startsWith(`${origin}/`))),
    ).toEqual([]);
  });
});
