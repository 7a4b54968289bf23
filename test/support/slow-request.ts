import { request, type IncomingMessage } from 'node:http';
import { once } from 'node:events';

export interface SlowRequest {
  /** Sends what is left, and answers what came back. */
  finish(): Promise<{ readonly status: number; readonly body: unknown }>;
}

/** A request whose head has arrived and whose body is sent by half: it runs until somebody finishes it. */
export const slowRequest = async (
  method: string,
  url: string,
  headers: Readonly<Record<string, string>>,
  body: unknown,
): Promise<SlowRequest> => {
  const text = JSON.stringify(body);
  const half = Math.ceil(text.length / 2);
  const running = request(url, {
    method,
    headers: {
      ...headers,
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(text)),
      // The server says that it has read the head.
      expect: '100-continue',
    },
  });
  const answered = once(running, 'response') as Promise<[IncomingMessage]>;
  answered.catch(() => undefined);
  running.flushHeaders();
  await once(running, 'continue');
  await new Promise<void>((resolve, reject) => {
    running.once('error', reject);
    running.write(text.slice(0, half), () => {
      resolve();
    });
  });
  return {
    finish: async () => {
      running.end(text.slice(half));
      const [response] = await answered;
      const pieces: Buffer[] = [];
      for await (const piece of response as AsyncIterable<Buffer>) pieces.push(piece);
      return { status: response.statusCode ?? 0, body: JSON.parse(Buffer.concat(pieces).toString()) as unknown };
    },
  };
};
