import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import ts from 'typescript';
import { answerSizes, drawingOf } from '../support/answer-sizes.ts';
import { describeInBrowser, launchBrowser } from '../support/browser.ts';
import { builtFolder } from '../support/compiled.ts';
import { startDemo, type RunningDemo } from '../support/document-calls.ts';

const path = 'docs/frontend.md';
const page = readFileSync(path, 'utf8');

/** A piece to copy and run, under which heading it stands, and what stands below it as what it prints. */
interface Piece {
  readonly heading: string;
  readonly code: string;
  readonly prints: string;
}
const piecesIn = (language: 'js' | 'html'): readonly Piece[] => {
  const pattern = new RegExp(
    `^#+ (?<heading>.*)$|^\`\`\`${language}\\n(?<code>[^]*?)^\`\`\`$(?:\\n\\n\`\`\`text\\n(?<prints>[^]*?)^\`\`\`$)?`,
    'gm',
  );
  let under = '';
  return [...page.matchAll(pattern)].flatMap(({ groups = {} }) => {
    under = groups['heading'] ?? under;
    const { code, prints = '' } = groups;
    return code === undefined ? [] : [{ heading: under, code, prints }];
  });
};
const pieces = { js: piecesIn('js'), html: piecesIn('html') };

/** What a piece holds of a program; a page that has no build has it from the demo. */
const scriptOf = ({ code }: Piece): string =>
  (/<script type="module">\n([^]*)<\/script>/.exec(code)?.[1] ?? code).replaceAll(
    'http://127.0.0.1:8080/client.js',
    'civitas/client',
  );

