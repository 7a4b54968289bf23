import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

/** Tests in a real browser, where there is one. */
export const describeInBrowser: (name: string, tests: () => void) => void = (name, tests) => {
  if (existsSync(executablePath)) describe(name, tests);
  else describe.skip(`${name} (needs chromium: apt-get install chromium, or CHROMIUM=path)`, tests);
};

/** A browser that asks nobody but whom the test opens. `keepsPages`: whoever goes back finds the page as they left it, as at home. */
export const launchBrowser = ({ keepsPages = false }: { readonly keepsPages?: boolean } = {}): Promise<Browser> =>
  chromium.launch({
    executablePath,
    ...(keepsPages ? { ignoreDefaultArgs: ['--disable-back-forward-cache'] } : {}),
    args: [
      ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
      ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
    ],
  });
