import { createInterface } from 'node:readline';
import type { WriteStream } from 'node:tty';
import { CommandFailed } from './endings.ts';
import type { Interrupts } from './interrupts.ts';

/** One of the streams that a command writes to. */
export interface Output {
  /** Somebody looks at it: else no colours, bars or questions. */
  readonly isTerminal: boolean;
  readonly columns: number;
  readonly paint: (style: Style, text: string) => string;
}
/** What a command has of the world around it. */
export interface Io {
  /** One JSON document on stdout; everything else on stderr. */
  readonly json: boolean;
  readonly out: Output;
  readonly err: Output;
  readonly interrupts: Interrupts;
  /** What was asked for, on stdout; done when it is taken. */
  readonly print: (text: string) => Promise<void>;
  /** Whether something of it reached nobody. Only for what changes something: what only looks ends there. */
  readonly isUnread: () => boolean;
  /** One line on stderr, or a few; nothing in it moves the cursor. */
  readonly tell: (text: string, style?: Style) => void;
  /** A line on stderr that the next one takes the place of; '' clears it. At terminals only. */
  readonly show: (line: string) => void;
  /** Whether there is a terminal to ask at. */
  readonly canAsk: boolean;
  /** Asks there; null where its end was reached, or there is none. */
  readonly ask: (question: string) => Promise<string | null>;
}

/** Whether a command may change something. */
export type Kind = 'looks' | 'changes';

const styles = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33 } as const;
export type Style = keyof typeof styles;

/** The streams of this process. NO_COLOR and TERM are heeded by Node itself. */
export const ioOf = (
  { stdin, stdout, stderr }: Pick<NodeJS.Process, 'stdin' | 'stdout' | 'stderr'>,
  { json, kind }: { readonly json: boolean; readonly kind: Kind },
  interrupts: (tell: Io['tell']) => Interrupts,
): Io => {
  const [out, err] = [outputOf(stdout), outputOf(stderr)];
  const canAsk = stdin.isTTY && err.isTerminal;
  let isShown = false;
  const show = (line: string): void => {
    if (!err.isTerminal || (line === '' && !isShown)) return;
    isShown = line !== '';
    stderr.write(`\r\u001b[K${line}`);
  };
  const tell: Io['tell'] = (text, style) => {
    show('');
    const lines = text.split('\n').map(clean).join('\n');
    stderr.write(`${style === undefined ? lines : err.paint(style, lines)}\n`);
  };
  let isUnread = false;
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    isUnread = true;
    // Who reads only the beginning (`| head`) has what they wanted. What was begun is finished, whoever reads.
    if (kind === 'looks') process.exit(error.code === 'EPIPE' ? 0 : 1);
  });
  stderr.on('error', () => undefined);
  return {
    json,
    out,
    err,
    canAsk,
    tell,
    show,
    interrupts: interrupts(tell),
    isUnread: () => isUnread,
    print: (text) => {
      show('');
      return new Promise((resolve) => {
        stdout.write(text, (error) => {
          isUnread ||= error instanceof Error;
          resolve();
        });
      });
    },
    ask: async (question) => {
      if (!canAsk) return null;
      show('');
      // Not as a terminal of its own: Ctrl-C comes as a signal, as ever.
      const lines = createInterface({ input: stdin, output: stderr, terminal: false });
      const answer = await new Promise<string | null>((resolve) => {
        lines.question(question, resolve);
        lines.once('close', () => {
          resolve(null);
        });
      });
      lines.close();
      return answer;
    },
  };
};

const outputOf = (stream: NodeJS.WriteStream | WriteStream): Output => {
  const isTerminal = stream.isTTY;
  const hasColours = isTerminal && stream.hasColors();
  return {
    isTerminal,
    // A terminal may not say how wide it is.
    columns: isTerminal && stream.columns > 0 ? stream.columns : 80,
    paint: (style, text) => (hasColours ? `\u001b[${styles[style]}m${text}\u001b[0m` : text),
  };
};

/** What is about to remove or reveal for good is asked first; a script says so beforehand. */
export interface Agreement {
  readonly yes?: boolean;
  readonly ifMatch?: string;
}

/** Before anything is opened. Ends with exit code 2 where nobody can be asked, and nothing was said. */
export const mustBeAbleToAsk = ({ canAsk }: Io, { yes, ifMatch }: Agreement, orIfMatch = false): void => {
  if (yes === true || ifMatch !== undefined || canAsk) return;
  const words = orIfMatch ? '--yes, or --if-match with the digest of a preview' : '--yes';
  throw new CommandFailed(`Nothing was done: there is no terminal to ask at, so this needs ${words}.`, 'wrong-words');
};

/** Asks, where nobody said so beforehand. Ends with exit code 3 for anything but a yes. */
export const mustAgree = async ({ ask, err }: Io, question: string, { yes, ifMatch }: Agreement): Promise<void> => {
  if (yes === true || ifMatch !== undefined) return;
  const answer = await ask(`${err.paint('bold', clean(question))} [y/N] `);
  if (answer === null || !/^\s*y(?:es)?\s*$/i.test(answer)) throw new CommandFailed('Nothing was done.', 'refused');
};

/** What others wrote may hold signs that move a terminal's cursor, end a line, or turn the order of reading. */
export const clean = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '·');

/** A JSON document, whole. */
export const jsonText = (value: unknown): string => `${withoutControls(JSON.stringify(value, null, 2))}\n`;
/** JSON without the control characters that a terminal would heed: they are written out. */
export const withoutControls = (json: string): string =>
  json.replace(/[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, (sign) => `\\u${hexOf(sign).padStart(4, '0')}`);
/** The same of a page, but for the ends of lines. */
export const pageWithoutControls = (html: string): string =>
  html.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, (sign) => `&#x${hexOf(sign)};`);
const hexOf = (sign: string): string => sign.charCodeAt(0).toString(16);
