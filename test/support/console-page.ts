import type { Browser, Locator, Page } from 'playwright-core';
import { axeFindings } from './axe.ts';

export interface Look {
  readonly locale: string;
  readonly width: number;
  readonly colorScheme: 'light' | 'dark';
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
  /** Logs in as somebody of the demo; `button`: as the console calls it. */
  readonly logIn: (button: string, name: string) => Promise<void>;
  /** What axe-core finds wrong with what is shown now, and whether it is too wide. */
  readonly faults: () => Promise<readonly string[]>;
}

export const openConsole = async (browser: Browser, url: string, look: Look): Promise<ConsolePage> => {
  const { locale, width, colorScheme } = look;
  const page = await (await browser.newContext({ locale, colorScheme, viewport: { width, height: 800 } })).newPage();
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
  return {
    ...{ page, asked, complaints, refusals, tabTo, press },
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
      return [...(await axeFindings(page)), ...(wide === width ? [] : [`${wide} pixels wide`])];
    },
  };
};
