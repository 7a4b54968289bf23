import { destination, pino, stdTimeFunctions, type DestinationStream, type Logger } from 'pino';

export type { Logger } from 'pino';
/** Where lines go; one that holds some back can be told to write them. */
export type Output = DestinationStream & { readonly flush?: () => void };

/**
 * A pino logger that holds no person: facts under a personal or secret name are masked at any depth, requests are logged
 * without headers and query, errors without values of the database. `personalFields`: the names of fields that hold something
 * of a person (platform may not know the table). Warnings and worse are written at once, with all that came before.
 */
export const createLogger = ({
  level,
  personalFields,
  stream = standardOutput(),
  idsOfSpan,
}: {
  readonly level: string;
  readonly personalFields: readonly string[];
  readonly stream?: Output;
  /** Stand in each line: of the span inside which it is written. */
  readonly idsOfSpan?: (() => object) | undefined;
}): Logger => {
  const mask = maskOf(personalFields);
  return pino(
    {
      level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      ...(idsOfSpan === undefined ? {} : { mixin: idsOfSpan }),
      // Errors are made fit in `masked`; pino's own serializer would look into them a second time.
      serializers: { err: (error: unknown) => error, req: requestForLog, res: answerForLog },
      formatters: { level: (label) => ({ level: label }), log: (facts) => masked(facts, mask) },
      hooks: {
        logMethod(line, write, ofLevel) {
          write.apply(this, line);
          if (ofLevel >= warning) stream.flush?.();
        },
      },
    },
    stream,
  );
};

const warning = 40;
/** As much as a pipe takes in one piece: lines of several processes do not get into each other. */
const atOnceBytes = 4096;
const oldestLineMs = 100;

/**
 * A line a request is a system call a request, and those are dear: lines wait for others for a moment. A sudden end (SIGKILL)
 * loses what is younger than that, every other end writes it.
 */
const standardOutput = (): Output => (shared ??= openStandardOutput());
let shared: Output | undefined;

const openStandardOutput = (): Output => {
  const stream = destination({ dest: 1, sync: true, minLength: atOnceBytes / 2, maxWrite: atOnceBytes });
  // Not `flushSync`, which tries for ever where nobody reads any more.
  const flush = (): void => {
    stream.flush();
  };
  setInterval(flush, oldestLineMs).unref();
  process.once('exit', flush);
  return stream;
};

interface Requestlike {
  readonly id?: unknown;
  readonly method?: unknown;
  readonly url?: unknown;
}

/** Query strings hold tokens and addresses: they are cut off. */
const requestForLog = ({ id, method, url }: Requestlike): object => ({
  id,
  method,
  path: typeof url === 'string' ? withoutQuery(url) : undefined,
});

const answerForLog = ({ statusCode }: { readonly statusCode?: unknown }): object => ({ status: statusCode });

/** Whether values under this name are masked. */
type Mask = (name: string) => boolean;

/** Names that hold credentials or whole requests, whoever writes them. */
const alwaysMasked = [
  'authorization',
  'x-authorization',
  'authentication',
  'cookie',
  'set-cookie',
  'jwt',
  'query',
  'querystring',
  'search',
];
const looksSecret = /secret|password|token|api-?key|data_?key/i;
const isAddress = /^(?:url|href|path|location|originalurl|referer|referrer)$/i;

const maskOf = (personalFields: readonly string[]): Mask => {
  const names = new Set([...personalFields, ...alwaysMasked].map((name) => name.toLowerCase()));
  // The number of our own persons row is what a log may name instead of the person.
  names.delete('personid');
  return (name) => names.has(name.toLowerCase()) || looksSecret.test(name);
};

/** The facts of one line, fit for the log at any depth. `req` and `res` are left to their serializers. */
const masked = (facts: object, mask: Mask): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(facts).map(([name, value]) => [
      name,
      name === 'req' || name === 'res' ? value : safe(name, value, mask, 0),
    ]),
  );

/** Deeper than any fact that we write; what is deeper was logged by mistake. */
const deepest = 6;

const safe = (name: string, value: unknown, mask: Mask, depth: number): unknown => {
  if (value === null || value === undefined) return value;
  if (mask(name)) return '[masked]';
  if (typeof value === 'string') return isAddress.test(name) ? withoutQuery(value) : value;
  if (typeof value !== 'object') return typeof value === 'function' ? undefined : value;
  if (value instanceof Date) return value;
  if (isError(value)) return errorForLog(value);
  if (depth >= deepest) return '[deep]';
  if (Array.isArray(value)) return value.map((item: unknown) => safe(name, item, mask, depth + 1));
  // An instance of a class (a row, a response, a buffer) holds more than whoever logged it thought of.
  if (!isPlain(value)) return `[${value.constructor.name}]`;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, safe(key, inner, mask, depth + 1)]));
};

/** Query strings hold tokens and addresses. */
const withoutQuery = (address: string): string => address.split(/[?#]/, 1)[0] ?? '';

const isError = (value: object): boolean =>
  value instanceof Error || Object.prototype.toString.call(value) === '[object Error]';

const isPlain = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
};

/**
 * An error as the log holds it: type, code, message and stack, and the same of its cause. None of its other properties: a
 * database error carries the statement and its values. Where it is one, its message quotes values too (`Duplicate entry
 * 'x@y.nl'`): quoted text is masked there, and addresses everywhere.
 */
const errorForLog = (error: unknown): unknown => described(error, 0);

const deepestCause = 4;

const described = (error: unknown, depth: number): unknown => {
  if (typeof error !== 'object' || error === null) return typeof error === 'string' ? withoutPerson(error) : error;
  const { name, message, stack, code, cause } = error as Errorlike;
  const clean = fromDatabase(error) ? (text: string): string => withoutPerson(withoutQuotes(text)) : withoutPerson;
  return {
    type: typeof name === 'string' ? name : 'Error',
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    message: typeof message === 'string' ? clean(message) : '',
    ...(typeof stack === 'string' ? { stack: framesOf(stack) } : {}),
    ...(cause === undefined || depth >= deepestCause ? {} : { cause: described(cause, depth + 1) }),
  };
};

interface Errorlike {
  readonly name?: unknown;
  readonly message?: unknown;
  readonly stack?: unknown;
  readonly code?: unknown;
  readonly cause?: unknown;
}

/** mysql2, libsql and Sequelize mark theirs with one of these. */
const fromDatabase = (error: object): boolean =>
  ['sql', 'sqlMessage', 'sqlState', 'rawCode', 'parent', 'original'].some((mark) => mark in error);

/** The frames only: the lines before them repeat the message. */
const framesOf = (stack: string): string =>
  (stack.match(/^[ \t]+at .*$/gm) ?? []).map((frame) => frame.trim()).join('\n');

const withoutQuotes = (text: string): string => text.replace(/'[^']*'|"[^"]*"/gs, "'…'");
const withoutPerson = (text: string): string =>
  text.replace(/[^\s'"<>()]+/g, (word) => (/[^@]@[^@]/.test(word) ? '[masked]' : word));