/** What `tsc --strict` says of them as JavaScript that is checked, line by line. */
const complaintsOf = (folder: string, scripts: readonly string[]): readonly string[] => {
  const files = scripts.map((script, index) => {
    const file = join(folder, `checked-${index}.mjs`);
    writeFileSync(file, script);
    return file;
  });
  const program = ts.createProgram(files, {
    ...{ strict: true, allowJs: true, checkJs: true, noEmit: true, skipLibCheck: true, types: [] },
    ...{ target: ts.ScriptTarget.ES2022, lib: ['lib.es2023.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'] },
    ...{ module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext },
    allowImportingTsExtensions: true,
    paths: { 'civitas/client': [resolve('src/client/index.ts')] },
  });
  return ts.getPreEmitDiagnostics(program).map(({ file, start = 0, messageText }) => {
    const line = file?.text.slice(0, start).split('\n').length ?? 1;
    return `${file?.text.split('\n')[line - 1]?.trim() ?? ''}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
  });
};

/** Three dots stand for what is left out, or differs each time. */
const patternOf = (prints: string): RegExp =>
  new RegExp(`^${prints.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`).replaceAll('…', '[^]*?')}$`);

describe(`the pieces of ${path}`, () => {
  let demo: RunningDemo;
  let folder: string;
  beforeAll(async () => {
    demo = await startDemo();
    // Where `civitas/client` is what the build made.
    folder = mkdtempSync(join(builtFolder, 'pieces-'));
  });
  afterAll(() => {
    demo.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test('are ten at least', () => {
    expect(pieces.js.length + pieces.html.length).toBeGreaterThanOrEqual(10);
  });

  test('are read beside how large answers are (else: UPDATE_SIZES=1 npx jest test/journeys/frontend.test.ts)', async () => {
    const drawing = drawingOf(await answerSizes(demo.here('http://127.0.0.1:8080')));
    if (process.env['UPDATE_SIZES'] === '1') writeFileSync('docs/answer-sizes.svg', drawing);

    expect(readFileSync('docs/answer-sizes.svg', 'utf8')).toBe(drawing);
  });

  test('pass tsc --strict as they stand, where a field that is misspelt does not, and nothing in them keeps it from looking', () => {
    const scripts = [...pieces.js, ...pieces.html].map(scriptOf);
    const misspelt = scripts
      .find((script) => script.includes('createdAt_desc'))
      ?.replace('createdAt_desc', 'createdat_desc');

    const complaints = complaintsOf(folder, [...scripts, misspelt ?? '']);

    expect(complaints).toEqual([expect.stringContaining(`Did you mean '"createdAt_desc"'?`)]);
    for (const script of scripts) expect(script).not.toMatch(/@ts-|[{<]any\b|\{\*|@type \{.*\} *\*\/ *\(/);
  });

  test.each(pieces.js)('print what the page says: $heading', async ({ code, prints }) => {
    const file = join(folder, 'try.mjs');
    writeFileSync(file, demo.here(code));

    const { stdout } = await promisify(execFile)(process.execPath, [file]);

    expect(prints).not.toBe('');
    expect(stdout).toMatch(patternOf(demo.here(prints)));
  });
});

describeInBrowser(`the pages of ${path}`, () => {
  let demo: RunningDemo;
  let site: Server;
  let browser: Browser;
  let shown: Page;
  let address: string;
  let html = '';
  const complaints: string[] = [];
  beforeAll(async () => {
    [demo, browser] = await Promise.all([startDemo(), launchBrowser()]);
    site = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(demo.here(html));
    });
    site.listen(0, '127.0.0.1');
    await once(site, 'listening');
    address = `http://127.0.0.1:${(site.address() as AddressInfo).port}/`;
  });
  afterAll(async () => {
    await browser.close();
    site.close();
    demo.stop();
  });
  const open = async (piece: Piece | undefined): Promise<void> => {
    html = piece?.code ?? '';
    shown = await (await browser.newContext()).newPage();
    complaints.length = 0;
    shown.on('pageerror', (error) => complaints.push(error.message));
    await shown.goto(address);
  };

  test('the first lists people, logs in, knows who that is, and logs out', async () => {
    await open(pieces.html[0]);
    await shown.getByText('You are nobody yet.').waitFor();
    await shown.getByText('Anouk020').waitFor();
    const listed = await shown.getByRole('listitem').count();

    await shown.getByRole('button', { name: 'Log in' }).click();
    await shown.getByRole('button', { name: 'Saar Hendriks' }).click();
    await shown.getByText('You are Saartje.').waitFor();
    const back = shown.url();
    await shown.getByRole('button', { name: 'Log out' }).click();
    await shown.getByText('You are nobody yet.').waitFor();

    expect([listed, back, complaints]).toEqual([Number(/shows (\d+) people/.exec(page)?.[1]), address, []]);
  });

  test('the first lets a person log in again whose session has ended, and log out of one that has', async () => {
    await open(pieces.html[0]);
    /** As another tab would that has the same token. */
    const endElsewhere = () =>
      shown.evaluate(`fetch('${demo.here('http://127.0.0.1:8080')}/oauth/site/1/logout', {
        method: 'POST', headers: { 'X-Authorization': 'Bearer ' + sessionStorage.getItem('token') },
      }).then((answer) => answer.json())`);
    const kept = () => shown.evaluate(`sessionStorage.getItem('token')`);
    await shown.getByRole('button', { name: 'Log in' }).click();
    await shown.getByRole('button', { name: 'Saar Hendriks' }).click();
    await shown.getByText('You are Saartje.').waitFor();
    const ended = await endElsewhere();
    await shown.reload();
    await shown.getByText('You are nobody yet.').waitFor();
    const after = await kept();
    // The OAuth server still knows who that was.
    await shown.getByRole('button', { name: 'Log in' }).click();
    await shown.getByText('You are Saartje.').waitFor();
    await endElsewhere();
    await shown.getByRole('button', { name: 'Log out' }).click();
    await shown.getByText('You are nobody yet.').waitFor();

    expect([ended, after, await kept(), complaints]).toEqual([{ session: 'ended' }, null, null, []]);
  });

  test('the one for moderators shows what will happen, does it, and leads to the receipt', async () => {
    await open(pieces.html[1]);
    const look = async (id: string): Promise<void> => {
      await shown.getByLabel('User').fill(id);
      await shown.getByRole('button', { name: 'Look' }).click();
    };
    // Nobody is named yet: the browser says so, and nothing is asked.
    await look('');
    await look('99999');
    await shown.getByText('There is no such user at this site.').waitFor();
    await look('106');
    await shown.getByText('Rows that are anonymized: 1. This cannot be undone.').waitFor();
    await shown.getByLabel('Ticket').fill('Zaak-7');
    await shown.getByRole('button', { name: 'Anonymize' }).click();
    await shown.getByRole('link', { name: 'The receipt' }).click();
    await shown.getByText('Zaak-7').waitFor();

    expect(complaints).toEqual([]);
  });
});
