import { gzipSync } from 'node:zlib';
import { until } from '../support/until.ts';
import { serverForRawBodies, type Conversation } from './support/raw-bodies.ts';

/**
 * A body's limit counts what is unpacked, so that it does not grow in our hands. One that unpacks to nothing was read for as long as it
 * came: a request of a visitor took a whole processor for half a minute. Source: docs/reference/neighbours.md "Cost".
 */
const withLines = serverForRawBodies();
const begun = (packing: string, length: string): Conversation =>
  withLines('/oauth/token', `Content-Encoding: ${packing}\r\n${length}\r\n`);

/** The beginning of what gzip writes, and blocks that hold nothing: 65 kB each time. */
const beginning = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]);
const nothing = Buffer.alloc(65_000, Buffer.from([0, 0, 0, 0xff, 0xff]));
const inChunk = (bytes: Buffer): Buffer =>
  Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]);

test.each([
  ['in pieces', 'Transfer-Encoding: chunked', inChunk],
  ['of a length that it says', 'Content-Length: 1000000000', (bytes: Buffer) => bytes],
])(
  'one that is nothing %s is read as far as the largest that there is, and its connection is lost',
  async (_how, length, piece) => {
    const { socket, said, isClosed } = begun('gzip', length);
    socket.write(piece(beginning));
    for (let sent = 0; sent < 30; sent += 1) socket.write(piece(nothing));
    await until('the connection is gone', isClosed, 10_000);
    expect(said().slice(9, 12)).toBe('413');
    expect(said()).toContain('application/problem+json');
  },
);

test('one that is packed as bodies are is read as ever, and its connection stays', async () => {
  const body = gzipSync(`grant_type=client_credentials&client_id=a&client_secret=${'b'.repeat(100)}`);
  const { socket, said, isClosed } = begun('gzip', `Content-Length: ${body.length}`);
  socket.write(body);
  await until('it is answered', () => said().endsWith('}'));
  expect(said().slice(9, 12)).toBe('401');
  expect(isClosed()).toBe(false);
  socket.destroy();
});
