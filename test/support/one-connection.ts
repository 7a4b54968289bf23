import { Agent, request, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { randomUUID } from 'node:crypto';
import type { Program } from './program.ts';
import { until } from './until.ts';

/** One TCP connection that is kept, so that one worker answers all that is asked over it. */
export interface OneConnection {
  /** The worker's number, as the log has it. */
  readonly worker: number;
  ask(
    method: string,
    path: string,
    said?: { readonly token?: string; readonly body?: unknown },
  ): Promise<{ readonly status: number; readonly text: string }>;
  close(): void;
}

/** Rejects where nobody listens. */
export const oneConnection = async (program: Program): Promise<OneConnection> => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const ask = async (
    method: string,
    path: string,
    { token, body, id = randomUUID() }: { token?: string; body?: unknown; id?: string } = {},
  ) => {
    const asked = request(program.url + path, {
      agent,
      method,
      headers: {
        'x-request-id': id,
        ...(token === undefined ? {} : { 'x-authorization': token }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
    });
    asked.end(body === undefined ? undefined : JSON.stringify(body));
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    const pieces: Buffer[] = [];
    for await (const piece of response as AsyncIterable<Buffer>) pieces.push(piece);
    return { status: response.statusCode ?? 0, text: Buffer.concat(pieces).toString() };
  };
  const id = randomUUID();
  await ask('GET', '/health/live', { id });
  const worker = (): string | undefined =>
    program
      .output()
      .split('\n')
      .find((line) => line.includes(id))
      ?.match(/"worker":(\d+)/)?.[1];
  await until('that the log says who answered', () => worker() !== undefined);
  return {
    worker: Number(worker()),
    ask,
    close: () => {
      agent.destroy();
    },
  };
};

/** Some to each of so many workers. */
export const connectionsToAll = async (
  program: Program,
  workers: number,
  each: number,
): Promise<readonly OneConnection[]> => {
  const all: OneConnection[] = [];
  await until(`${each} connections to each worker`, async () => {
    all.push(await oneConnection(program));
    return Array.from({ length: workers }, (_none, index) => index + 1).every(
      (number) => all.filter(({ worker }) => worker === number).length >= each,
    );
  });
  return all;
};

/** The process of a worker that is there, by its number; undefined while it is being replaced. */
export const processOf = (program: Program, worker: number): number | undefined => {
  const pid = program
    .output()
    .split('\n')
    .filter((line) => line.includes(`"worker":${worker},"pid":`) && line.includes('"a worker listens"'))
    .at(-1)
    ?.match(/"pid":(\d+)/)?.[1];
  return pid !== undefined && isThere(Number(pid)) ? Number(pid) : undefined;
};

export const isThere = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};
