import type { FaultCode } from '../../src/domain/fault.ts';
import type { Json } from '../../src/domain/json.ts';
import type { Recorded, RecordedCall } from '../../src/http/openapi/recorded.ts';
import { routes } from '../../src/http/routes.ts';
import { story } from './example-calls.ts';
import { conflicts } from './rules.ts';

/** A demo that runs, freshly begun: the calls change it. */
export interface PlayedDemo {
  readonly apiUrl: string;
  readonly oauthUrl: string;
}

/** What a call is made with, beside its method and path. */
export interface Asked {
  /** A token; absent: nobody. */
  readonly as?: string;
  /** In the path's places. */
  readonly at?: Readonly<Record<string, string | number>>;
  /** With its question mark. */
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: Json;
  /** Sent as a form. */
  readonly form?: Readonly<Record<string, string>>;
  /** Sent as it is, under the `Content-Type` of `headers`. */
  readonly text?: string;
  /** The status of a refusal, where the demo can do nothing else. */
  readonly refused?: number;
}
export interface Answered {
  readonly status: number;
  readonly text: string;
  readonly header: (name: string) => string;
  /** What a JSON answer holds at a path (`data.0.id`), as text. */
  readonly value: (path: string) => string;
}
export interface Player extends PlayedDemo {
  /** Makes the call of an operation, and keeps it as its example. */
  readonly call: (operationId: string, asked?: Asked) => Promise<Answered>;
  /** Makes a call that fails, and keeps it as the example of the problem. */
  readonly fail: (code: FaultCode, method: string, path: string, asked?: Asked) => Promise<Answered>;
  /** Makes a call that is no example. */
  readonly ask: (method: string, path: string, asked?: Asked) => Promise<Answered>;
}

/** Settings of the demo that is asked: what it does by itself meanwhile would make answers differ by how fast it is asked. */
export const calm = { USERS_SWEEP_PER_MINUTE: '0' } as const;

/** Makes all calls of the story against a demo, one after the other, and answers what came back, as `plain` leaves it. */
export const playExamples = async (demo: PlayedDemo): Promise<Recorded> => {
  const plain = plainly(demo, new Date());
  const calls: Record<string, RecordedCall> = {};
  const problems: Record<string, RecordedCall> = {};
  const keep = (where: Record<string, RecordedCall>, name: string, call: RecordedCall): void => {
    where[name] = JSON.parse(plain(JSON.stringify(call))) as RecordedCall;
  };
  await story({
    ...demo,
    call: async (operationId, asked = {}) => {
      const { method, path, answer } = routeOf(operationId);
      const { call, answered } = await made(demo, method.toUpperCase(), path, asked);
      if (answered.status !== (asked.refused ?? answer.status))
        throw new Error(`${operationId}: ${answered.status} ${answered.text}`);
      keep(calls, operationId, call);
      return answered;
    },
    fail: async (code, method, path, asked = {}) => {
      const { call, answered } = await made(demo, method, path, asked);
      if (answered.status < 400) throw new Error(`${method} ${path} was to fail with ${code}: ${answered.status}`);
      keep(problems, code, call);
      return answered;
    },
    ask: async (method, path, asked = {}) => (await made(demo, method, path, asked)).answered,
  });
  return { calls, problems, conflictRules: Object.fromEntries(conflicts()) };
};

const routeOf = (operationId: string) => {
  const found = routes.find((route) => route.operationId === operationId);
  if (found === undefined) throw new Error(`no operation ${operationId}`);
  return found;
};

