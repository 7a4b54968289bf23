import request from 'supertest';
import { testApp } from './support/app.ts';
import { json, list } from './support/listing.ts';

describe('the order of a list', () => {
  test.each([
    ['', { field: 'id', direction: 'ASC' }],
    [`&sort=${json(['lastName', 'DESC'])}`, { field: 'lastName', direction: 'DESC' }],
    [`&sort=${json(['createdAt', 'asc'])}`, { field: 'createdAt', direction: 'ASC' }],
    ['&sort=lastName_desc', { field: 'lastName', direction: 'DESC' }],
    ['&sort=id_ASC', { field: 'id', direction: 'ASC' }],
  ])('is asked for: %s', async (query, sort) => {
    expect((await list(`page=0${query}`)).command['sort']).toEqual(sort);
  });

  test.each([
    ...[
      'lastName',
      'lastName_down',
      'nothing_asc',
      '_asc',
      '[',
      '[]',
      '{}',
      '["lastName"]',
      '["lastName","DESC","x"]',
      '[["lastName","DESC"]]',
      '[1,2]',
    ],
    ...[
      'extraData_asc',
      'zipCode_asc',
      'personId_asc',
      'externalAccessToken_asc',
      'externalUserId_asc',
      '__proto___asc',
      'id; DROP TABLE users_asc',
    ],
  ])('is refused to a moderator: %s', async (sort) => {
    expect(await list(`page=0&sort=${encodeURIComponent(sort)}`)).toMatchObject({ status: 400, pointer: 'sort' });
  });
});

describe('a filter', () => {
  test.each([
    [{ role: 'moderator' }, [{ field: 'role', is: 'equal', values: ['moderator'] }]],
    [{ role: { '!=': 'member' } }, [{ field: 'role', is: 'different', values: ['member'] }]],
    [{ lastName: { substring: 'ga%_' } }, [{ field: 'lastName', is: 'containing', values: ['ga%_'] }]],
    [{ id: [1, 2] }, [{ field: 'id', is: 'one-of', values: [1, 2] }]],
    [{ id: [] }, [{ field: 'id', is: 'one-of', values: [] }]],
    [
      { city: null, complete: true },
      [
        { field: 'city', is: 'equal', values: [null] },
        { field: 'complete', is: 'equal', values: [true] },
      ],
    ],
    [
      { createdAt: '2024-01-01T01:00:00+01:00' },
      [{ field: 'createdAt', is: 'equal', values: ['2024-01-01T00:00:00.000Z'] }],
    ],
    [{}, []],
  ])('is understood: %j', async (filter, conditions) => {
    expect((await list(`page=0&filter=${json(filter)}`)).command['conditions']).toEqual(conditions);
  });

  test.each([
    ...['{', '[]', '5', 'null', '"role"', '{"nothing":1}', '{"__proto__":1}', '{"$site.config$":1}', '{"site.name":1}'],
    ...[
      '{"role":{}}',
      '{"role":{"like":"x"}}',
      '{"role":{"$gt":""}}',
      '{"role":"owner"}',
      '{"role":5}',
      '{"id":"1"}',
      '{"id":1.5}',
      '{"id":[[1]]}',
      '{"id":{"!=":[1]}}',
    ],
    ...[
      '{"complete":1}',
      '{"createdAt":"yesterday"}',
      '{"createdAt":5}',
      '{"lastName":{"substring":5}}',
      '{"lastName":{"substring":""}}',
      '{"id":{"substring":"1"}}',
    ],
    ...[
      '{"extraData":{"substring":"x"}}',
      '{"extraData":null}',
      '{"externalAccessToken":null}',
      '{"personId":1}',
      '{"zipCode":"x"}',
      '{"externalUserId":1}',
    ],
    ...['{"email":["a",{"!=":"b"}]}', `{"email":${'['.repeat(1000)}${']'.repeat(1000)}}`],
  ])('is refused to a moderator: %s', async (filter) => {
    expect(await list(`page=0&filter=${encodeURIComponent(filter)}`)).toMatchObject({ status: 400, pointer: 'filter' });
  });

  test('cannot probe what the actor may not see, and says no more of it than of what is not there', async () => {
    const [hidden, unknown] = [
      await list(`filter=${json({ email: 'a' })}`, 'member-token'),
      await list(`filter=${json({ emali: 'a' })}`, 'member-token'),
    ];

    expect([hidden.status, unknown.status]).toEqual([400, 400]);
    expect(String(hidden.body.detail).replace('email', 'emali')).toBe(unknown.body.detail);
    expect((await list('sort=lastLogin_asc', 'member-token')).status).toBe(400);
    expect((await list('page=0&filter={"externalUserId":5}', 'admin-token')).status).toBe(200);
  });

  test('knows nick names only where the site does', async () => {
    const { app } = testApp();

    const answer = await request(app)
      .get(`/api/site/2/user?page=0&filter=${json({ nickName: 'x' })}`)
      .set('X-Authorization', 'admin-token');

    expect(answer.status).toBe(400);
  });
});
