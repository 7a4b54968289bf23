import { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { HttpFailure } from './http-failure.ts';

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  /** Path and query, from the root of the server. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Another server than the operation's, inside its time limit. */
  readonly origin?: string;
}
export interface HttpReply {
  readonly status: number;
  /** Lower case, '' when there is none. */
  readonly contentType: string;
  readonly text: string;
}

/**
 * One request and its whole reply; redirects are replies like any other. Throws HttpFailure, which knows whether a body had
 * begun to leave: a write that never left this machine may be called undone with certainty.
 */
export const exchange = async (
  dispatcher: Dispatcher,
  server: string,
  request: HttpRequest,
  signal: AbortSignal,
): Promise<HttpReply> => {
  const written = { begun: false };
  try {
    const { statusCode, headers, body } = await dispatcher.request({
      origin: request.origin ?? server,
      path: request.path,
      method: request.method,
      signal,
      ...withBody(request, written),
    });
    const text = await body.text();
    return { status: statusCode, contentType: String(headers['content-type'] ?? '').toLowerCase(), text };
  } catch (error) {
    throw failureOf(error, written.begun, signal);
  }
};

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
  const code = codeOf(error);
  return new HttpFailure(code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE' ? 'too-large' : 'unreachable', { sent, code });
};

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown';
