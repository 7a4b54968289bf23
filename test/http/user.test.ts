import request from 'supertest';
import { Fault } from '../../src/domain/fault.ts';
import type { UpdateUserCommand } from '../../src/use-cases/users/commands.ts';
import { adminToken, lastCommand, testApp } from './support/app.ts';
import { niels } from './support/world.ts';

const one = '/api/site/1/user/7';

describe('viewing a user', () => {
  test('shows each as much as they may see, under a tag of exactly that', async () => {
    const { app } = testApp();

    const [visitor, moderator] = [
      await request(app).get(one),
      await request(app).get(one).set('X-Authorization', 'moderator-token'),
    ];

    expect(visitor.body).toMatchObject({ id: 7, displayName: 'Niels Vegter' });
    expect(visitor.body).not.toHaveProperty('email');
    expect(moderator.body).toMatchObject({ email: 'niels@example.org' });
    expect(visitor.headers['etag']).toMatch(/^"[\w-]{43}"$/);
    expect(visitor.headers['etag']).not.toBe(moderator.headers['etag']);
  });

  test('tells a fixed token of a moderator how fresh it is, and not that of a member', async () => {
    const { app } = testApp();

    const moderator = await request(app).get(one).set('X-Authorization', 'moderator-token');
    expect([moderator.headers['age'], moderator.headers['x-cache']]).toEqual(['12', 'HIT']);
    for (const answer of [
      await request(app).get(one),
      await request(app).get(one).set('X-Authorization', 'member-token'),
    ]) {
      expect([answer.headers['age'], answer.headers['x-cache']]).toEqual([undefined, undefined]);
    }
  });

  test.each([
    (tag: string) => tag,
    (tag: string) => `W/${tag}`,
    (tag: string) => `"other", W/"more", ${tag}`,
    () => '*',
  ])('answers 304 to whom has it already (%#)', async (written) => {
    const { app } = testApp();
    const first = await request(app).get(one);

    const again = await request(app)
      .get(one)
      .set('If-None-Match', written(String(first.headers['etag'])));

    expect([again.status, again.text, again.headers['etag']]).toEqual([304, '', first.headers['etag']]);
    expect(again.headers['vary']).toBe('Authorization, X-Authorization, Origin');
  });

  test('answers whole to whom has another, also the one that somebody else sees', async () => {
    const { app } = testApp();
    const other = await request(app).get(one).set('X-Authorization', adminToken);

    const answer = await request(app).get(one).set('If-None-Match', String(other.headers['etag']));

    expect(answer.status).toBe(200);
  });

  test.each(['nonsense', '"a" "b"', '"', `${'"a",'.repeat(3000)}"a"`])(
    'refuses a list of tags that is none (%#)',
    async (value) => {
      const answer = await request(testApp().app).get(one).set('If-None-Match', value);

      expect([answer.status, answer.body.errors[0].pointer]).toEqual([400, 'If-None-Match']);
    },
  );

  test.each([
    ['no-cache', true],
    ['max-age=0, no-cache', true],
    ['max-age=0', false],
    ['only-no-cache-like', false],
  ])('asks the source first with Cache-Control: %s', async (value, refresh) => {
    const { app, heard } = testApp();

    await request(app).get(one).set('Cache-Control', value);

    expect(lastCommand(heard)['refresh']).toBe(refresh);
  });
});

describe('updating a user', () => {
  const updating = () =>
    testApp({
      updateUser: async ({ actor, stillMatches }: UpdateUserCommand) => {
        if (stillMatches?.(niels()) === false) throw new Fault('precondition-failed', {});
        return { actor, user: niels({ city: 'Utrecht' }) };
      },
    });

  test('goes through when nothing changed since it was seen', async () => {
    const { app } = updating();
    const seen = await request(app).get(one).set('X-Authorization', adminToken);

    const put = (tag: string) =>
      request(app).put(one).set('X-Authorization', adminToken).set('If-Match', tag).send({ city: 'Utrecht' });

    const tag = String(seen.headers['etag']);
    expect([
      (await put(tag)).status,
      (await put(`W/${tag}`)).status,
      (await put('*')).status,
      (await put(`"x", ${tag}`)).status,
    ]).toEqual([200, 200, 200, 200]);
    expect((await put('"x"')).status).toBe(412);
    expect((await put('x')).status).toBe(400);
    expect((await put(tag)).headers['etag']).not.toBe(tag);
  });

  test.each([
    ['delete', one],
    ['put', `${one}/will-anonymize`],
    ['post', '/api/site/1/user'],
  ] as const)('heeds If-Match; a call that cannot refuses it: %s %s', async (method, address) => {
    const { app, heard } = testApp();

    const answer = await request(app)[method](address).set('X-Authorization', adminToken).set('If-Match', '"x"');

    expect([answer.status, answer.body.errors, heard]).toEqual([
      400,
      [{ pointer: 'If-Match', detail: 'is not supported by this call' }],
      [],
    ]);
  });
});

describe('deleting a user', () => {
  test('says so, and what became of the person', async () => {
    const answer = await request(testApp().app).delete(one).set('X-Authorization', adminToken);

    expect(answer.body).toEqual({ user: 'deleted' });
    expect([answer.headers['x-oauth-removal'], answer.headers['x-oauth-values']]).toEqual(['done', 'none']);
  });
});
