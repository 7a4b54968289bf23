import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Response } from 'express';

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; absent: nothing. */
  readonly body?: unknown;
  /** The same for what wrote its JSON itself, or needed it before (for its tag). */
  readonly json?: string;
  /** Sent as it is, under `Content-Type`. */
  readonly text?: { readonly type: string; readonly content: string };
  /** The name (an API key) whose secret was wrong, in an answer that says so: failures are counted. */
  readonly wrongSecretOf?: string;
  /** Sent piece by piece as one JSON text, no faster than it is read. */
  readonly stream?: AsyncIterable<string>;
}

/** Sends an answer. One that is streamed and fails in the middle ends in a broken connection, not in a short list. */
export const send = async (
  response: Response,
  { status, headers = {}, body, json, text, stream }: Answer,
): Promise<void> => {
  response.statusCode = status;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  if (stream !== undefined) await sendStream(response, stream);
  else if (text !== undefined) response.set('Content-Type', text.type).end(text.content);
  else if (json !== undefined) sendJson(response, json);
  else if (body !== undefined) sendJson(response, JSON.stringify(body));
  else response.end();
};

/** Without Express's `json`, which asks much that is known here, at every answer. Head and body leave as one piece. */
const sendJson = (response: Response, json: string): void => {
  response.setHeader('Content-Type', 'application/json; charset=utf-8');
  response.end(json);
};

const sendStream = async (response: Response, stream: AsyncIterable<string>): Promise<void> => {
  const pieces = await begun(stream);
  response.type('json');
  if (response.req.method === 'HEAD') {
    await pieces.return(undefined);
    response.end();
    return;
  }
  try {
    await pipeline(Readable.from(pieces, { objectMode: false }), response);
  } catch (error) {
    // Somebody who hung up in the middle is no failure of ours.
    if (!hungUp(error)) throw error;
  }
};

/** Takes the first piece before any header is sent, so that a refusal or a failure can still be told as one. */
const begun = async (stream: AsyncIterable<string>): Promise<AsyncGenerator<string, void, undefined>> => {
  const iterator = stream[Symbol.asyncIterator]();
  const first = await iterator.next();
  return (async function* rest() {
    try {
      for (let piece = first; piece.done !== true; piece = await iterator.next()) yield piece.value;
    } finally {
      await iterator.return?.();
    }
  })();
};

const hungUp = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE';
