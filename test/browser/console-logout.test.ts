import type { Browser, BrowserContext } from 'playwright-core';
import { describeInBrowser, launchBrowser } from '../support/browser.ts';
import { openConsole, type ConsolePage } from '../support/console-page.ts';
import { startConsoleWorld, type ConsoleWorld } from '../support/console-world.ts';
import { freePortPair } from '../support/free-port.ts';
import { formBrowser, startOidcWorld, type OidcWorld } from '../support/oidc-world.ts';

const english = { locale: 'en-GB', width: 1280, colorScheme: 'light' } as const;
const ended = 'You are logged out, or somebody else has logged in with this browser.';
const people = Object.fromEntries(
  ['ada', 'bob', 'cas'].map((sub) => [
    sub,
    {
      ...{ given_name: sub, family_name: 'Lovelace', email: `${sub}@example.org`, email_verified: true },
      groups: sub === 'ada' ? ['city-moderators'] : [],
    },
  ]),
);

/** people.md §6, oauth-server.md §2: an OpenID Connect server (oidc-provider) ends a login while the console shows somebody. */
describeInBrowser('The console, whose login ends at the OAuth server', () => {
  let world: ConsoleWorld;
  let oidc: OidcWorld;
  let browser: Browser;
  let visit: ConsolePage;
  let siteId: number;
  beforeAll(async () => {
    const port = await freePortPair();
    [world, browser] = await Promise.all([
      startConsoleWorld({ AUTH_ALLOWED_HOSTS: `127.0.0.1:${port}` }),
      launchBrowser(),
    ]);
    const site = { name: 'city', title: 'City', domain: 'city.localhost' };
    siteId = Number((await call('POST', '/api/site', site))['id']);
    oidc = await startOidcWorld({
      port,
      people,
      clients: [
        {
          clientId: 'city',
          redirectUris: [`${world.url}/oauth/site/${siteId}/digest-login`, `${world.url}/oauth/console/digest-login`],
          backchannelLogoutUri: `${world.url}/oauth/site/${siteId}/backchannel-logout`,
        },
      ],
    });
    await useOidc();
    // Whoever logs in at the site has a row there.
    const begin = `${world.url}/oauth/site/${siteId}/login?redirectUrl=${encodeURIComponent('https://city.example/')}`;
    for (const sub of Object.keys(people)) await formBrowser().logIn(begin, sub, (url) => url.host === 'city.example');
  });
  afterAll(async () => {
    await browser.close();
    await oidc.close();
    await world.close();
  });
  afterEach(async () => {
    expect(visit.complaints).toEqual([]);
    await visit.page.context().close();
  });

  const call = async (method: string, path: string, body?: object) => {
    const headers = { 'x-authorization': 'demo-admin', 'content-type': 'application/json' };
    const answer = await fetch(world.url + path, { method, headers, ...(body && { body: JSON.stringify(body) }) });
    if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
    return (await answer.json()) as Record<string, unknown>;
  };
  const useOidc = async (): Promise<void> => {
    const settings = {
      ...{ adapter: 'oidc', 'auth-server-url': oidc.url },
      ...{ 'auth-client-id': 'city', 'auth-client-secret': 'secret of city' },
      claims: { role: { claim: 'groups', values: { 'city-moderators': 'moderator' } } },
    };
    await call('PUT', `/api/site/${siteId}`, {
      config: { allowedDomains: ['city.example'], oauth: { default: settings } },
    });
  };
  /** At the OAuth server's own pages, as ada. */
  const passLogin = async (): Promise<void> => {
    const { page } = visit;
    await page.locator('input[name=login]').fill('ada');
    await page.locator('input[name=password]').fill('x');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Continue' }).click();
  };
  const logIn = async (): Promise<ConsolePage> => {
    visit = await openConsole(browser, world.url, english);
    await visit.page.goto(`${world.url}/oauth/console/login?site=${siteId}`);
    await passLogin();
    await visit.page.getByRole('searchbox').waitFor();
    visit.refusals.length = 0;
    return visit;
  };
  /** In another tab of the same browser, at the OAuth server itself: it tells us by the back channel, and nobody tells the console. */
  const logOutElsewhere = async (context: BrowserContext): Promise<void> => {
    const other = await context.newPage();
    await other.goto(`${oidc.url}/session/end?client_id=city`);
    await other.locator('button[name=logout]').click();
    await other.waitForURL((url) => !url.pathname.endsWith('/session/end'));
    await other.close();
  };
  const lookAt = async (name: string): Promise<ConsolePage> => {
    const opened = await logIn();
    const { page } = opened;
    await page.getByRole('searchbox').fill(name);
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: `${name} Lovelace` }).click();
    await page.getByRole('link', { name: 'See what anonymizing would do' }).click();
    await page.locator('.sites').waitFor();
    return opened;
  };
  /** The way in, with a word of why, and nothing of anybody. */
  const isShownOut = async (): Promise<void> => {
    const { page } = visit;
    await page.getByText(ended).waitFor();
    await page.getByText('Log in again to come back to this page.').waitFor();
    expect(await page.evaluate('document.documentElement.outerHTML')).not.toMatch(/Lovelace|example\.org/);
    expect(await visit.faults()).toEqual([]);
  };

  it('shows the way in at the next page, and comes back to it by the same server', async () => {
    const { page } = await lookAt('bob');
    await logOutElsewhere(page.context());
    // Of its own accord nothing is asked; what is behind this button asks for nothing either, but that one may see it.
    await page.getByRole('button', { name: 'Continue to confirming' }).click();
    await isShownOut();
    await page.getByRole('link', { name: 'Log in' }).click();
    await passLogin();
    await page.getByRole('heading', { name: 'What would happen to bob Lovelace' }).waitFor();
  });

  it('says that what was asked for was not done, and nothing was', async () => {
    const { page } = await lookAt('bob');
    await page.getByRole('button', { name: 'Continue to confirming' }).click();
    await page.getByLabel('Type the name bob Lovelace').fill('bob Lovelace');
    await logOutElsewhere(page.context());
    await page.getByRole('button', { name: 'Anonymize now' }).click();
    await isShownOut();
    await page.getByText('What you asked for last was not done.').waitFor();
    const { records } = await call('GET', '/api/person?email=bob@example.org');
    expect(records).toMatchObject([{ displayName: 'bob Lovelace' }]);
  });

  it('says what became of that which was under way', async () => {
    const { page } = await lookAt('cas');
    await page.getByRole('button', { name: 'Continue to confirming' }).click();
    await page.getByLabel('Type the name cas Lovelace').fill('cas Lovelace');
    let [tell, isNews] = [(): void => undefined, (): void => undefined];
    const isTold = new Promise<void>((resolve) => {
      tell = resolve;
    });
    const isDone = new Promise<void>((resolve) => {
      isNews = resolve;
    });
    await page.route('**/do-anonymizeall**', async (route) => {
      const response = await route.fetch();
      isNews();
      await isTold;
      await route.fulfill({ response });
    });
    await page.getByRole('button', { name: 'Anonymize now' }).click();
    await isDone;
    await logOutElsewhere(page.context());
    await page.getByRole('link', { name: 'Sites' }).click();
    await page.getByText('What you asked for last is still being done').waitFor();
    tell();
    await page.getByText('What you asked for last was done.').waitFor();
    await isShownOut();
  });

  it.each(['search', 'load the page anew', 'look at another tab'])('says why to whoever comes to %s', async (how) => {
    const { page } = await logIn();
    await page.getByRole('searchbox').fill('bob');
    const other = await page.context().newPage();
    await other.goto(`${world.url}/console/sites`);
    await other.getByRole('link', { name: 'City' }).waitFor();
    await logOutElsewhere(page.context());
    if (how === 'load the page anew') await page.reload();
    else if (how === 'search') await page.keyboard.press('Enter');
    else await other.getByRole('link', { name: 'City' }).click();
    await isShownOut();
    // All that this browser shows.
    await other.getByText(ended).waitFor();
  });
});
