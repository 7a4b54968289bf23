import { destination, pino, stdTimeFunctions, type DestinationStream, type Logger } from 'pino';
import { masked, maskOf, withoutQuery } from './log-mask.ts';

export type { Logger } from 'pino';
/** Where lines go; one that holds some back can be told to write them. */
export type Output = DestinationStream & { readonly flush?: () => void };

/**
 * A pino logger that holds no person: facts under a personal or secret name are masked at any depth, requests are logged
 * without headers and query, errors without values of the database. `personalFields`: the names of columns that hold something
 * of a person (platform may not know the table). Warnings and worse are written at once, with all that came before.
 */
export const createLogger = ({
  level,
  personalFields,
  stream = standardOutput(),
}: {
  readonly level: string;
  readonly personalFields: readonly string[];
  readonly stream?: Output;
}): Logger => {
  const mask = maskOf(personalFields);
  return pino(
    {
      level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
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
