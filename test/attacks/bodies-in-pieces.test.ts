import { until } from '../support/until.ts';
import { serverForRawBodies, type Conversation } from './support/raw-bodies.ts';

/**
 * Whoever sends a body says how it is cut (`Transfer-Encoding: chunked`), and each piece of a byte costs what one of some kB does. One
 * request of a visitor, of 1.4 MB over the line, took more than a second of the event loop, and four connections kept everybody waiting
 * for as long as they liked. Source: docs/reference/neighbours.md "Cost".
 */
const withLines = serverForRawBodies();
const begun = (path: string, more = ''): Conversation => withLines(path, `${more}Transfer-Encoding: chunked\r\n`);
const statusOf = ({ said }: Conversation): string => said().slice(9, 12);

const piece = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;
const last = '0\r\n\r\n';
const form = 'grant_type=client_credentials&client_id=a&client_secret=b&scope=';

test('a body in thousands of pieces of a byte is refused, and its connection is lost', async () => {
  const asked = begun('/oauth/token');
  asked.socket.write(piece('x').repeat(10_000));
  await until('the connection is gone', asked.isClosed, 10_000);

  expect(statusOf(asked)).toBe('400');
  expect(asked.said()).toContain('application/problem+json');
});

test('so is a compressed one, where each piece costs even more', async () => {
  const asked = begun('/oauth/token', 'Content-Encoding: gzip\r\n');
  asked.socket.write(piece('x').repeat(10_000));
  await until('the connection is gone', asked.isClosed, 10_000);

  expect(statusOf(asked)).toBe('400');
});

test('nor are they read on when the answer was given without the body', async () => {
  const asked = begun('/nothing-is-here');
  asked.socket.write(piece('x'));
  await until('it is refused', () => asked.said().endsWith('}'));
  expect(statusOf(asked)).toBe('404');

  asked.socket.write(piece('x').repeat(10_000));
  await until('the connection is gone', asked.isClosed, 10_000);
});

test('a few small pieces, and many of some size, are read as ever, and the connection stays', async () => {
  const few = begun('/oauth/token');
  few.socket.write(form.replace(/./g, piece) + last);
  await until('it is answered', () => few.said().endsWith('}'));
  expect(statusOf(few)).toBe('401');

  const many = begun('/oauth/token');
  many.socket.write(piece(form) + piece('a'.repeat(100)).repeat(2_000) + last);
  await until('it is answered', () => many.said().endsWith('}'));
  expect(statusOf(many)).not.toBe('');
  expect(many.said()).not.toContain('pieces');

  expect([few.isClosed(), many.isClosed()]).toEqual([false, false]);
  few.socket.destroy();
  many.socket.destroy();
});
