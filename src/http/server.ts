import { randomUUID } from 'node:crypto';
import { createServer, STATUS_CODES, type RequestListener, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { oneByOne, withBoundedBodies, type UnboundedBody } from './app.ts';
import { endSlowReaders, type Pace } from './slow-readers.ts';

/**
 * An HTTP server over the app. What Node itself cannot read is refused as every other request is: a problem with a request id.
 * An expectation that we do not know is overlooked (RFC 9110 §10.1.1 lets us). Source: user-api.md §5.
 */
export const serverOf = (app: RequestListener, pace?: Pace): Server => {
  const server = createServer(timeouts, withBoundedBodies(oneByOne(app), refuseBody));
  endSlowReaders(server, pace);
  server.on('checkExpectation', (request, response) => {
    server.emit('request', request, response);
  });
  server.on('clientError', refuseUnread);
  return server;
};

/**
 * How long a client may take to send its headers and its whole request, and how much the headers may hold: who sends a byte a
 * second holds no connection for long. Node looks every few seconds.
 */
const timeouts = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  // Longer than the proxies before us keep theirs: a connection that we close while a request is on its way is a 502 there.
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 5_000,
  maxHeaderSize: 16_384,
} as const;

const statuses: ReadonlyMap<string, readonly [status: number, detail: string]> = new Map([
  ['HPE_HEADER_OVERFLOW', [431, 'The headers hold more than 16 kB.']],
  ['ERR_HTTP_REQUEST_TIMEOUT', [408, 'The request took too long to come.']],
  ['CRUMBS', [400, 'The body comes in too many pieces of a few bytes.']],
  ['PACKED', [413, 'The body is over 1 MB before it is unpacked.']],
]);
const unreadable = [400, 'This is no request that HTTP/1.1 knows.'] as const;

const refuseUnread = (error: Error, socket: Duplex): void => {
  const code: unknown = Reflect.get(error, 'code');
  // Half an answer must not be followed by another, and who is gone hears nothing.
  if (code === 'ECONNRESET' || !socket.writable || isAnswering(socket)) {
    socket.destroy();
    return;
  }
  const [status, detail] = statuses.get(String(code)) ?? unreadable;
  const id = randomUUID();
  const title = STATUS_CODES[status] ?? '';
  const said = { type: 'about:blank', title, status, detail, instance: id, error: detail, message: detail };
  const body = JSON.stringify(said);
  const head = [
    `HTTP/1.1 ${status} ${title}`,
    'Connection: close',
    'Content-Type: application/problem+json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Cache-Control: private, no-cache',
    'Vary: Authorization, X-Authorization, Origin',
    'X-Content-Type-Options: nosniff',
    `X-Request-Id: ${id}`,
  ];
  // Half-open it would be held by a byte a minute: Node looks at its time no more.
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
};

const refuseBody = (socket: Duplex, code: UnboundedBody): void => {
  refuseUnread(Object.assign(new Error('a body that knows no bounds'), { code }), socket);
};

const isAnswering = (socket: Duplex): boolean => {
  const message = messageOf(socket);
  return message !== null && Reflect.get(message, 'headersSent') === true;
};

/** The answer that is under way. */
const messageOf = (socket: Duplex): object | null => {
  const message: unknown = Reflect.get(socket, '_httpMessage');
  return typeof message === 'object' ? message : null;
};
