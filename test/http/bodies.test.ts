import request from 'supertest';
import { adminToken, lastCommand, testApp } from './support/app.ts';

const one = '/api/site/1/user/7';
const put = (app: ReturnType<typeof testApp>['app'], body: string | Buffer, type = 'application/json') =>
  request(app)
    .put(one)
    .set('X-Authorization', adminToken)
    .set('Content-Type', type)
    .serialize((raw: string) => raw)
    .send(body as string);

describe('a body', () => {
  test.each([
    ['malformed JSON', '{"firstName":', 400],
    ['words', 'hello', 400],
    ['an unfinished text', '{"firstName":"a', 400],
    ['a list', '[]', 422],
    ['a number', '5', 422],
    ['null', 'null', 422],
    ['nested lists by the ten thousand', '['.repeat(50_000) + ']'.repeat(50_000), 422],
    ['nested objects, deeper than 32', `{"extraData":${'{"a":'.repeat(40)}1${'}'.repeat(40)}}`, 422],
    ['more than 10,000 list items', `{"nothing":[${'0,'.repeat(10_000)}0]}`, 422],
    ['more than 10,000 keys', `{${Array.from({ length: 10_001 }, (_none, at) => `"k${at}":0`).join(',')}}`, 422],
    ['unfinished nesting', '{"a":'.repeat(40_000), 422],
    ['__proto__', '{"__proto__":{"role":"admin"}}', 422],
    ['__proto__ deep inside', '{"extraData":{"a":[{"__proto__":1}]}}', 422],
    ['constructor inside what is ignored', '{"nothing":{"constructor":{"prototype":1}}}', 422],
    ['prototype', '{"extraData":{"prototype":1}}', 422],
    ['a number beyond numbers', '{"extraData":{"a":1e999}}', 422],
    ['half a character', '{"extraData":{"a":"\\ud800"}}', 422],
  ])('of %s is refused', async (_what, body, status) => {
    const { app, heard } = testApp();

    const answer = await put(app, body);

    expect(answer.status).toBe(status);
    expect(answer.type).toBe('application/problem+json');
    expect(heard).toEqual([]);
    expect(({} as Record<string, unknown>)['role']).toBeUndefined();
  });

  test('that is no UTF-8 is refused, and not quietly changed', async () => {
    const { app } = testApp();

    const answer = await put(app, Buffer.from([0x7b, 0x22, 0x61, 0x22, 0x3a, 0x22, 0xff, 0xfe, 0x22, 0x7d]));

    expect([answer.status, answer.body.errors[0].detail]).toEqual([400, 'is not UTF-8']);
  });

  test('of more than 256 kB is too large', async () => {
    const answer = await put(testApp().app, JSON.stringify({ extraData: { a: 'x'.repeat(300_000) } }));

    expect([answer.status, answer.body.limit]).toEqual([413, '256 kB']);
  });

  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/json; charset=latin1',
    'application/jsonx',
  ])('of type %s is not supported', async (type) => {
    expect((await put(testApp().app, '{}', type)).status).toBe(415);
  });

  test.each([
    'application/json',
    'application/json; charset=UTF-8',
    'Application/JSON',
    'application/merge-patch+json',
  ])('of type %s is read', async (type) => {
    const { app, heard } = testApp();

    await put(app, '{"city":"Utrecht"}', type);

    expect(lastCommand(heard)['change']).toEqual({ city: 'Utrecht' });
  });

  test('that is empty is an empty object', async () => {
    const { app, heard } = testApp();

    expect((await put(app, '')).status).toBe(200);
    expect((await request(app).put(one).set('X-Authorization', adminToken)).status).toBe(200);
    expect(heard.map(({ command }) => (command as Record<string, unknown>)['change'])).toEqual([{}, {}]);
  });

  test('10,000 keys and list items are still read, empty lists among them', async () => {
    const items = (count: number): string => Array.from({ length: count }, () => '[ ]').join(', ');

    expect((await put(testApp().app, `{ "nothing" : [ ${items(9_999)} ] }`)).status).toBe(200);
    expect((await put(testApp().app, `{ "nothing" : [ ${items(10_000)} ] }`)).status).toBe(422);
    expect((await put(testApp().app, `{ "nothing" : "${',[{\\"'.repeat(10_000)}" }`)).status).toBe(200);
  });

  test('of a hundred thousand mistakes is answered in few words', async () => {
    const answer = await put(testApp().app, `{"${'k'.repeat(100_000)}":[${'{"__proto__":1},'.repeat(4_000)}1]}`);

    expect([answer.status, answer.body.errors.length]).toEqual([422, 100]);
    expect(answer.text.length).toBeLessThan(40_000);
  });

  test('32 deep is still read', async () => {
    expect((await put(testApp().app, `{"extraData":${'{"a":'.repeat(30)}1${'}'.repeat(30)}}`)).status).toBe(200);
  });
});
