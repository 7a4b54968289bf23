import request from 'supertest';
import type { AnonymizeCommand } from '../../src/use-cases/anonymization/commands.ts';
import { adminToken, lastCommand, testApp } from './support/app.ts';

const one = '/api/site/1/user/7';
const calls = [`${one}/do-anonymize`, `${one}/do-anonymizeall`, '/api/site/1/do-anonymize-all-users'];
const put = async (path: string, body: object = {}, headers: Record<string, string> = {}) => {
  const { app, heard } = testApp();
  const answer = await request(app)
    .put(path)
    .set({ 'X-Authorization': adminToken, ...headers })
    .send(body);
  const pointer: unknown = answer.body.errors?.[0]?.pointer;
  return { status: answer.status, pointer, text: answer.text, command: lastCommand(heard) };
};

describe.each(calls)('the reason of %s', (path) => {
  test.each(['Zaak#2024/12_a.b-c', 'x', '1'.repeat(40)])(
    'is the number of a ticket, in the body or in the query: %s',
    async (reason) => {
      const [inBody, inQuery] = [
        await put(path, { reason }),
        await put(`${path}?reason=${encodeURIComponent(reason)}`),
      ];
      const twice = await put(`${path}?reason=${encodeURIComponent(reason)}`, { reason });
      for (const { status, command } of [inBody, inQuery, twice])
        expect([status < 300, command['reason']]).toEqual([true, reason]);
    },
  );

  test('need not be given', async () => {
    const { status, command } = await put(path);
    expect([status < 300, command['reason']]).toEqual([true, undefined]);
  });

  test.each(['', ' ', 'niels@example.org', 'Niels Vegter', 'Jan\n', 'é', '1'.repeat(41), '0'.repeat(100_000)])(
    'is nothing that could be somebody: %#',
    async (reason) => {
      const refused = await put(path, { reason });
      expect([refused.status, refused.pointer]).toEqual([422, '/reason']);
      if (reason.trim() !== '') expect(refused.text).not.toContain(reason);
      if (reason.length > 1000) return;
      expect(await put(`${path}?reason=${encodeURIComponent(reason)}`)).toMatchObject({
        status: 400,
        pointer: 'reason',
      });
    },
  );

  test.each([null, 12, true, ['a'], { a: 1 }])('is a text: %j is none', async (reason) => {
    expect(await put(path, { reason })).toMatchObject({ status: 422, pointer: '/reason' });
  });

  test('that is given twice, and differently, is refused: nobody can say which counts', async () => {
    expect(await put(`${path}?reason=a`, { reason: 'b' })).toMatchObject({ status: 400, pointer: 'reason' });
    expect((await put(`${path}?reason=a&reason=a`)).status).toBe(400);
  });

  test('makes another call of it under an Idempotency-Key', async () => {
    const bodyOf = async (query: string, body: object) =>
      ((await put(path + query, body, { 'Idempotency-Key': 'k' })).command as unknown as AnonymizeCommand).repeat?.body;
    const [none, a, b, aInQuery] = [
      await bodyOf('', {}),
      await bodyOf('', { reason: 'a' }),
      await bodyOf('', { reason: 'b' }),
      await bodyOf('?reason=a', {}),
    ];
    expect(new Set([none, a, b]).size).toBe(3);
    expect(aInQuery).toBe(a);
  });
});

test('a preview takes no reason: it is a word that it does not know', async () => {
  for (const path of [`${one}/will-anonymize`, `${one}/will-anonymizeall`, '/api/site/1/will-anonymize-all-users']) {
    expect(await put(path, { reason: 'a' })).toMatchObject({ status: 400, pointer: 'reason' });
    expect(await put(`${path}?reason=a`)).toMatchObject({ status: 400, pointer: 'reason' });
  }
});

test('a back office gives one, too, and is told 422 where it is wrong', async () => {
  const { app, heard } = testApp();
  const post = (query: string, body: object) =>
    request(app).post(`/api/v1/users/1234/anonymize${query}`).set('Authorization', 'Bearer token-admin').send(body);
  for (const [query, body] of [
    ['', { reason: 'Zaak-1' }],
    ['?reason=Zaak-1', {}],
  ] as const) {
    expect((await post(query, body)).status).toBe(200);
    expect(lastCommand(heard)['reason']).toBe('Zaak-1');
  }
  for (const [query, body] of [
    ['', { reason: 'Jan Jansen' }],
    ['?reason=Jan Jansen', {}],
    ['?reason=a', { reason: 'b' }],
    ['', { raeson: 'a' }],
  ] as const)
    expect((await post(query, body)).status).toBe(422);
});
