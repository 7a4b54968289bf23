import { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  /** Path and query, from the root of the server. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Another server than the operation's, inside its time limit. */
  readonly origin?: string;
  /** Of a good reply, which is an object: these keys only, passing over the others however large they are. */
  readonly pick?: readonly string[];
}
export interface HttpReply {
  readonly status: number;
  /** Lower case, '' when there is none. */
  readonly contentType: string;
  readonly text: string;
}

/** What the reading of a reply needs beside the connection. */
export interface ReplyLimits {
  /** Ends it when the time is over. */
  readonly signal: AbortSignal;
  /** Awaited before more than the usual size is read. */
  readonly turn: () => Promise<void>;
}

/** Source: oauth-server.md §1. */
const maxReply = 8 * 1024 * 1024;
/** Larger ones wait for their turn: no honest record of a person comes near. */
const usualReply = 512 * 1024;

/**
 * One request and its whole reply; redirects are replies like any other. Throws HttpFailure, which knows whether a body had
 * begun to leave: a write that never left this machine may be called undone with certainty.
 */
export const exchange = async (
  dispatcher: Dispatcher,
  server: string,
  request: HttpRequest,
  limits: ReplyLimits,
): Promise<HttpReply> => {
  const { signal } = limits;
  const written = { begun: false };
  const read = { size: 0 };
  try {
    const { statusCode, headers, body } = await dispatcher.request({
      origin: request.origin ?? server,
      path: request.path,
      method: request.method,
      signal,
      ...withBody(request, written),
    });
    const isPicked = request.pick !== undefined && statusCode >= 200 && statusCode < 300;
    const text = isPicked ? await pickedFrom(body, request.pick, read) : await bodyText(body, limits, read);
    return { status: statusCode, contentType: String(headers['content-type'] ?? '').toLowerCase(), text };
  } catch (error) {
    if (error instanceof HttpFailure) throw error;
    // Time did not end for want of an answer: what was coming was too much for it. Of what is picked nothing is too much.
    if (signal.aborted && request.pick === undefined && read.size > usualReply) throw tooLarge(written.begun);
    throw failureOf(error, written.begun, signal);
  }
};

const bodyText = async (
  body: AsyncIterable<Buffer>,
  { turn }: ReplyLimits,
  read: { size: number },
): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of body) {
    const isFirstBeyond = read.size <= usualReply && read.size + chunk.length > usualReply;
    read.size += chunk.length;
    if (read.size > maxReply) throw tooLarge(true);
    // Meanwhile the other side waits: what is not taken from the socket is not sent.
    if (isFirstBeyond) await turn().catch(refuse);
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
};

/** '' for what is no object. */
const pickedFrom = async (
  body: AsyncIterable<Buffer>,
  keys: readonly string[],
  read: { size: number },
): Promise<string> => {
  const picker = pickerOf(keys);
  for await (const chunk of body) {
    read.size += chunk.length;
    picker.take(chunk);
  }
  return picker.text() ?? '';
};

/** Too many of them at once. */
const refuse = (): never => {
  throw tooLarge(true);
};
const tooLarge = (sent: boolean): HttpFailure => new HttpFailure('too-large', { sent });

/** A stream is first read when a connected socket is being written to, so that its first read tells that sending has begun. */
const withBody = (
  { body, headers }: HttpRequest,
  written: { begun: boolean },
): Pick<Dispatcher.RequestOptions, 'headers' | 'body'> => {
  if (body === undefined) return { headers: { ...headers } };
  const bytes = Buffer.from(body);
  const watched = function* (): Iterable<Buffer> {
    written.begun = true;
    yield bytes;
  };
  return { headers: { ...headers, 'content-length': String(bytes.length) }, body: Readable.from(watched()) };
};

const failureOf = (error: unknown, sent: boolean, signal: AbortSignal): HttpFailure => {
  if (signal.aborted) return new HttpFailure('too-slow', { sent });
  return new HttpFailure('unreachable', { sent, code: codeOf(error) });
};

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown';

