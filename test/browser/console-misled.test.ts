import type { Browser } from 'playwright-core';
import { openDatabase, type Database } from '../../src/db/database.ts';
import { sql } from '../../src/db/sql.ts';
import { describeInBrowser, launchBrowser } from '../support/browser.ts';
import { openConsole, type ConsolePage } from '../support/console-page.ts';
import { startConsoleWorld, type ConsoleWorld } from '../support/console-world.ts';

const english = { locale: 'en-GB', width: 1280, colorScheme: 'light' } as const;
const dutch = { locale: 'nl-NL', width: 320, colorScheme: 'dark' } as const;
/** Ends what Unicode keeps apart, and turns round what follows. */
const turning = '\u2069\u202E';

/** people.md §6, docs/adr/0028: what others wrote, and where others lead, misleads nobody at the console. */
describeInBrowser('At the console nobody is misled', () => {
  let world: ConsoleWorld;
  let database: Database;
  let browser: Browser;
  let visit: ConsolePage;
  beforeAll(async () => {
    [world, browser] = await Promise.all([startConsoleWorld(), launchBrowser()]);
    database = openDatabase({ url: world.databaseUrl });
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
  const open = async (path: string, look: typeof english | typeof dutch = english): Promise<ConsolePage> => {
    visit = await openConsole(browser, world.url, look);
    await visit.signIn(world.cookieOf('Marleen de Graaf'));
    await visit.goTo(path);
    return visit;
  };
  const put = async (path: string, body: object): Promise<void> => {
    const headers = { 'x-authorization': 'demo-admin', 'content-type': 'application/json' };
    const answer = await fetch(world.url + path, { method: 'PUT', headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
  };
  /** Whether of two words that stand in one line the first is left of the second. */
  const isBefore = (within: string, first: string, second: string): Promise<boolean> =>
    visit.page.evaluate<boolean>(`(() => {
      const place = (word) => {
        const walker = document.createTreeWalker(document.querySelector(${JSON.stringify(within)}), NodeFilter.SHOW_TEXT);
        for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
          const at = node.data.indexOf(word);
          if (at < 0) continue;
          const range = document.createRange();
          range.setStart(node, at);
          range.setEnd(node, at + 1);
          return range.getBoundingClientRect();
        }
        throw new Error('nowhere: ' + word);
      };
      const [one, other] = [place(${JSON.stringify(first)}), place(${JSON.stringify(second)})];
      return one.top < other.bottom && other.top < one.bottom && one.left < other.left;
    })()`);

  it.each([english, dutch])('by fields that somebody called as they liked, in $locale at $width', async (look) => {
    const extraData = {
      'E-mail address': 'burgemeester@example.org',
      Role: 'admin',
      [`${turning}Held`]: 'Legal hold until 2030',
      list: [`${turning}abc`, 'seen', 'last'],
    };
    await put('/api/site/1/user/101', { extraData });
    const { page } = await open('/console/person/1/101', look);
    await page.locator('.rows').waitFor();
    // Behind everything that is told by us, under a heading of their own, as they are written.
    const own = page.locator('.own th[scope=row] code');
    expect((await own.allTextContents()).filter((key) => key !== 'bio')).toEqual(Object.keys(extraData).toSorted());
    expect(await page.locator('.own').getByRole('row').first().innerText()).toMatch(/^(?:Other fields|Overige velden)/);
    expect(await page.locator('.rows > tbody:not(.own)').innerText()).not.toMatch(/burgemeester|2030/);
    expect(await isBefore('.own', 'seen', 'last')).toBe(true);
    expect(await visit.faults()).toEqual([]);

    await visit.goTo('/console/person/1/101/anonymize');
    for (const details of await page.locator('details > summary').all()) await details.click();
    const name = page.getByRole('rowheader', { name: /^(?:other|overig).* (?:field|veld) Role$/ });
    // At each of three sites.
    expect(await name.count()).toBe(3);
    expect(await visit.faults()).toEqual([]);
  });

  it.each([english, dutch])('by an empty plan, where somebody else was quicker, in $locale at $width', async (look) => {
    const [siteId, userId] = look === english ? [3, 112] : [1, 127];
    const { page } = await open(`/console/person/${siteId}/${userId}/anonymize`, look);
    await page
      .getByRole('button', { name: look === english ? 'Continue to confirming' : 'Verder naar bevestigen' })
      .click();
    const field = page.locator('input[name=name]');
    await field.fill(
      (await page.getByRole('heading', { level: 1 }).innerText()).replace(/^Anonymize | anonimiseren$/g, ''),
    );
    await put(`/api/site/${siteId}/user/${userId}/do-anonymizeall`, {});
    await page.keyboard.press('Enter');
    await page.getByRole('alert').and(page.locator(':focus')).waitFor();
    const said = await page.locator('main').innerText();
    expect(said).toMatch(/Nothing is left to anonymize\.|Er valt niets meer te anonimiseren\./);
    expect(said).not.toMatch(/account at the login server stays|account bij de inlogserver blijft/i);
    expect(await field.count()).toBe(0);
    expect(await visit.faults()).toEqual([]);
    await visit.goTo(`/console/person/${siteId}/${userId}/anonymize`);
    const account = page.locator('.site').last();
    expect(await account.innerText()).toMatch(/nothing is left to anonymize|er valt niets meer te anonimiseren/);
    expect(await page.locator('main').innerText()).not.toMatch(
      /Stays: a site|Blijft: een site|has been done yet|nog niets gebeurd/,
    );
    expect(await visit.faults()).toEqual([]);
  });

  it('and nothing of whom they looked for stays in history, or in what the browser keeps of answers', async () => {
    const { page } = await open('/console');
    const titles: string[] = [];
    const seen = async (): Promise<void> => {
      titles.push(await page.title(), page.url());
    };
    for (const address of ['niels.vegter@example.org', 'nobody@example.org']) {
      await page.getByRole('searchbox').fill(address);
      await page.keyboard.press('Enter');
      await page.getByText(/^(?:1 person was found\.|Nobody was found\. )/).waitFor();
      await visit.isSettled();
      await seen();
    }
    await page.goBack();
    const found = page.getByRole('link', { name: 'Niels Vegter' });
    await found.waitFor();
    expect(await page.getByRole('searchbox').inputValue()).toBe('niels.vegter@example.org');
    await page.reload();
    await found.click();
    await page.getByText('What this person contributed').click();
    await page.locator('.activity li').first().waitFor();
    await seen();
    await page.getByRole('link', { name: 'See what anonymizing would do' }).click();
    await page.locator('.sites').waitFor();
    await seen();
    await page.getByRole('button', { name: 'Continue to confirming' }).click();
    await page.locator('input[name=name]').waitFor();
    await seen();
    expect(titles.filter((one) => /vegter|@|%40/i.test(one))).toEqual([]);
    const activity = visit.asked.find((url) => url.includes('/activity?')) ?? '';
    expect(activity).not.toBe('');
    // Of a cache alone: it has nothing.
    const kept = await page.evaluate<string>(
      `fetch(${JSON.stringify(activity)}, { cache: 'only-if-cached', mode: 'same-origin', headers: { 'X-Civitas-Console': '1' } }).then(
        ({ status }) => String(status), () => 'nothing')`,
    );
    expect(kept).toMatch(/^(?:nothing|504)$/);

    // At a site, too.
    await visit.goTo('/console/site/1');
    await page.getByLabel('Beginnings of a name or address').fill('niels.vegter@');
    await page.keyboard.press('Enter');
    await page.getByText('1 person was found.').waitFor();
    expect(page.url()).not.toMatch(/vegter/);
  });

  it.each([english, dutch])('into a look in the audit, by a page of elsewhere, in $locale at $width', async (look) => {
    const { page } = await open('/console', look);
    // Elsewhere: the OAuth server has its own origin.
    await page.goto(`${world.oauthUrl}/nothing`);
    await page.evaluate(`(() => {
      const link = document.createElement('a');
      link.href = ${JSON.stringify(`${world.url}/console/person/1/117?x=1`)};
      document.body.append(link);
      link.click();
    })()`);
    const way = page.getByRole('link', { name: look === english ? 'Open the page' : 'Open de pagina' });
    await way.waitFor();
    await visit.isSettled();
    expect(visit.asked.filter((url) => url.includes('/user/117/'))).toEqual([]);
    expect(await visit.faults()).toEqual([]);
    await visit.press(way);
    await page.locator('.rows').waitFor();
    expect(page.url()).toBe(`${world.url}/console/person/1/117?x=1`);
    // From here on it is our own.
    await page.reload();
    await page.locator('.rows').waitFor();
  });

  it('into the page of somebody, by a login that began elsewhere', async () => {
    const { page } = await open('/console');
    await page.context().clearCookies();
    await page.goto(`${world.url}/oauth/console/login?returnTo=/console/person/1/117`);
    await page.getByRole('button', { name: 'Marleen de Graaf' }).click();
    await page.getByRole('link', { name: 'Open the page' }).waitFor();
    expect(visit.asked.filter((url) => url.includes('/user/117/'))).toEqual([]);
    // One that began at the console leads back to where it began.
    await page.context().clearCookies();
    await page.goto(`${world.url}/console/person/1/117`);
    await page.getByRole('link', { name: 'Log in' }).click();
    await page.getByRole('button', { name: 'Marleen de Graaf' }).click();
    await page.locator('.rows').waitFor();
    await page.reload();
    await page.locator('.rows').waitFor();
  });

  it('by a button that ends a run for good at once', async () => {
    const headers = { 'x-authorization': 'demo-admin', 'content-type': 'application/json' };
    const body = JSON.stringify({ users: [104] });
    const made = await fetch(`${world.url}/api/anonymization-run`, { method: 'POST', headers, body });
    const { id } = (await made.json()) as { readonly id: string };
    const state = async (): Promise<number> =>
      (await fetch(`${world.url}/api/anonymization-run/${id}`, { headers })).status;
    const { page, press } = await open(`/console/run/${id}`);
    const cancel = page.getByRole('button', { name: 'Cancel for good' });
    await press(cancel);
    const asked = page.getByRole('heading', { name: 'Cancel this run for good?' }).and(page.locator(':focus'));
    await asked.waitFor();
    expect(await visit.faults()).toEqual([]);
    await press(page.getByRole('button', { name: 'Leave it as it is' }));
    await page.getByRole('heading', { level: 1 }).and(page.locator(':focus')).waitFor();
    expect([await state(), await page.getByText('planned', { exact: true }).count()]).toEqual([200, 1]);
    await press(cancel);
    await asked.waitFor();
    await press(cancel);
    await page.getByText('cancelled', { exact: true }).waitFor();
    expect([await state(), await page.getByRole('alert').count()]).toEqual([404, 0]);
    expect(await visit.faults()).toEqual([]);
  });

  it('by a title that turns round what stands behind it, or looks like another', async () => {
    const titles = new Map(
      (await database.select(sql`SELECT id, title FROM sites WHERE id IN (1, 2)`)).map(({ id, title }) => [id, title]),
    );
    const call = async (siteId: number, title: unknown): Promise<void> => {
      await database.change(sql`UPDATE sites SET title = ${String(title)} WHERE id = ${siteId}`);
      // The program forgets what it knew of the site.
      await put(`/api/site/${siteId}`, { name: `called ${String(title).length}` });
    };
    await call(1, `${turning}nielp`);
    await call(2, 'Havenkade  \u200B');
    await call(3, 'havenkade');
    const { page, press } = await open('/console?q=niels%20veg');
    expect(await isBefore('.people ul li', 'nielp', 'member')).toBe(true);
    await press(page.getByRole('link', { name: 'Niels Vegter' }));
    await page.locator('.rows').waitFor();
    const alike = ['Havenkade (number 2)', 'havenkade (number 3)'];
    const shown = async (texts: Promise<readonly string[]>) =>
      (await texts).map((text) => text.replace(/\s*\u200B/, '')).filter((text) => /^havenkade/i.test(text));
    expect(await shown(page.getByRole('columnheader').allTextContents())).toEqual(alike);
    await visit.goTo('/console/person/1/101/anonymize');
    expect(await shown(page.locator('.sites label bdi').allTextContents())).toEqual(alike);
    await visit.goTo('/console/clients');
    await page.getByText('Make a client').click();
    expect(await shown(page.locator('.many label').allTextContents())).toEqual(alike);
    await visit.goTo('/console/audit');
    expect(await shown(page.locator('#siteId option').allTextContents())).toEqual(alike);
    await visit.goTo('/console/sites');
    expect(await shown(page.locator('.people a').allTextContents())).toEqual(alike);
    expect(await visit.faults()).toEqual([]);
    for (const [id, title] of titles) await call(Number(id), title);
    await call(3, 'De nieuwe havenkade');
  });
});
