import { methodsByPath } from '../../../src/http/router.ts';
import { problems } from '../../../src/http/problems.ts';
import { routes } from '../../../src/http/routes.ts';
import type { Somebody } from './support/people.ts';
import { keysOf, startSentences, user, users, type SentenceWorld } from './support/world.ts';

/** user-api.md §5 "Errors". */
let s: SentenceWorld;
let one: Somebody;
beforeAll(async () => {
  s = await startSentences();
  one = await s.person({ at: { 1: 'member' } });
});
afterAll(() => s.close());
const path = () => user(1, one.at[1]!);

describe('an error is application/problem+json with type, title, status, detail, instance, error and message', () => {
  test.each([
    ['malformed JSON', () => s.put('admin', path(), '{'), 400, 'malformed-request'],
    ['a malformed query', () => s.get('admin', `${users(1)}?page=x`), 400, 'malformed-request'],
    ['a malformed header', () => s.put('admin', path(), {}, { 'if-match': 'x' }), 400, 'malformed-request'],
    ['no credential where one is needed', () => s.put(null, path(), {}), 401, 'unauthenticated'],
    ['a bad credential', () => s.get(null, path(), { authorization: 'Bearer x' }), 401, 'unauthenticated'],
    ['may not', () => s.put('member', path(), {}), 403, 'forbidden'],
    ['an unknown site', () => s.get('admin', user(99, 1)), 404, 'site-not-found'],
    ['an unknown user', () => s.get('admin', user(1, 8_000_000)), 404, 'user-not-found'],
    ['an unknown address', () => s.get('admin', '/api/nothing'), 404, 'not-found'],
    ['a known address with another method', () => s.remove('admin', users(1)), 405, 'method-not-allowed'],
    ['a conflict', () => s.remove('admin', user(1, 4)), 409, 'conflict'],
    ['changed meanwhile', () => s.put('admin', path(), {}, { 'if-match': '"x"' }), 412, 'precondition-failed'],
    ['a body over 256 kB', () => s.put('admin', path(), { city: 'x'.repeat(257 * 1024) }), 413, 'body-too-large'],
    [
      'another type of body',
      () => s.put('admin', path(), 'city=x', { 'content-type': 'text/plain' }),
      415,
      'unsupported-media-type',
    ],
    ['wrong values', () => s.put('admin', path(), { gender: 'x' }), 422, 'invalid-values'],
  ])('%s', async (_what, call, status, code) => {
    const { headers, body, ...answer } = await call();
    expect([answer.status, headers.get('content-type')]).toEqual([
      status,
      expect.stringMatching(/^application\/problem\+json/),
    ]);
    expect(body).toMatchObject({
      type: `/problems/${code}`,
      status,
      instance: headers.get('x-request-id'),
      error: body.detail,
      message: body.detail,
    });
    expect([typeof body.title, typeof body.detail, body.detail.length > 0]).toEqual(['string', 'string', true]);
    expect(headers.get('cache-control')).toMatch(/private, no-cache|no-store/);
  });

  test('403 names the rule, 405 has Allow, 422 has one entry per field with pointer and detail', async () => {
    expect((await s.put('member', path(), {})).body.rule).toBe('owner-or-moderator');
    expect((await s.remove('admin', users(1))).headers.get('allow')).toBe('GET, HEAD, POST');
    const { body } = await s.put('admin', path(), { gender: 'x', city: 7, extraData: { gender: 'male' } });
    expect(body.errors).toEqual(
      ['/gender', '/city']
        .map((pointer) => ({ pointer, detail: expect.any(String) }))
        .sort((a, b) => (a.pointer > b.pointer ? 1 : -1)),
    );
  });
});

describe('/problems/<code> answers with a paragraph of help', () => {
  test.each(Object.keys(problems))('%s', async (code) => {
    const answer = await s.get(null, `/problems/${code}`);
    expect([answer.status, answer.text.length > 60]).toEqual([200, true]);
  });

  test('and not for what is no code', async () => {
    for (const code of ['nonesuch', '__proto__', 'toString'])
      expect((await s.get(null, `/problems/${code}`)).status).toBe(404);
  });
});

describe('405 with Allow', () => {
  test.each([...methodsByPath(routes)])('%s', async (template, methods) => {
    const address = template.replace('{siteId}', '1').replace('{userId}', String(one.at[1]!));
    for (const method of ['GET', 'POST', 'PUT', 'DELETE', 'PATCH'].filter((name) => !methods.includes(name))) {
      const answer = await s.world.call('admin', method, address);
      expect([answer.status, answer.headers.get('allow')]).toEqual([405, methods.join(', ')]);
    }
  });
});

