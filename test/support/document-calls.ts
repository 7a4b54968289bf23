import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { builtFolder } from './compiled.ts';
import { freePortPair } from './free-port.ts';

/** A call as a document shows it: `$ curl …`, and under it what comes back; '' where the document shows nothing. */
export interface DocumentCall {
  readonly command: string;
  readonly answer: string;
}

/** The calls of a document, in their order: what stands in its ```console blocks. A line that ends in `\` or `|` goes on. */
export const callsOf = (document: string): readonly DocumentCall[] =>
  [...document.matchAll(/^```console\n([\s\S]*?)^```$/gm)]
    .flatMap(([, block = '']) => block.split(/^\$ /m).slice(1))
    .map((text) => {
      const [command = ''] = /^(?:.*[\\|]\n)*.*\n/.exec(text) ?? [];
      return { command: command.trim(), answer: text.slice(command.length).trim() };
    });

export interface RunningDemo {
  /** Runs a command as a reader would, and answers what it prints. */
  readonly run: (command: string) => Promise<string>;
  /** What a document says, at the addresses of this demo. */
  readonly here: (text: string) => string;
  /** What a document shows, as a pattern for what this demo prints. */
  readonly expected: (answer: string) => RegExp;
  readonly stop: () => void;
}

/** The demo on ports and data of its own; documents name 8080 and 8081. */
export const startDemo = async (): Promise<RunningDemo> => {
  const port = await freePortPair();
  const data = mkdtempSync(join(tmpdir(), 'civitas-document-'));
  const demo = spawn(process.execPath, [join(builtFolder, 'dist/src/main.js')], {
    env: { PATH: process.env['PATH'], PORT: String(port), DATA_DIR: data, LOG_LEVEL: 'warn' },
  });
  await new Promise<void>((resolve, reject) => {
    let printed = '';
    demo.stdout.on('data', (chunk: Buffer) => {
      printed += chunk.toString();
      if (printed.includes('Worth trying')) resolve();
    });
    demo.once('exit', (code) => {
      reject(new Error(`the demo ended with ${String(code)}: ${printed}`));
    });
  });
  const here = (text: string): string =>
    text.replaceAll(
      /(127\.0\.0\.1(?::|%3A))808([01])/g,
      (_, host: string, which: string) => `${host}${port + Number(which)}`,
    );
  const printed: string[] = [];
  /** What a command sets, the ones after it know: `TOKEN=$(curl …)`. */
  const variables: Record<string, string> = {};
  return {
    run: async (command) => {
      const [, name] = /^([A-Z]+)=/.exec(command) ?? [];
      const script = `${here(filledIn(command, printed))}${name === undefined ? '' : `\nprintf %s "$${name}"`}`;
      const { stdout } = await promisify(execFile)('bash', ['-c', script], { env: { ...process.env, ...variables } });
      if (name !== undefined) variables[name] = stdout;
      printed.unshift(stdout);
      return withoutSpace(stdout);
    },
    here,
    expected: (answer) => patternOf(here(answer)),
    stop: () => {
      demo.removeAllListeners('exit');
      demo.kill('SIGKILL');
      rmSync(data, { recursive: true, force: true });
    },
  };
};

/** Three dots in a command stand for what an earlier answer showed behind the same beginning: `/receipts/…`; in `If-Match: "…"` for its digest. */
const filledIn = (command: string, printed: readonly string[]): string =>
  command
    .replaceAll('If-Match: "…"', `If-Match: "${digestIn(printed)}"`)
    .replaceAll(/((?:\/[\w-]+)+\/|[\w-]+)…/g, (_, beginning: string) => {
      const found = printed.flatMap((text) => new RegExp(`${beginning}[\\w.-]+`).exec(text) ?? []).at(0);
      if (found === undefined) throw new Error(`no earlier answer shows ${beginning}…`);
      return found;
    });

const digestIn = (printed: readonly string[]): string =>
  printed.flatMap((text) => /"digest": ?"([\w-]+)"/.exec(text)?.[1] ?? []).at(0) ?? '';

/** Documents break lines where they like: white space counts in texts only. */
const withoutSpace = (text: string): string => text.replaceAll(/("(?:[^"\\]|\\.)*")|\s+/g, '$1');

/** Three dots stand for what is left out, or differs each time; in a text for a piece of it. */
const patternOf = (answer: string): RegExp => {
  const pattern = withoutSpace(answer)
    .replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
    .replaceAll(/"[^"]*"|…/g, (part) => (part === '…' ? '[^]*?' : part.replaceAll('…', '[^"]*')));
  return new RegExp(`^${pattern}$`);
};
