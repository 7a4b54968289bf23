import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { RequestHandler, Response } from 'express';
import type { AnswerSize } from './rate-limits/open-answers.ts';
import type { Answer } from './route.ts';
import { sentWithPatience } from './slow-readers.ts';

/** What is longer (in characters) is large: its answers are counted until they have been taken. */
const littleAnswer = 100_000;
/** Of what is written already so many bytes leave at a time. */
const pieceBytes = 64_000;

/**
 * What is asked over a connection behind something else waits until that has been answered. Node would let it be answered at once, and
 * hold the answer: it has no socket until then, so that nobody hears whether it is taken, or that the connection is gone.
 */
export const oneByOne: RequestHandler = ({ socket }, response, next) => {
  const begin = (): void => {
    socket.off('close', forget);
    next();
  };
  const forget = (): void => {
    response.off('socket', begin);
  };
  if (response.socket !== null) {
    begin();
    return;
  }
  response.once('socket', begin);
  socket.once('close', forget);
};

/** A place among the large answers that are under way. Faults of `begin`: `too-many-requests`, `busy`. */
export interface LargeAnswer {
  readonly begin: (size?: AnswerSize) => Promise<void>;
  readonly end: () => void;
}

/** Is taken by whoever knows first that an answer is large, again where it turns out to be larger, and given back when it has ended. */
export const largeAnswer = (begin: (size: AnswerSize) => Promise<() => void>): LargeAnswer => {
  let [held, end]: [number, () => void] = [-1, () => undefined];
  return {
    begin: async (size = {}) => {
      const { bytes = 0 } = size;
      if (bytes <= held) return;
      // Nobody waits for more and keeps others from it meanwhile.
      end();
      [held, end] = [-1, () => undefined];
      end = await begin(size);
      held = bytes;
    },
    end: () => {
      end();
    },
  };
};

/**
 * Sends an answer, and ends when it has been taken, where that may be long: large ones go in pieces, no faster than they are read. One
 * that fails in the middle ends in a broken connection, not in a short list. `isDone`: it tells of something that was done, and is not
 * refused. Faults, before anything is sent: those of `large`.
 */
export const sendAnswer = async (
  response: Response,
  answer: Answer,
  { large, isDone }: { readonly large: LargeAnswer; readonly isDone: boolean },
): Promise<void> => {
  const { status, headers = {} } = answer;
  const content = await contentOf(answer, (bytes) => large.begin({ bytes, isDone }));
  response.statusCode = status;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  if (content === null) {
    response.end();
    return;
  }
  response.setHeader('Content-Type', content.type);
  if ('whole' in content) response.end(content.whole);
  // What tells of something done is never refused, so nothing bounds how many there are but that they are read.
  else if (isDone) await sendPieces(response, content);
  else await sentWithPatience(response.socket, () => sendPieces(response, content));
};

const json = 'application/json; charset=utf-8';
type Content =
  // Head and body leave as one piece.
  | { readonly type: string; readonly whole: string }
  | { readonly type: string; readonly bytes?: number; readonly pieces: AsyncGenerator<string> | Generator<Buffer> };

const contentOf = async (answer: Answer, begin: Begin): Promise<Content | null> => {
  const { stream, streamType = json, pieces } = answer;
  if (stream !== undefined) {
    await begin(0);
    return { type: streamType, pieces: await begun(stream) };
  }
  if (pieces !== undefined) return collected(pieces, begin);
  const written = writtenIn(answer);
  if (written === null || written.whole.length <= littleAnswer) return written;
  const bytes = Buffer.from(written.whole);
  await begin(bytes.length);
  return { type: written.type, bytes: bytes.length, pieces: piecesOf(bytes) };
};

type Begin = (bytes: number) => Promise<void>;

/** Without Express's `json`, which asks much that is known here, at every answer. */
const writtenIn = ({ body, json: text, text: other }: Answer): Extract<Content, { whole: string }> | null => {
  if (other !== undefined) return { type: other.type, whole: other.content };
  if (text !== undefined) return { type: json, whole: text };
  return body === undefined ? null : { type: json, whole: JSON.stringify(body) };
};

/** Takes the first piece before any header is sent, so that a refusal or a failure can still be told as one. */
const begun = async (stream: AsyncIterable<string>): Promise<AsyncGenerator<string>> => {
  const rest = stream[Symbol.asyncIterator]();
  return goingOn(await rest.next(), rest);
};

/** What turns out to be little leaves as one text. */
const collected = async (pieces: AsyncIterable<string>, begin: Begin): Promise<Content> => {
  const rest = pieces[Symbol.asyncIterator]();
  let whole = '';
  while (whole.length <= littleAnswer) {
    const piece = await rest.next();
    if (piece.done === true) return { type: json, whole };
    whole += piece.value;
  }
  await begin(0);
  return { type: json, pieces: goingOn({ value: whole }, rest) };
};

async function* goingOn(first: IteratorResult<string>, rest: AsyncIterator<string>): AsyncGenerator<string> {
  try {
    for (let piece = first; piece.done !== true; piece = await rest.next()) yield piece.value;
  } finally {
    await rest.return?.();
  }
}

function* piecesOf(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}

const sendPieces = async (
  response: Response,
  { bytes, pieces }: Extract<Content, { pieces: unknown }>,
): Promise<void> => {
  if (bytes !== undefined) response.setHeader('Content-Length', bytes);
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

const hungUp = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE';
