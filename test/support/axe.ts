import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Page } from 'playwright-core';

const script = readFileSync(createRequire(join(process.cwd(), 'package.json')).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe-core finds wrong with a page as it stands: WCAG 2.2 AA and good practice, each with where. */
export const axeFindings = async (page: Page): Promise<readonly string[]> => {
  // As a debugger does: the page's own policy lets nothing in. Once a document.
  if (!(await page.evaluate<boolean>(`'axe' in window`))) {
    const debugging = await page.context().newCDPSession(page);
    await debugging.send('Runtime.evaluate', { expression: script });
    await debugging.detach();
  }
  return page.evaluate<string[]>(`axe
    .run(document, { resultTypes: ['violations'] })
    .then(({ violations }) => violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ': ' + html)))`);
};
