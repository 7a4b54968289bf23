import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Json, JsonObject } from '../../src/domain/json.ts';

/** What OpenStad's own clients were seen to send, and what they read of the answer (test/recordings/openstad-clients.json). */
export interface RecordedCall {
  readonly client: string;
  readonly when: string;
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: Json;
    /** A body that is no JSON, as it was sent. */
    readonly bodyText?: string;
  };
  readonly answerOfOpenstadApi?: { readonly status: number; readonly body?: Json };
  /** By what is read, what happens without it; a list where nothing is. */
  readonly reads?: Readonly<Record<string, string>> | readonly [];
}

const root = join(import.meta.dirname, '../..');
interface Recording {
  readonly calls: readonly RecordedCall[];
  readonly preflight: {
    readonly request: { readonly path: string; readonly headers: Readonly<Record<string, string>> };
  };
  readonly meWithoutToken: {
    readonly request: { readonly path: string };
    readonly answerOfOpenstadApi: { readonly body: Json };
  };
}
export const recording = JSON.parse(
  readFileSync(join(root, 'test/recordings/openstad-clients.json'), 'utf8'),
) as Recording;

/** One line of the table in docs/openstad-clients.md. */
export interface Documented {
  readonly number: number;
  readonly client: string;
  readonly call: string;
  /** The status of our answer. */
  readonly here: number;
  readonly why: string;
}
export const documented: readonly Documented[] = readFileSync(join(root, 'docs/openstad-clients.md'), 'utf8')
  .split('\n')
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .filter((cells) => /^\d+$/.test(cells[1] ?? ''))
  .map(([, number = '', client = '', call = '', here = '', why = '']) => ({
    number: Number(number),
    client,
    call,
    here: Number(here),
    why,
  }));

/** `GET /api/site/1/user/101`, as the page names a call. */
export const nameOf = ({ request: { method, path } }: RecordedCall): string =>
  `\`${method} ${path.replace(/\?.*$/, '')}\``;

/** The paths that a client reads and that OpenStad's answer held, such as `records[].id`. */
export const pathsRead = ({ reads = [], answerOfOpenstadApi }: RecordedCall): readonly string[] =>
  Object.keys(reads)
    .flatMap(spelledOut)
    .filter((path) => answerOfOpenstadApi?.body !== undefined && holds(answerOfOpenstadApi.body, path));

/** `metadata.page, pageCount` is `metadata.page` and `metadata.pageCount`; words are no paths. */
const spelledOut = (read: string): readonly string[] => {
  const [first = '', ...others] = read.split(', ');
  const prefix = first.slice(0, first.lastIndexOf('.') + 1);
  return [first, ...others.map((other) => (other.includes('.') ? other : prefix + other))].filter((path) =>
    /^[\w.[\]]+$/.test(path),
  );
};

/** Whether a body holds a path, in each item of a list. */
export const holds = (body: Json, path: string): boolean => {
  const [step, ...rest] = path.split('.').filter((part) => part !== '');
  if (step === undefined) return true;
  const name = step.replace('[]', '');
  const inner = name === '' ? body : has(body, name) ? (body as JsonObject)[name] : undefined;
  if (inner === undefined) return false;
  if (!step.endsWith('[]')) return holds(inner, rest.join('.'));
  return Array.isArray(inner) && inner.every((item: Json) => holds(item, rest.join('.')));
};

const has = (body: Json, name: string): boolean =>
  typeof body === 'object' && body !== null && Object.hasOwn(body, name);
