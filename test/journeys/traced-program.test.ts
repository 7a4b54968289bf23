import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { startProgram } from '../support/program.ts';
import { startRecordedWorld, type RecordedWorld } from '../support/recorded-world.ts';
import { until } from '../support/until.ts';

/** "An operator attaches an SDK of their own as docs/operate.md says, and everything arrives that the program did until its end." */
interface ExportedSpan {
  readonly name: string;
  readonly traceId: string;
  readonly parentSpanId?: string;
}
interface Exported {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly { readonly key: string; readonly value: object }[] };
    readonly scopeSpans: readonly { readonly spans: readonly ExportedSpan[] }[];
  }[];
}

let world: RecordedWorld;
let collector: Server;
const folder = mkdtempSync(join(tmpdir(), 'civitas-tracing-'));
let received: Exported[] = [];
beforeAll(async () => {
  world = await startRecordedWorld({}, { outboxSeconds: 3600 });
  const example =
    /```js\n(\/\/ tracing\/tracing\.mjs\n.*?)```/s.exec(readFileSync('docs/operate.md', 'utf8'))?.[1] ?? '';
  writeFileSync(join(folder, 'tracing.mjs'), example);
  // The operator's own packages: other copies than the program's, also of the API.
  mkdirSync(join(folder, 'node_modules'));
  cpSync('node_modules/@opentelemetry', join(folder, 'node_modules/@opentelemetry'), { recursive: true });
  collector = createServer((request, response) => {
    void text(request).then((body) => {
      if (request.url === '/v1/traces') received.push(JSON.parse(body) as Exported);
      response.setHeader('content-type', 'application/json').end('{}');
    });
  }).listen(0, '127.0.0.1');
  await once(collector, 'listening');
});
afterAll(async () => {
  collector.close();
  rmSync(folder, { recursive: true, force: true });
  await world.close();
});

const spans = (): readonly ExportedSpan[] =>
  received
    .flatMap(({ resourceSpans }) => resourceSpans)
    .flatMap(({ scopeSpans }) => scopeSpans.flatMap((one) => one.spans));

test.each(['1', '2'])('by the example of the documentation, in %s processes', async (workers) => {
  received = [];
  const { port } = collector.address() as AddressInfo;
  const program = await startProgram({
    nodeArgs: ['--import', join(folder, 'tracing.mjs')],
    env: { ...world.env, WEB_CONCURRENCY: workers, OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}` },
  });
  const traceId = `${workers}a`.repeat(16);
  const headers = { 'x-authorization': 'fixed-admin', traceparent: `00-${traceId}-00000000000000ab-01` };
  const { status } = await fetch(`${program.url}/api/site/1/user/111`, { headers });
  await until('its line in the log', () => program.output().includes(`"trace_id":"${traceId}"`));
  const code = await program.stop();

  expect([status, code]).toEqual([200, 0]);
  const own = spans().filter((span) => span.traceId === traceId);
  expect(own.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['GET /api/site/{siteId}/user/{userId}', 'getUser', 'SELECT users']),
  );
  const line = program
    .output()
    .split('\n')
    .find((one) => one.includes(traceId) && one.includes('"msg":"request"'));
  expect(line).toContain('"span_id":"');
  expect(JSON.stringify(received[0]?.resourceSpans[0]?.resource)).toContain('"civitas"');
});
