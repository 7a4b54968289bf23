import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Command } from 'commander';
import { createProgram } from '../../src/cli/program.ts';
import { barText } from '../../src/cli/progress.ts';
import { builtFolder } from '../support/compiled.ts';
import { runCommand } from '../support/program.ts';

/** people.md §4: what the command line teaches of itself. */
const program = createProgram(() => Promise.resolve());
interface Leaf {
  readonly path: string;
  readonly command: Command;
}
const leavesOf = (command: Command, path: readonly string[]): readonly Leaf[] =>
  command.commands.length === 0
    ? [{ path: path.join(' '), command }]
    : command.commands.flatMap((one) => leavesOf(one, [...path, one.name()]));
const leaves = leavesOf(program, []);
const helpOf = (command: Command): string => {
  let text = '';
  command.configureOutput({ writeOut: (piece) => (text += piece) });
  command.outputHelp();
  return text;
};
const known = new Set(leaves.map(({ path }) => path));
/** A command in an example, without what it is given: `person find`. */
const named = (example: string): string => {
  const [first = '', second = ''] = example.split(' ');
  return known.has(first) ? first : `${first} ${second}`;
};

describe.each(leaves)('civitas $path --help', ({ path, command }) => {
  const help = helpOf(command);

  it('has an example that is of this command, exit codes, and where to read on', () => {
    const examples = [...help.matchAll(/^ {2}civitas (.+)$/gm)].map(([, example = '']) => example);
    expect(examples.length).toBeGreaterThan(0);
    for (const example of examples) expect(named(example)).toBe(path);
    expect(help).toMatch(/^Exit codes:\n {2}0 {2}done\n {2}1 .+\n {2}2 /m);
    const readOn = /^Read on: (.+)$/m.exec(help)?.[1] ?? '';
    const files = readOn.match(/docs\/[\w/-]+\.md/g) ?? [];
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) expect([file, existsSync(file)]).toEqual([file, true]);
    for (const [, heading = ''] of readOn.matchAll(/“(.+?)”/g))
      expect(readFileSync(files[0] ?? '', 'utf8')).toContain(`## ${heading}\n`);
  });

  it('takes --json, and says each option', () => {
    expect(help).toContain('--json');
    for (const { long, description } of command.options)
      expect([long, description]).toEqual([long, expect.any(String)]);
  });
});

describe('the words', () => {
  it.each([
    [[], /^Usage: civitas /],
    [['person'], /^Usage: civitas person /],
    [['nonsense'], /unknown command 'nonsense'/],
    [['person', 'shwo'], /Did you mean show\?/],
    [['outbox', 'retry', '0'], /an id is a positive number/],
    [['outbox', 'list', '--nonsense'], /unknown option '--nonsense'/],
    [['client', 'create', 'Office'], /--sites/],
    [['client', 'create', 'Office', '--sites', '1', '--scopes', 'all'], /the scopes are public, authentication, admin/],
    [['person', 'anonymize', '1/101', '--reason', 'Jan de Vries'], /the number of a ticket/],
    [['person', 'anonymize', '1/101', '--wait', 'long'], /a number from 1/],
    [['person', 'preview', '1/101', '--only-sites', 'one'], /an id is a positive number/],
  ])('%j that are wrong end with 2, and nothing on stdout', async (words, says) => {
    const [first = '', ...rest] = words;
    const { code, output, printed } = await runCommand(first, { env: {}, args: rest });
    expect([code, printed]).toEqual([2, '']);
    expect(output).toMatch(says);
    if (!output.startsWith('Usage')) expect(output.trim()).not.toContain('\n');
  });

  it('--version and --help end with 0 and are said on stdout', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    expect(await runCommand('--version', { env: {} })).toMatchObject({ code: 0, printed: `${version}\n` });
    expect((await runCommand('--help', { env: {} })).printed).toBe(helpOf(createProgram(() => Promise.resolve())));
  });

  it('stand in the path of the image, by a link that may be called from any folder', async () => {
    const { bin } = JSON.parse(readFileSync('package.json', 'utf8')) as { bin: { civitas: string } };
    expect(readFileSync('Dockerfile', 'utf8')).toContain(`ln -s /app/${bin.civitas} /usr/local/bin/civitas`);
    await runCommand('--version', { env: {} });
    const folder = mkdtempSync(join(tmpdir(), 'civitas-path-'));
    const link = join(folder, 'civitas');
    symlinkSync(join(builtFolder, bin.civitas), link);
    const { stdout } = await promisify(execFile)(process.execPath, [link, 'person', '--help'], { cwd: folder });
    expect(stdout).toMatch(/^Usage: civitas person /);
    rmSync(folder, { recursive: true, force: true });
  });
});

describe('a progress bar', () => {
  it.each([
    [{ work: 'linking', done: 0, of: 200 }, 0, 0, 'linking [..............................] 0 of 200'],
    [
      { work: 'linking', done: 50, of: 200 },
      50,
      10,
      'linking [########......................] 50 of 200, 5.0/s, 30 s left',
    ],
    [
      { work: 'linking', done: 9000, of: 90_000 },
      9000,
      60,
      'linking [###...........................] 9,000 of 90,000, 150/s, 9 min left',
    ],
    [{ work: 'linking', done: 200, of: 200 }, 200, 10, 'linking [##############################] 200 of 200, 20/s'],
    [{ work: 'exporting, bytes', done: 70_000, of: null }, 70_000, 2, 'exporting, bytes: 70,000, 35,000/s'],
    [{ work: 'a step', done: 0, of: null }, 0, 5, 'a step'],
  ])('of %j, %i of them in %i s, is %s', (step, since, seconds, text) => {
    expect(barText(step, since, seconds, 120)).toBe(text);
  });

  it('is never wider than the terminal', () => {
    for (const columns of [10, 20, 40, 80])
      expect(barText({ work: 'a long name of a step', done: 5, of: 10 }, 5, 10, columns).length).toBeLessThan(columns);
  });
});