const made = async (
  { apiUrl }: PlayedDemo,
  method: string,
  path: string,
  asked: Asked,
): Promise<{ readonly call: RecordedCall; readonly answered: Answered }> => {
  const { as, at = {}, query = '', headers = {} } = asked;
  const filled = path.replace(/\{(\w+)\}/g, (_all, name: string) => String(at[name] ?? `{${name}}`));
  const { body, type } = bodyOf(asked);
  const request = {
    method,
    address: `${filled}${query}`,
    headers: {
      ...(as === undefined ? {} : { Authorization: `Bearer ${as}` }),
      ...(type === undefined ? {} : { 'Content-Type': type }),
      ...headers,
    },
    ...(body === undefined ? {} : { body }),
  };
  const response = await fetch(`${apiUrl}${request.address}`, {
    method,
    headers: request.headers,
    redirect: 'manual',
    ...(body === undefined ? {} : { body }),
  });
  const text = await response.text();
  const isJson = /\bjson\b/.test(response.headers.get('content-type') ?? '');
  const shown = told.flatMap((name) => {
    const value = response.headers.get(name);
    return value === null ? [] : [[name, value] as const];
  });
  return {
    call: {
      // The very name of a cookie of ours is random.
      request: { ...request, headers: { ...request.headers, ...('Cookie' in headers ? { Cookie: '…' } : {}) } },
      answer: {
        status: response.status,
        headers: Object.fromEntries(shown),
        ...(text === '' ? {} : isJson ? { json: JSON.parse(text) as Json } : { text }),
      },
    },
    answered: {
      status: response.status,
      text,
      header: (name) => response.headers.get(name) ?? '',
      value: (where) => valueIn(JSON.parse(text) as Json, where),
    },
  };
};

const bodyOf = ({ body, form, text }: Asked): { readonly body?: string; readonly type?: string } => {
  if (form !== undefined)
    return { body: new URLSearchParams(form).toString(), type: 'application/x-www-form-urlencoded' };
  if (body !== undefined) return { body: JSON.stringify(body), type: 'application/json' };
  return text === undefined ? {} : { body: text };
};

/** Headers that say something of this answer, and nothing of its moment (`Date`, `Age`, `RateLimit`). */
const told = [
  ...['Content-Type', 'Location', 'Link', 'ETag', 'Total', 'Per-Page', 'X-Cache', 'X-Plan-Digest', 'X-OAuth-Removal'],
  ...['X-OAuth-Values', 'Idempotency-Replayed', 'WWW-Authenticate', 'Allow', 'Retry-After', 'Content-Disposition'],
];

const valueIn = (json: Json, path: string): string => {
  const found = path
    .split('.')
    .reduce<Json | undefined>(
      (so, key) =>
        typeof so === 'object' && so !== null ? (so as Readonly<Record<string, Json | undefined>>)[key] : undefined,
      json,
    );
  if (typeof found !== 'string' && typeof found !== 'number')
    throw new Error(`nothing at ${path} in ${JSON.stringify(json)}`);
  return String(found);
};

/**
 * THE rule for what differs each time an example is recorded. Three things do: where the demo listens (it is 8080 and 8081 in
 * documents); moments that are not before the recording began (all of them are one moment); and whatever is random or made of
 * something random: tokens, digests, ids of requests, all runs of twenty letters, digits, `-`, `_`, `.` and `~` or more that are not
 * words put together, which are `…`. Everything else is as it was answered.
 */
const plainly =
  ({ apiUrl, oauthUrl }: PlayedDemo, began: Date) =>
  (text: string): string =>
    [
      [apiUrl, 'http://127.0.0.1:8080'],
      [oauthUrl, 'http://127.0.0.1:8081'],
    ]
      .reduce(
        (so, [from = '', to = '']) =>
          so.replaceAll(from, to).replaceAll(encodeURIComponent(from), encodeURIComponent(to)),
        text,
      )
      .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, (moment) => (isLater(moment, began) ? now : moment))
      .replaceAll(/(?<![\w.-])\d{10}(?![\w.-])/g, (seconds) =>
        isLater(new Date(Number(seconds) * 1000).toISOString(), began) ? String(Date.parse(now) / 1000) : seconds,
      )
      .replaceAll(/%[\dA-F]{2}|[\w.~-]{20,}/g, (run) => (run.startsWith('%') || isOfWords(run) ? run : '…'));

/** `detailsViewableByRole`, `not-moderator-everywhere`, `Idempotency-Replayed`; what is random hardly ever looks so. */
const isOfWords = (run: string): boolean => /^[A-Z]?[a-z]+(?:[-_.][A-Z]?[a-z]+|[A-Z][a-z]+)*$/.test(run);

/** The clocks of a database and of this machine differ by less than a second; the demo's own moments are years old. */
const isLater = (moment: string, began: Date): boolean => Date.parse(moment) > began.getTime() - 60_000;
const now = '2026-01-05T09:30:00.000Z';
