import { once } from 'node:events';
import { createServer, request as forward, type IncomingMessage, type ServerResponse } from 'node:http';

/** What stands between us and a server that does its work: real sockets, real misery. */
export type Misbehaviour =
  | 'pass'
  /** The listening socket is closed and every connection dropped: for all paths, until another mode is set. */
  | 'refuse'
  /** Takes the request and never answers. */
  | 'hang'
  | 'json-500'
  | 'html-500'
  | 'html-200'
  | 'malformed-json'
  | '401'
  /** With `Retry-After: 7`. */
  | '429'
  | 'redirect'
  /** Half a body, and then nothing. */
  | 'slow-body'
  /** A byte now and then, for ever. */
  | 'drip'
  /** Nine megabytes: more than is read. */
  | 'huge-body'
  /** Drops the connection before the request reaches the server. */
  | 'reset'
  /** Drops the connection after the server has done what was asked. */
  | 'lose-reply';

export interface MisbehavingServer {
  readonly url: string;
  /**
   * From now on, where `pattern` matches `METHOD /path` (no query); everywhere without a pattern, which also forgets all earlier
   * patterns. The last one that matches counts.
   */
  behave(mode: Misbehaviour, pattern?: RegExp): Promise<void>;
  /** From now on it takes so long over each request before it does anything. */
  takeTime(ms: number): void;
  /** How many requests came whose `METHOD /path` matches. */
  calls(pattern?: RegExp): number;
  /** What the server behind it said to them, in that order, whether or not its reply was let through. */
  answers(pattern: RegExp): readonly number[];
  forgetCalls(): void;
  close(): Promise<void>;
}

/** These last as long as their caller waits. */
const lasting: readonly Misbehaviour[] = ['hang', 'slow-body', 'drip'];
/** How long an operation may take beside a misbehaviour: short only where time is to run out, as a busy machine needs more for the others. */
export const timeLimitBeside = (mode: Misbehaviour, shortMs: number): number =>
  lasting.includes(mode) ? shortMs : ampleMs;
/** Far more than any call needs that is not to run out of time. Whoever loses a reply waits twice as long for a lease. */
export const ampleMs = 20_000;

/** What the words of the server would be; nobody but the log may ever see them. */
export const wordsOfTheServer = 'Kaboom in table users';

export const startMisbehavingServer = async (targetUrl: string): Promise<MisbehavingServer> => {
  let modes: { mode: Misbehaviour; pattern: RegExp }[] = [];
  let seen: string[] = [];
  let answered: { readonly call: string; readonly status: number }[] = [];
  let lateMs = 0;
  const server = createServer({ keepAliveTimeout: 600_000 }, (request, response) => {
    const call = `${request.method ?? ''} ${(request.url ?? '').split('?')[0] ?? ''}`;
    seen.push(call);
    const misbehave = answers[modes.findLast(({ pattern }) => pattern.test(call))?.mode ?? 'pass'];
    const note = (status: number): void => void answered.push({ call, status });
    // A caller that hangs up while we read has nothing to be told.
    bodyOf(request).then(
      (body) => {
        if (lateMs === 0) misbehave({ request, response, body, targetUrl, note });
        else setTimeout(misbehave, lateMs, { request, response, body, targetUrl, note });
      },
      () => undefined,
    );
  });
  const listen = async (port: number): Promise<void> => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  };
  const shut = async (): Promise<void> => {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  };
  await listen(0);
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    behave: async (mode, pattern) => {
      modes = pattern === undefined ? [{ mode, pattern: /^/ }] : [...modes, { mode, pattern }];
      if (mode === 'refuse') await shut();
      else if (!server.listening) await listen(port);
    },
    takeTime: (ms) => {
      lateMs = ms;
    },
    calls: (pattern = /^/) => seen.filter((call) => pattern.test(call)).length,
    answers: (pattern) => answered.filter(({ call }) => pattern.test(call)).map(({ status }) => status),
    forgetCalls: () => {
      [seen, answered] = [[], []];
    },
    close: shut,
  };
};

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly body: Buffer;
  readonly targetUrl: string;
  /** Of the server's own answer. */
  readonly note: (status: number) => void;
}

const reply =
  (status: number, contentType: string, body: string, headers: Readonly<Record<string, string>> = {}) =>
  ({ response }: Exchange): void => {
    response.writeHead(status, { 'content-type': contentType, ...headers }).end(body);
  };
const page = `<!DOCTYPE html><html><body>${wordsOfTheServer}</body></html>`;
const drop = ({ request }: Exchange): void => {
  request.socket.destroy();
};

/** Passes it on; `answer` gets the server's whole answer. */
const passOn = (
  { request, body, targetUrl, response, note }: Exchange,
  answer: (status: number, headers: IncomingMessage['headers'], body: Buffer) => void,
): void => {
  const { method, url = '/', headers } = request;
  const onward = forward(new URL(targetUrl).origin + url, { method: method ?? 'GET', headers }, (answered) => {
    bodyOf(answered).then(
      (bytes) => {
        note(answered.statusCode ?? 500);
        answer(answered.statusCode ?? 500, answered.headers, bytes);
      },
      () => response.destroy(),
    );
  });
  onward.on('error', () => response.destroy());
  onward.end(body);
};

const answers: Readonly<Record<Misbehaviour, (exchange: Exchange) => void>> = {
  pass: (exchange) => {
    passOn(exchange, (status, headers, body) => exchange.response.writeHead(status, headers).end(body));
  },
  refuse: drop,
  hang: () => undefined,
  'json-500': reply(500, 'application/json', JSON.stringify({ message: wordsOfTheServer })),
  'html-500': reply(500, 'text/html', page),
  'html-200': reply(200, 'text/html', page),
  'malformed-json': reply(200, 'application/json', `{"id": 1, "message": "${wordsOfTheServer}`),
  '401': reply(401, 'text/plain', wordsOfTheServer),
  '429': reply(429, 'application/json', JSON.stringify({ message: wordsOfTheServer }), { 'retry-after': '7' }),
  redirect: reply(302, 'text/plain', wordsOfTheServer, { location: 'http://127.0.0.1:9/elsewhere' }),
  'slow-body': ({ response }) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
    response.write('{"id": 1,');
  },
  drip: ({ response }) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const dripping = setInterval(() => response.write(' '), 20);
    response.on('close', () => {
      clearInterval(dripping);
    });
  },
  'huge-body': reply(200, 'application/json', JSON.stringify({ filler: 'x'.repeat(9 * 1024 * 1024) })),
  reset: drop,
  'lose-reply': (exchange) => {
    passOn(exchange, () => {
      drop(exchange);
    });
  },
};

const bodyOf = async (message: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of message as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
};