describe('500 means a bug: what comes from outside never makes one', () => {
  const deep = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
  const bodies = [
    ...[
      'null',
      '[]',
      '"x"',
      '1',
      'true',
      '{"city":{"$gt":""}}',
      '{"city":["x"]}',
      '{"role":{}}',
      '{"extraData":"x"}',
      '{"extraData":{"":1}}',
    ],
    ...[
      `{"extraData":${deep(20)}}`,
      `{"extraData":${deep(3000)}}`,
      deep(30_000),
      '[[[[[[',
      '{"city":"\\u0000"}',
      '{"city":"\\ud800"}',
    ],
    ...[
      '{"postcode":1e400}',
      '{"email":"x@y.z\\r\\nBcc: a@b.c"}',
      '{"firstName":"<script>alert(1)</script>"}',
      '{"lastName":"\' OR 1=1 --"}',
    ],
    ...[
      '{"id":9007199254740993}',
      '{"constructor":1}',
      '{"toString":1,"hasOwnProperty":1,"valueOf":1}',
      '{"city":"a","city":"b"}',
      '\ufeff{}',
    ],
  ];
  test.each(bodies.map((body) => [body.slice(0, 60), body]))('PUT of %s', async (_short, body) => {
    const target = await s.person({ at: { 1: 'member' } });
    for (const answer of [
      await s.put('admin', user(1, target.at[1]!), body),
      await s.put('admin', `${user(1, target.at[1]!)}/will-anonymize`, body),
    ]) {
      expect([200, 400, 422]).toContain(answer.status);
      expect(answer.text).not.toMatch(/SELECT|node_modules|sequelize|sqlite|Error:/i);
    }
  });

  const queries = [
    'page[]=1',
    'page[a]=1',
    'filter=null',
    'filter=%00',
    'filter={"id":[[1]]}',
    'filter={"id":1e999}',
    'filter={"id":{"!=":{}}}',
    'filter={"email":"\\u0000"}',
  ];
  const more = [
    'sort=[["id"],"ASC"]',
    'sort=id_asc,city_asc',
    'sort=%F0%9F%98%80',
    'cursor=%00',
    'page=0&pageSize=1e1',
    '%',
    '%zz=1',
    'filter=%E0%A4%A',
    'filter={"createdAt":"0000-00-00"}',
    'filter={"createdAt":"+275760-09-13T00:00:00.001Z"}',
  ];
  test.each([...queries, ...more])('GET with ?%s', async (query) => {
    const answer = await s.get('admin', `${users(1)}?${query}`);
    expect([200, 400]).toContain(answer.status);
    expect(answer.text).not.toMatch(/SELECT|node_modules|sequelize|sqlite/i);
  });

  test.each(['2147483648', '9007199254740991', '9007199254740992', '1e3', '0x1', '1;drop', '1,2', '１'])(
    'id %s',
    async (id) => {
      for (const address of [
        `/api/site/${id}/user`,
        user(1, id),
        `${user(1, id)}/activity`,
        `${user(1, id)}/will-anonymizeall`,
      ]) {
        expect((await s.get('admin', address)).status).toBe(404);
      }
      expect((await s.remove('admin', user(1, id))).status).toBe(404);
    },
  );

  test('and none was logged', () => {
    expect(s.world.log()).not.toContain('a request failed as none should');
  });
});

describe('text', () => {
  test.each(['Jansen & Zn', '1 < 2', 'a > b', "O'Brien", '"quoted"', 'a\\b', 'é ñ ü ş', 'x; DROP TABLE users', '%_!'])(
    '%s is stored as written',
    async (city) => {
      expect((await s.put('admin', path(), { city })).body.city).toBe(city);
      // The OAuth server keeps three signs as entities, and the adapter reads them back.
      const kept = city.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
      expect([(await s.row(one.at[1]!))?.city, s.there(one.externalId)?.city]).toEqual([city, kept]);
    },
  );

  test.each([
    ['<b>Jan</b>', 'Jan'],
    ['Jan<script>x</script>', 'Janx'],
    ['a<!-- b -->c', 'ac'],
    ['1 < 2', '1 < 2'],
    ['<<b>script>', ''],
  ])('a name loses tags: %s', async (lastName, expected) => {
    expect((await s.put('admin', path(), { lastName })).body.lastName).toBe(expected === '' ? null : expected);
  });

  test.each(['<b', 'Jan <script', '<!--', 'Jan <b>x</b'])(
    'that a tag would swallow, as nothing closes it, is 422 naming the field: %s',
    async (firstName) => {
      const before = (await s.row(one.at[1]!))?.firstName;
      const answer = await s.put('admin', path(), { firstName });
      expect([answer.status, answer.body.errors]).toEqual([
        422,
        [{ pointer: '/firstName', detail: 'holds a tag that nothing closes' }],
      ]);
      expect((await s.row(one.at[1]!))?.firstName).toBe(before);
    },
  );

  test('that the OAuth server cannot hold is 422 naming the field', async () => {
    const answer = await s.put('admin', path(), { city: '😀', lastName: '🙂', extraData: { bio: ['🙂'] } });
    expect([answer.status, keysOf(answer.body as object).includes('errors'), answer.body.errors]).toEqual([
      422,
      true,
      expect.arrayContaining(
        ['/city', '/lastName', '/extraData/bio'].map((pointer) => expect.objectContaining({ pointer }) as unknown),
      ) as unknown,
    ]);
  });
});
