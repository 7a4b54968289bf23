import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import request from 'supertest';
import { loadConfig } from '../../src/config/index.ts';
import { createContainer } from '../../src/container.ts';
import { writableFields } from '../../src/domain/users/user-fields.ts';
import { problems } from '../../src/http/problems.ts';
import { routes } from '../../src/http/routes.ts';
import { createLogger } from '../../src/platform/logger.ts';
import { testApp } from './support/app.ts';

describe('the OpenAPI document', () => {
  test('holds every row of the table, and nothing else', async () => {
    const { body } = await request(testApp().app).get('/openapi.json');

    const described = Object.entries(body.paths as object).flatMap(([path, item]) =>
      Object.keys(item as object).map((method) => `${method} ${path}`),
    );
    expect(described.sort()).toEqual(routes.map(({ method, path }) => `${method} ${path}`).sort());
    expect(new Set(routes.map(({ operationId }) => operationId)).size).toBe(routes.length);
  });

  test('describes the bodies from the table of fields', async () => {
    const { body } = await request(testApp().app).get('/openapi.json');

    const { properties } =
      body.paths['/api/site/{siteId}/user/{userId}'].put.requestBody.content['application/json'].schema;
    expect(Object.keys(properties).sort()).toEqual([...writableFields, 'zipCode'].sort());
    expect(properties.firstName).toMatchObject({ type: ['string', 'null'], maxLength: 64 });
    expect(properties.gender).toEqual({ type: ['string', 'null'], enum: ['male', 'female', null] });
  });

  test('names each problem as one of a kind, with every rule that is told', async () => {
    const { body } = await request(testApp().app).get('/openapi.json');
    const { schemas } = body.components;

    const kinds = (schemas.Problem.oneOf as readonly { readonly $ref: string }[]).map(
      ({ $ref }) => schemas[$ref.split('/').at(-1) ?? ''].properties.type.const as string,
    );
    expect(kinds).toEqual([...Object.keys(problems), 'internal-error'].map((code) => `/problems/${code}`));
    const told = [schemas.ForbiddenProblem, schemas.ConflictProblem].flatMap(
      ({ properties }) => properties.rule.enum as readonly string[],
    );
    const thrown = [...readFileSync('docs/reference/tables/rules.md', 'utf8').matchAll(/^\| `([\w-]+)`/gm)];
    expect(told.sort()).toEqual(thrown.map(([, rule]) => rule).sort());
  });

  test('tells of each status of a call what it can be, and nothing else', async () => {
    const { body } = await request(testApp().app).get('/openapi.json');
    const { responses } = body.paths['/api/site/{siteId}/user/{userId}'].put;

    expect(responses[412].content['application/problem+json'].schema).toEqual({
      $ref: '#/components/schemas/PreconditionFailedProblem',
    });
    expect(responses[502].content['application/problem+json'].schema).toEqual({
      oneOf: [
        { $ref: '#/components/schemas/OauthUnreachableProblem' },
        { $ref: '#/components/schemas/OauthRefusedProblem' },
      ],
    });
  });

  test('passes the linter', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'openapi-'));
    const file = join(folder, 'openapi.json');
    writeFileSync(file, (await request(testApp().app).get('/openapi.json')).text);

    const lint = () =>
      execFileSync('node_modules/.bin/redocly', ['lint', '--extends=recommended', file], {
        env: { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' },
        stdio: 'pipe',
      });

    expect(lint).not.toThrow();
    rmSync(folder, { recursive: true });
  });
});

describe('/openapi.json', () => {
  test('is told once to who has it', async () => {
    const { app } = testApp();
    const first = await request(app).get('/openapi.json');
    const again = await request(app).get('/openapi.json').set('If-None-Match', String(first.headers['etag']));
    expect([first.status, again.status, again.text]).toEqual([200, 304, '']);
  });

  test('has an example of every problem, by its code, in each form that answers have', async () => {
    const { body } = await request(testApp().app).get('/openapi.json');
    expect(Object.keys(body.components.examples as object).sort()).toEqual(
      [...Object.keys(problems), 'internal-error'].sort(),
    );
    const { responses } = body.paths['/api/v1/users/{uid}'].get;
    expect(responses['404'].content['application/json'].examples['user-not-found'].value).toEqual({
      success: false,
      errors: [{ name: 'user-not-found', message: 'There is no such user at this site.' }],
    });
    expect(body.paths['/api/site/{siteId}'].get.responses['404'].content['application/problem+json'].examples).toEqual({
      'not-found': { $ref: '#/components/examples/not-found' },
      'site-not-found': { $ref: '#/components/examples/site-not-found' },
    });
  });
});

describe('the documentation page', () => {
  test.each([
    '/docs',
    '/docs/',
    ...readdirSync('src/http/docs-page').flatMap((file) => (file === 'tsconfig.json' ? [] : [`/docs/${file}`])),
  ])('%s is served from here, and runs nothing that stands inline', async (address) => {
    const answer = await request(testApp().app).get(address);

    expect([answer.status, answer.headers['cache-control']]).toEqual([200, 'no-cache']);
    expect(answer.headers['content-security-policy']).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
    );
  });

  test('loads nothing from elsewhere, and serves nothing that is beside it', async () => {
    expect((await request(testApp().app).get('/docs')).text).not.toMatch(/https?:\/\//);
    expect((await request(testApp().app).get('/docs/tsconfig.json')).status).toBe(404);
    expect((await request(testApp().app).get('/docs/..%2fdocs.ts')).status).toBe(404);
  });

  test('is where / leads', async () => {
    const answer = await request(testApp().app).get('/');
    expect([answer.status, answer.headers['location']]).toEqual([302, '/docs']);
    expect((await request(testApp().app).post('/')).headers['allow']).toBe('GET, HEAD');
  });

  test('names a token where it is the demo, and else none', async () => {
    expect((await request(testApp().app).get('/docs')).text).not.toContain('data-demo-token');
    const demo = testApp({}, { demoToken: 'demo-"admin"' }).app;
    expect((await request(demo).get('/docs')).text).toContain('data-demo-token="demo-&quot;admin&quot;"');
  });

  test.each([
    ['the demo', {}, 'data-demo-token="demo-admin"'],
    [
      'a demo whose tokens somebody set',
      { AUTH_FIXED_TOKENS: `[{"token": "${'x'.repeat(40)}", "userId": 2}]` },
      '<body>',
    ],
  ])('of %s offers no token but the demo’s own', async (_what, env, shown) => {
    const folder = mkdtempSync(join(tmpdir(), 'demo-'));
    const config = loadConfig({ env: { DEMO: 'true', DATA_DIR: folder, ...env } });
    const container = createContainer(config, { log: createLogger({ level: 'silent', personalFields: [] }) });

    expect((await request(container.app).get('/docs')).text).toContain(shown);

    await container.close();
    rmSync(folder, { recursive: true });
  });
});
