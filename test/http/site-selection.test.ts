import request from 'supertest';
import { adminToken, lastCommand, testApp } from './support/app.ts';

describe('only…', () => {
  const preview = '/api/site/1/user/7/will-anonymizeall';
  const heardOnly = async (body: object) => {
    const { app, heard } = testApp();
    const answer = await request(app).post(preview).set('X-Authorization', adminToken).send(body);
    return {
      status: answer.status,
      pointer: answer.body.errors?.[0]?.pointer as unknown,
      only: lastCommand(heard)['only'],
    };
  };

  test.each([
    [{}, undefined],
    [{ onlyUserIds: 5 }, { userIds: [5], siteIds: [] }],
    [
      { onlyUserIds: '5', onlySiteIds: '1, 2' },
      { userIds: [5], siteIds: [1, 2] },
    ],
    [{ onlySiteIds: [1, '2'] }, { userIds: [], siteIds: [1, 2] }],
    [{ onlySiteIds: [] }, { userIds: [], siteIds: [] }],
    [{ onlyUserIds: '' }, { userIds: [], siteIds: [] }],
  ])('%j selects', async (body, only) => {
    expect(await heardOnly(body)).toMatchObject({ status: 200, only });
  });

  test.each([0, -1, 1.5, 'x', '1,,2', null, true, {}, [null], [[1]], ['1,2'], '9007199254740993'])(
    'refuses %j',
    async (value) => {
      expect(await heardOnly({ onlyUserIds: value })).toMatchObject({ status: 400, pointer: 'onlyUserIds' });
    },
  );

  test('is not overlooked when misspelt or misplaced: that would anonymize everything', async () => {
    expect(await heardOnly({ onlyUserids: [5] })).toMatchObject({ status: 400, pointer: 'onlyUserids' });
    const misplaced = await request(testApp().app)
      .put('/api/site/1/user/7/do-anonymizeall?onlyUserIds=5')
      .set('X-Authorization', adminToken);
    expect(misplaced.status).toBe(400);
  });

  test.each([
    ['onlyUserIds=5', { userIds: [5], siteIds: [] }],
    ['onlyUserIds=5,6&onlySiteIds=[1,2]', { userIds: [5, 6], siteIds: [1, 2] }],
    ['onlySiteIds=', { userIds: [], siteIds: [] }],
  ])('may stand in the query of a GET: %s', async (query, only) => {
    const { app, heard } = testApp();

    const answer = await request(app).get(`${preview}?${query}`).set('X-Authorization', adminToken);

    expect([answer.status, lastCommand(heard)['only']]).toEqual([200, only]);
  });

  test.each(['onlyUserIds=x', 'onlyUserIds[]=5', 'view=lists', 'view='])('refuses %s in a query', async (query) => {
    expect((await request(testApp().app).get(`${preview}?${query}`).set('X-Authorization', adminToken)).status).toBe(
      400,
    );
  });
});
