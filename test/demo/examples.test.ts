import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { calm, playExamples } from '../../scripts/docs/play-examples.ts';
import { conflictRules } from '../../src/domain/fault.ts';
import { documentedApi, problemExamples } from '../../src/http/openapi/examples.ts';
import type { Recorded } from '../../src/http/openapi/recorded.ts';
import { routes } from '../../src/http/routes.ts';
import { mustBeDescribed } from '../support/described.ts';
import { freePortPair } from '../support/free-port.ts';
import { startProgram } from '../support/program.ts';

const recorded = JSON.parse(readFileSync('src/http/openapi/examples.json', 'utf8')) as Recorded;

describe('the examples of the documentation', () => {
  let played: Recorded;
  beforeAll(async () => {
    const data = mkdtempSync(join(tmpdir(), 'civitas-examples-'));
    const port = await freePortPair();
    const program = await startProgram({ env: { DATA_DIR: data, PORT: String(port), ...calm } });
    try {
      played = await playExamples({ apiUrl: program.url, oauthUrl: `http://127.0.0.1:${port + 1}` });
    } finally {
      await program.stop();
      rmSync(data, { recursive: true, force: true });
    }
  });

  it.each(routes.map(({ operationId }) => operationId))(
    '%s is shown as the demo answers it today (else: add it to scripts/docs/example-calls.ts, npm run examples)',
    (operationId) => {
      expect(recorded.calls[operationId]).toBeDefined();
      expect(played.calls[operationId]).toEqual(recorded.calls[operationId]);
    },
  );

  it.each(Object.entries(problemExamples).flatMap(([code, example]) => (example === 'recorded' ? [code] : [])))(
    'the problem %s is shown as the demo answers it today (else: npm run examples)',
    (code) => {
      expect(recorded.problems[code]).toBeDefined();
      expect(played.problems[code]).toEqual(recorded.problems[code]);
    },
  );

  it('name every rule of a conflict (else: npm run examples)', () => {
    expect(played.conflictRules).toEqual(recorded.conflictRules);
    expect(Object.keys(recorded.conflictRules)).toEqual([...conflictRules].sort());
  });

  it('are of nothing else', () => {
    expect(Object.keys(recorded.calls).sort()).toEqual(routes.map(({ operationId }) => operationId).sort());
    const codes = Object.entries(problemExamples).filter(([, example]) => example === 'recorded');
    expect(Object.keys(recorded.problems).sort()).toEqual(codes.map(([code]) => code).sort());
  });

  it.each(Object.entries(recorded.calls))('%s is as its schema says', (_operationId, { request, answer }) => {
    const { 'Content-Type': contentType = null } = answer.headers;
    mustBeDescribed(request.method, request.address, { status: answer.status, contentType, body: answer.json });
  });

  it('hold nothing that a tool would fill into a request', async () => {
    const { paths } = (await documentedApi(routes)) as {
      paths: Record<string, Record<string, { parameters: object[]; requestBody?: object }>>;
    };
    const requests = Object.values(paths).flatMap((methods) =>
      Object.values(methods).map(({ parameters, requestBody }) => ({ parameters, requestBody })),
    );
    expect(requests.length).toBe(routes.length);
    expect(JSON.stringify(requests)).not.toContain('"example');
  });
});
