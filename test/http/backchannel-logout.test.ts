import request from 'supertest';
import { lastCommand, testApp } from './support/app.ts';

const address = '/oauth/site/1/backchannel-logout';
const told = (form: string, type = 'application/x-www-form-urlencoded', query = '') => {
  const { app, heard } = testApp();
  return {
    heard,
    answer: request(app)
      .post(`${address}${query}`)
      .set('Content-Type', type)
      .serialize((raw: string) => raw)
      .send(form as never),
  };
};

test('the message of a form reaches the use case, with the name of the OAuth settings', async () => {
  const { answer, heard } = told('logout_token=a.b%2Bc.d&other=1', undefined, '?useOauth=second');

  const { status, headers } = await answer;

  expect([status, headers['cache-control']]).toEqual([200, 'no-store']);
  expect(lastCommand(heard)).toMatchObject({ provider: 'second', message: 'a.b+c.d', site: { id: 1 } });
});

test.each([
  ['no token', 'something=else', undefined, '', 400],
  ['nothing', '', undefined, '', 400],
  ['two tokens', 'logout_token=a&logout_token=b', undefined, '', 400],
  ['bytes that are no UTF-8', 'logout_token=%ff%fe', undefined, '', 200],
  ['JSON', '{"logout_token":"a"}', 'application/json', '', 415],
  ['a name that can be none', 'logout_token=a', undefined, '?useOauth=%00', 400],
  ['too much', `logout_token=${'a'.repeat(300_000)}`, undefined, '', 413],
])('a request with %s is answered as it should be', async (_what, form, type, query, status) => {
  const { answer } = told(form, type, query);

  expect((await answer).status).toBe(status);
});
