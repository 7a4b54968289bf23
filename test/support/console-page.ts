import type { Browser, Locator, Page } from 'playwright-core';
import { axeFindings } from './axe.ts';
import { until } from './until.ts';

export interface Look {
  readonly locale: string;
  readonly width: number;
  readonly height?: number;
  readonly colorScheme: 'light' | 'dark';
  /** So many of the screen’s dots to each that a page sees: a window of 1280 at 200 % is 640 wide, and has two. */
  readonly zoom?: number;
  /** How large letters are, where somebody enlarges them alone. */
  readonly letters?: '200%';
}

/** A page of the console, worked by keyboard alone, and what is noticed on the way. */
export interface ConsolePage {
  readonly page: Page;
  /** Every address that was asked. */
  readonly asked: readonly string[];
  /** What the browser complained of, but refusals. */
  readonly complaints: readonly string[];
  /** Answers of the API that refused something: `403 /api/…`. */
  readonly refusals: string[];
  /** Goes there by Tab. */
  readonly tabTo: (target: Locator) => Promise<void>;
  /** Goes there by Tab, and presses Enter. */
  readonly press: (target: Locator) => Promise<void>;
  /** Goes to an address, until all that is asked for there was answered. */
  readonly goTo: (path: string) => Promise<void>;
  /** Opens whatever is behind a disclosure, and waits for what that asks for. */
  readonly openAll: () => Promise<void>;
  /** Until nothing is waited for. */
  readonly isSettled: () => Promise<void>;
  /** Is somebody from now on who has logged in before: where the login is not what it is about. */
  readonly signIn: (cookie: Promise<{ readonly name: string; readonly value: string }>) => Promise<void>;
  /** Logs in as somebody of the demo by its pages; `button`: as the console calls it. */
  readonly logIn: (button: string, name: string) => Promise<void>;
  /** What axe-core finds wrong with what is shown now, whether it is too wide, and what of it is cut. */
  readonly faults: () => Promise<readonly string[]>;
}

export const openConsole = async (browser: Browser, url: string, look: Look): Promise<ConsolePage> => {
  const { locale, width, height = 800, colorScheme, zoom = 1, letters } = look;
  const seen = { locale, colorScheme, viewport: { width, height }, deviceScaleFactor: zoom };
  const page = await (await browser.newContext(seen)).newPage();
  if (letters !== undefined)
    await page.addInitScript(
      `addEventListener('DOMContentLoaded', () => { document.documentElement.style.fontSize = '${letters}' })`,
    );
  const [asked, complaints, refusals]: [string[], string[], string[]] = [[], [], []];
  page.on('request', (request) => asked.push(request.url()));
  page.on('response', (response) => {
    if (response.status() >= 400 && response.url().startsWith(`${url}/`))
      refusals.push(`${response.status()} ${response.url().slice(url.length)}`);
  });
  page.on('console', (message) => {
    // A refusal is told there, too.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load')) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  const tabTo = async (target: Locator): Promise<void> => {
    await target.waitFor();
    for (let steps = 0; steps < 100; steps += 1) {
      if ((await target.and(page.locator(':focus')).count()) > 0) return;
      await page.keyboard.press('Tab');
    }
    throw new Error(`no way to ${String(target)} by Tab`);
  };
  const press = async (target: Locator): Promise<void> => {
    await tabTo(target);
    await page.keyboard.press('Enter');
  };
  // Whatever is waited for says so, and ends with three dots. (`waitForFunction` would ask by eval, which the page's policy refuses.)
  const isSettled = (): Promise<void> =>
    until('nothing is waited for', () =>
      page.evaluate<boolean>(
        `![...document.querySelectorAll('[role=status]')].some((one) => one.textContent.endsWith('…'))`,
      ),
    );
  return {
    ...{ page, asked, complaints, refusals, tabTo, press, isSettled },
    openAll: async () => {
      await page.evaluate(`for (const one of document.querySelectorAll('details')) one.open = true`);
      // What an opened one asks for is shown a frame later.
      await page.evaluate('new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))');
      await isSettled();
    },
    goTo: async (path) => {
      await page.goto(url + path);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await isSettled();
    },
    signIn: async (cookie) => {
      await page.context().addCookies([{ ...(await cookie), url, httpOnly: true, sameSite: 'Strict' }]);
    },
    logIn: async (button, name) => {
      await page.goto(`${url}/console`);
      await press(page.getByRole('link', { name: button }));
      await press(page.getByRole('button', { name }));
      await page.getByRole('searchbox').waitFor();
      // That nobody was logged in.
      refusals.length = 0;
    },
    faults: async () => {
      const wide = await page.evaluate<number>('document.documentElement.scrollWidth');
      return [
        ...(await axeFindings(page)),
        ...(wide === width ? [] : [`${wide} pixels wide`]),
        ...(await page.evaluate<string[]>(cut)),
      ];
    },
  };
};

/** What stands beyond the right edge, or is wider than what it stands in and is hidden there; but what scrolls in itself, and what is for screen readers. */
const cut = `[...document.body.querySelectorAll('*')].flatMap((one) => {
  if (!one.checkVisibility() || one.closest('.unseen, .wide, svg, option, .rows thead') !== null) return [];
  const isBeyond = one.getBoundingClientRect().right > innerWidth + 1;
  const isHidden = getComputedStyle(one).overflowX !== 'visible' && one.scrollWidth > one.clientWidth + 1;
  return isBeyond || isHidden ? ['cut: ' + one.outerHTML.slice(0, 200)] : [];
})`;
