import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Response } from 'express';
import type { AnswerSize } from './rate-limits/open-answers.ts';
import { jsonType, littleAnswer, type Written } from './route.ts';
import { sentWithPatience } from './slow-readers.ts';

/** Of what is written already so many bytes leave at a time. */
const pieceBytes = 64_000;

/** A place among the large answers that are under way. Faults of `begin`: `too-many-requests`, `busy`. */
export interface LargeAnswer {
  readonly begin: (size?: AnswerSize) => Promise<void>;
  /** Others have had their turn since it was asked for. */
  readonly hasWaited: () => boolean;
  readonly end: () => void;
}

/** A body that is large; one that is read while it is sent; or pieces that may turn out to be little. */
export type LargeSource =
  | Written
  | { readonly type: string; readonly stream: AsyncIterable<string> }
  | { readonly pieces: AsyncIterable<string> };

/**
 * Sends what is large, or may be, in pieces, no faster than they are read, and ends when it has been taken. One that fails in the
 * middle ends in a broken connection, not in a short list. `isDone`: it tells of something that was done, and is not refused.
 * Faults, before anything is sent: those of `large`.
 */
export const sendLarge = async (
  response: Response,
  source: LargeSource,
  {
    large,
    isDone,
    writeHead,
  }: { readonly large: LargeAnswer; readonly isDone: boolean; readonly writeHead: () => void },
): Promise<void> => {
  const content = await contentOf(source, (bytes) => large.begin({ bytes, isDone }));
  writeHead();
  response.setHeader('Content-Type', content.type);
  if ('whole' in content) response.end(content.whole);
  // Nobody waits for what tells of something done to end: whoever takes it slowly loses it as soon as what is little.
  else if (isDone) await sendPieces(response, content);
  else await sentWithPatience(response.socket, () => sendPieces(response, content));
};

type Content =
  // Head and body leave as one piece.
  | { readonly type: string; readonly whole: string }
  | { readonly type: string; readonly bytes?: number; readonly pieces: AsyncGenerator<string> | Generator<Buffer> };

const contentOf = async (source: LargeSource, begin: Begin): Promise<Content> => {
  if ('stream' in source) {
    await begin(0);
    return { type: source.type, pieces: await begun(source.stream) };
  }
  if ('pieces' in source) return collected(source.pieces, begin);
  const bytes = Buffer.from(source.content);
  await begin(bytes.length);
  return { type: source.type, bytes: bytes.length, pieces: piecesOf(bytes) };
};

type Begin = (bytes: number) => Promise<void>;

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
    if (piece.done === true) return { type: jsonType, whole };
    whole += piece.value;
  }
  await begin(0);
  return { type: jsonType, pieces: goingOn({ value: whole }, rest) };
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
