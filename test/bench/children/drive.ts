import autocannon, { type Client, type Request } from 'autocannon';
import { summaryOf, type Driven } from './latencies.ts';

/** One request. `[<id>]` in the body is another text each time. */
export interface Shot {
  readonly method: 'GET' | 'PUT' | 'POST';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}
/**
 * How connections divide the requests. `all`: each goes round through all of them, from another place; `share`: each has its
 * own, and goes round through these; `once`: each request is sent once.
 */
export type Dealing = 'all' | 'share' | 'once';
export interface DriveOrder {
  readonly url: string;
  readonly shots: readonly Shot[];
  readonly dealing: Dealing;
  readonly connections: number;
  /** Without meaning for `once`. */
  readonly seconds: number;
}

/** Where not one answer came in time the time was too short for this machine: again, for longer. */
export const drive = async (order: DriveOrder): Promise<Driven> => {
  const driven = await driveOnce(order);
  const isOver = driven.requests > 0 || order.dealing === 'once' || order.seconds >= longestSeconds;
  return isOver ? driven : drive({ ...order, seconds: Math.min(longestSeconds, 10 * order.seconds) });
};

const longestSeconds = 10;

const driveOnce = (order: DriveOrder): Promise<Driven> =>
  new Promise((resolve, reject) => {
    const { url, shots, dealing, connections, seconds } = order;
    const latencies: number[] = [];
    const statuses = new Map<number, number>();
    let client = 0;
    const instance = autocannon(
      {
        url,
        connections,
        // It looks whether to stop this often, in ms.
        sampleInt: 10,
        ...(dealing === 'once' ? { amount: shots.length } : { duration: seconds }),
        idReplacement: shots.some(({ body }) => body?.includes('[<id>]') === true),
        setupClient: (one: Client) => {
          one.setRequests(dealt(order, client));
          client += 1;
        },
      },
      (error: unknown) => {
        if (error !== null && error !== undefined)
          reject(error instanceof Error ? error : new Error('autocannon failed'));
        else resolve(summaryOf(latencies, (lastAt - startedAt) / 1000, statuses));
      },
    );
    const startedAt = performance.now();
    let lastAt = startedAt;
    instance.on('response', (_client, status, _bytes, milliseconds) => {
      lastAt = performance.now();
      latencies.push(milliseconds);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    });
    instance.on('reqError', () => {
      statuses.set(0, (statuses.get(0) ?? 0) + 1);
    });
  });

/** The requests of one connection. autocannon writes into what it is given. */
const dealt = ({ shots, dealing, connections }: DriveOrder, client: number): Request[] => {
  if (dealing === 'all') {
    const start = Math.floor((client * shots.length) / connections);
    return [...shots.slice(start), ...shots.slice(0, start)].map(requestOf);
  }
  const each = Math.floor(shots.length / connections);
  const more = shots.length % connections;
  const from = client * each + Math.min(client, more);
  return shots.slice(from, from + each + (client < more ? 1 : 0)).map(requestOf);
};

const requestOf = ({ method, path, headers, body }: Shot): Request => ({
  method,
  path,
  headers: { ...headers },
  ...(body === undefined ? {} : { body }),
});
