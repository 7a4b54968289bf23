import { AsyncLocalStorage } from 'node:async_hooks';
import { destination, pino, stdTimeFunctions, type DestinationStream, type Logger } from 'pino';
import { masked, maskOf, withoutQuery } from './log-mask.ts';

export type { Logger } from 'pino';

/**
 * A pino logger that holds no person: facts under a personal or secret name are masked at any depth, requests are logged
 * without headers and query, errors without values of the database. `personalFields`: the names of columns that hold something
 * of a person (platform may not know the table). Every line written inside `withRequestId` carries the request's id.
 */
export const createLogger = ({
  level,
  personalFields,
  // Written at once: buffered lines are lost at a sudden end, and a buffer that nobody reads any more holds the end up for ever.
  stream = destination({ dest: 1, sync: true }),
}: {
  readonly level: string;
  readonly personalFields: readonly string[];
  readonly stream?: DestinationStream;
}): Logger => {
  const mask = maskOf(personalFields);
  return pino(
    {
      level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      mixin: () => requestIds.getStore() ?? {},
      // Errors are made fit in `masked`; pino's own serializer would look into them a second time.
      serializers: { err: (error: unknown) => error, req: requestForLog, res: answerForLog },
      formatters: { level: (label) => ({ level: label }), log: (facts) => masked(facts, mask) },
    },
    stream,
  );
};

const requestIds = new AsyncLocalStorage<{ readonly requestId: string }>();

/** Runs work so that whatever it logs carries the request's id. */
export const withRequestId = <T>(requestId: string, work: () => T): T => requestIds.run({ requestId }, work);

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
