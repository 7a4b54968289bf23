// A child process: what the API is measured against, the least that the same stack can do.
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { createPool, type Pool, type RowDataPacket } from 'mysql2/promise';
import { answering } from './child.ts';

export interface Statement {
  readonly text: string;
  readonly values: readonly (string | number)[];
}
/** One case as a floor answers it, under `/<name>/<variant>`. */
export interface Exhibit {
  readonly name: string;
  /** The bytes that the API answered. */
  readonly body: string;
  /** The rows that the API reads, statement by statement, per variant of the request. */
  readonly variants: readonly (readonly Statement[])[];
}
export type FloorKind = 'http' | 'express' | 'rows';

const exhibits = new Map<string, Exhibit & { readonly bytes: Buffer; readonly json: unknown }>();

const bare: RequestListener = (request, response) => {
  const bytes = exhibits.get(request.url?.split('/')[1] ?? '')?.bytes ?? Buffer.alloc(0);
  response.writeHead(200, { 'content-type': 'application/json; charset=utf-8', 'content-length': bytes.length });
  response.end(bytes);
};

/** Express with what the API turns off turned off as well. */
const application = () => express().disable('etag').disable('x-powered-by');

const withExpress = (): RequestListener =>
  application().get('/:name/:variant', (request, response) => {
    response.json(exhibits.get(request.params.name)?.json);
  });

const withRows = (pool: Pool): RequestListener =>
  application().get('/:name/:variant', async (request, response) => {
    const statements = exhibits.get(request.params.name)?.variants[Number(request.params.variant)] ?? [];
    const found = await Promise.all(
      statements.map(async ({ text, values }) => (await pool.execute<RowDataPacket[]>(text, [...values]))[0]),
    );
    response.json(found.length === 1 ? found[0] : found);
  });

const listeners = {
  http: () => bare,
  express: () => withExpress(),
  rows: (databaseUrl: string) =>
    withRows(createPool({ uri: databaseUrl, connectionLimit: 10, timezone: 'Z', charset: 'utf8mb4' })),
} as const satisfies Record<FloorKind, (databaseUrl: string) => RequestListener>;

const floor = {
  start: ({ kind, databaseUrl }: { readonly kind: FloorKind; readonly databaseUrl: string }): Promise<string> =>
    new Promise((resolve) => {
      const server = createServer(listeners[kind](databaseUrl));
      server.listen(0, '127.0.0.1', () => {
        resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
      });
    }),
  show: (exhibit: Exhibit): void => {
    exhibits.set(exhibit.name, { ...exhibit, bytes: Buffer.from(exhibit.body), json: JSON.parse(exhibit.body) });
  },
};
export type Floor = typeof floor;

answering(floor);
