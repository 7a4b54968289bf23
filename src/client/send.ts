import { CivitasProblem, CivitasUnreachable, type ForeignProblem } from './problem.ts';
import type { Problem } from './types.gen.ts';

export interface SendSettings {
  readonly fetch: typeof fetch;
  /** How long one try may take, its answer read to the end. */
  readonly timeLimitMs: number;
  /** How often what is safe to ask twice is tried again. */
  readonly retries: number;
}
export interface Call {
  readonly address: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Asking twice does no harm: it only looks, or is done once under its key. */
  readonly isSafe: boolean;
  readonly signal?: AbortSignal | undefined;
}
export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  /** JSON as its value, anything else as text; undefined where there is none. */
  readonly data: unknown;
}

/** Statuses behind which a second try may find another answer. */
const passing: ReadonlySet<number> = new Set([429, 502, 503, 504]);
/** Whoever is told to wait longer is told so, and nobody waits unseen. */
const longestPauseMs = 30_000;

/**
 * Asks, and again where that is safe and may help: after `Retry-After`, else after pauses that double, each a part longer by chance.
 * Throws CivitasProblem for an answer that is no good one, CivitasUnreachable where there is none, and the signal's reason.
 */
export const send = async (call: Call, settings: SendSettings): Promise<Answered> => {
  for (let tried = 0; ; tried += 1) {
    const isLast = !call.isSafe || tried >= settings.retries;
    let pauseMs = jittered(200 * 2 ** tried);
    try {
      return await once(call, settings);
    } catch (error) {
      if (isLast || call.signal?.aborted === true) throw error;
      if (error instanceof CivitasProblem) {
        if (!passing.has(error.status)) throw error;
        pauseMs += (error.retryAfterSeconds ?? 0) * 1000;
        if (pauseMs > longestPauseMs) throw error;
      }
    }
    await wait(pauseMs, call.signal);
  }
};

const jittered = (ms: number): number => ms * (0.5 + Math.random());

const once = async (
  { address, method, headers, body, signal }: Call,
  { fetch: ask, timeLimitMs }: SendSettings,
): Promise<Answered> => {
  const ending = new AbortController();
  const giveUp = (): void => {
    ending.abort(signal?.reason);
  };
  signal?.throwIfAborted();
  signal?.addEventListener('abort', giveUp);
  const timer = setTimeout(() => {
    ending.abort();
  }, timeLimitMs);
  let response: Response;
  let text: string;
  try {
    const sent = body === undefined ? {} : { body };
    // Where a login sends a browser to is for the browser.
    response = await ask(address, { method, headers, ...sent, redirect: 'manual', signal: ending.signal });
    text = await response.text();
  } catch (cause) {
    if (signal?.aborted === true) throw cause;
    const limit = ending.signal.aborted ? ` within ${timeLimitMs} ms` : '';
    throw new CivitasUnreachable(`No answer${limit}: ${method} ${address}`, { cause });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', giveUp);
  }
  return answerOf(response, text);
};

const answerOf = ({ status, statusText, headers }: Response, text: string): Answered => {
  const kind = headers.get('content-type') ?? '';
  const [isReadable, data] = /[/+]json/.test(kind) ? parsed(text) : [!kind.startsWith('text/html'), text];
  // A browser shows nothing of a redirect: 0. A page is nothing that this API answers to programs.
  if (status < 400 && isReadable) return { status, headers, data: text === '' ? undefined : data };
  const problem = isProblem(kind, data) ? data : foreign(status, statusText, data);
  throw new CivitasProblem(problem, retryAfterOf(headers.get('retry-after')));
};

const parsed = (text: string): readonly [isReadable: boolean, data: unknown] => {
  try {
    return [true, text === '' ? undefined : JSON.parse(text)];
  } catch {
    return [false, text];
  }
};

const isProblem = (kind: string, data: unknown): data is Problem =>
  kind.startsWith('application/problem+json') && typeof data === 'object' && data !== null && 'type' in data;

const foreign = (status: number, statusText: string, body: unknown): ForeignProblem => ({
  type: 'about:blank',
  status,
  title: statusText === '' ? 'No answer of this API' : statusText,
  detail: (typeof body === 'string' ? body : JSON.stringify(body ?? '')).slice(0, 200),
  body,
});

/** Seconds, or until a date. */
const retryAfterOf = (value: string | null): number | null => {
  if (value === null) return null;
  const seconds = Number.isFinite(Number(value)) ? Number(value) : (Date.parse(value) - Date.now()) / 1000;
  return Number.isNaN(seconds) ? null : Math.max(0, seconds);
};

/** Rejects with the signal's reason when that ends it. */
export const wait = (ms: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const end = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      if (signal?.aborted === true) reject(errorOf(signal.reason));
      else resolve();
    };
    const timer = setTimeout(end, ms);
    if (signal?.aborted === true) end();
    else signal?.addEventListener('abort', end);
  });

const errorOf = (reason: unknown): Error =>
  reason instanceof Error ? reason : Object.assign(new Error(String(reason)), { name: 'AbortError' });