/** Why no reply came. `crowded`: there was no connection of ours for it, which says nothing of the server. */
type HttpErrorKind = 'unreachable' | 'too-slow' | 'too-large' | 'circuit-open' | 'crowded';

/**
 * A call that brought no reply. It carries a code of the transport and nothing else: errors of the transport may hold raw bytes
 * of the other side, and those must not wander into logs and answers.
 */
export class HttpFailure extends Error {
  readonly kind: HttpErrorKind;
  /** Whether (a part of) the request body may have reached the other side; not told for requests without one. */
  readonly sent: boolean;
  /** For `circuit-open`: when the next try may be let through, in whole seconds; 0 otherwise. */
  readonly retryAfterSeconds: number;
  constructor(kind: HttpErrorKind, facts: { sent: boolean; code?: string; retryAfterSeconds?: number }) {
    super(facts.code === undefined ? kind : `${kind} (${facts.code})`);
    this.name = 'HttpFailure';
    this.kind = kind;
    this.sent = facts.sent;
    this.retryAfterSeconds = facts.retryAfterSeconds ?? 0;
  }
}

/**
 * The values of some keys of a JSON object, read chunk by chunk: what is not picked is passed over and kept nowhere, whatever its
 * size. `text` is the object of those alone; null: what came is no whole object. What is passed over is not checked any further.
 */
interface Picker {
  take(chunk: Uint8Array): void;
  text(): string | null;
}

/** So much is kept of a key at most, and of all that is picked. */
const maxKey = 64;
const maxPicked = 1024 * 1024;

export const pickerOf = (keys: readonly string[]): Picker => {
  const wanted = new Set(keys.map((key) => JSON.stringify(key)));
  const picked: string[] = [];
  let depth = 0;
  let state: 'before' | 'inside' | 'after' | 'broken' = 'before';
  let isText = false;
  let isEscaped = false;
  /** Of the top level: the key as it stands there, and whether its value goes on. */
  let key: number[] = [];
  let value: number[] | null = null;
  let isKey = true;
  let size = 0;

  const endOfValue = (): void => {
    if (value !== null) picked.push(`${textOfCodes(key)}:${textOfCodes(value)}`);
    key = [];
    value = null;
    isKey = true;
  };
  const keep = (code: number): void => {
    if (isKey) {
      if (key.length <= maxKey) key.push(code);
    } else if (value !== null) {
      value.push(code);
      size += 1;
      if (size > maxPicked) state = 'broken';
    }
  };
  const sign = (code: number): void => {
    if (isText) {
      keep(code);
      if (isEscaped) isEscaped = false;
      else if (code === backslash) isEscaped = true;
      else if (code === quote) isText = false;
      return;
    }
    if (isSpace(code)) return;
    if (state === 'before') {
      state = code === brace ? 'inside' : 'broken';
      depth = 1;
      return;
    }
    if (state === 'after') {
      state = 'broken';
      return;
    }
    if (code === quote) isText = true;
    if (code === brace || code === bracket) depth += 1;
    if (code === closingBrace || code === closingBracket) depth -= 1;
    if (depth === 0) {
      endOfValue();
      state = 'after';
    } else if (depth === 1 && code === comma) endOfValue();
    else if (depth === 1 && isKey && code === colon) {
      isKey = false;
      value = wanted.has(textOfCodes(key)) ? [] : null;
    } else keep(code);
  };
  return {
    take: (chunk) => {
      for (const code of chunk) if (state !== 'broken') sign(code);
    },
    text: () => (state === 'after' ? `{${picked.join(',')}}` : null),
  };
};

const textOfCodes = (codes: readonly number[]): string => Buffer.from(codes).toString('utf8');
const isSpace = (code: number): boolean => code === 0x20 || code === 0x09 || code === 0x0a || code === 0x0d;
const [quote, backslash, comma, colon] = [0x22, 0x5c, 0x2c, 0x3a];
const [brace, closingBrace, bracket, closingBracket] = [0x7b, 0x7d, 0x5b, 0x5d];
