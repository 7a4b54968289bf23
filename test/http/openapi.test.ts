import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import request from 'supertest';
import { writableFields } from '../../src/domain/users/user-fields.ts';
import { routes } from '../../src/http/routes.ts';
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

describe('the documentation page', () => {
  test.each([
    '/docs',
    '/docs/',
    '/docs/start.js',
    '/docs/swagger-ui.css',
    '/docs/swagger-ui-bundle.js',
    '/docs/favicon-32x32.png',
  ])('%s is served from here', async (address) => {
    const answer = await request(testApp().app).get(address);

    expect(answer.status).toBe(200);
    expect(answer.headers['content-security-policy']).toMatch(/^default-src 'self';/);
  });

  test('loads nothing from elsewhere, and serves nothing else of the package', async () => {
    expect((await request(testApp().app).get('/docs')).text).not.toMatch(/https?:\/\//);
    expect((await request(testApp().app).get('/docs/package.json')).status).toBe(404);
    expect((await request(testApp().app).get('/docs/..%2fpackage.json')).status).toBe(404);
  });
});
