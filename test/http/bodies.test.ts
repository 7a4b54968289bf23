import request from 'supertest';
import { adminToken, each, lastCommand, testApp } from './support/app.ts';

const one = '/api/site/1/user/7';
const put = (app: ReturnType<typeof testApp>['app'], body: string | Buffer, type = 'application/json') =>
  request(app)
    .put(one)
    .set('X-Authorization', adminToken)
    .set('Content-Type', type)
    .serialize((raw: string) => raw)
    .send(body as string);
const change = async (body: unknown) => {
  const { app, heard } = testApp();
  const answer = await request(app)
    .put(one)
    .set('X-Authorization', adminToken)
    .send(body as object);
  return { status: answer.status, errors: answer.body.errors, change: lastCommand(heard)['change'] };
};

describe('a body', () => {
  test.each([
    ['malformed JSON', '{"firstName":', 400],
    ['words', 'hello', 400],
    ['an unfinished text', '{"firstName":"a', 400],
    ['a list', '[]', 422],
    ['a number', '5', 422],
    ['null', 'null', 422],
    ['nested lists by the ten thousand', '['.repeat(50_000) + ']'.repeat(50_000), 400],
    ['nested objects, deeper than 32', `{"extraData":${'{"a":'.repeat(40)}1${'}'.repeat(40)}}`, 400],
    ['unfinished nesting', '{"a":'.repeat(40_000), 400],
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

  test('32 deep is still read', async () => {
    expect((await put(testApp().app, `{"extraData":${'{"a":'.repeat(30)}1${'}'.repeat(30)}}`)).status).toBe(200);
  });
});

describe('the values of a user', () => {
  test('are taken as written, but names lose tags', async () => {
    const given = {
      firstName: '<b>Jan</b> <script',
      lastName: 'Jansen & Zn',
      nickName: '<<b>script>1 < 2 <3',
      city: '<b>Utrecht</b> 1 < 2',
      streetName: 'Emoji 😀'.padEnd(20, '😀'),
      extraData: { bio: '<b>me</b>', list: [1, { a: null }] },
    };

    const { change: heard } = await change(given);

    expect(heard).toEqual({ ...given, firstName: 'Jan ', nickName: '1 < 2 <3' });
  });

  test('are cleared by null and by an empty text', async () => {
    const cleared = await change({
      firstName: '',
      lastName: null,
      gender: '',
      signedUpForNewsletter: null,
      listableByRole: '',
      zipCode: '',
      city: '',
    });

    expect(cleared.change).toEqual({
      firstName: null,
      lastName: null,
      gender: null,
      signedUpForNewsletter: null,
      listableByRole: null,
      postcode: null,
      city: null,
    });
  });

  test('may hold keys that do not exist or that nobody writes', async () => {
    const echoed = await change({
      id: 3,
      siteId: 9,
      displayName: 'X',
      complete: 'x',
      anonymizedAt: 5,
      site: { id: 4 },
      personId: 1,
      externalUserId: 2,
      externalAccessToken: 'x',
      whatever: [1],
      city: 'A',
    });

    expect(echoed.change).toEqual({ city: 'A' });
  });

  test('know zipCode as postcode, which wins', async () => {
    expect((await change({ zipCode: '1234 AB' })).change).toEqual({ postcode: '1234 AB' });
    expect((await change({ zipCode: '1234 AB', postcode: '9999 ZZ' })).change).toEqual({ postcode: '9999 ZZ' });
  });

  test.each([
    ['firstName', 5],
    ['firstName', ['a']],
    ['firstName', {}],
    ['firstName', 'x'.repeat(65)],
    ['firstName', '<'.repeat(2000)],
    ['city', '😀'.repeat(65)],
    ['zipCode', 'x'.repeat(11)],
    ['email', 'nobody'],
    ['email', `${'x'.repeat(250)}@example.org`],
    ['email', 'a@b@c.nl'],
    ['gender', 'other'],
    ['role', 'all'],
    ['role', null],
    ['role', ''],
    ['role', 'owner'],
    ['listableByRole', 'owner'],
    ['detailsViewableByRole', 5],
    ['signedUpForNewsletter', 'true'],
    ['signedUpForNewsletter', 1],
    ['extraData', []],
    ['extraData', 'x'],
    ['extraData', null],
    ['houseNumber', 12],
  ])('are refused: %s %j', async (field, value) => {
    const { status, errors, change: heard } = await change({ [field]: value });

    expect([status, errors.length, errors[0].pointer]).toEqual([422, 1, `/${field}`]);
    expect(heard).toBeUndefined();
  });

  test('count characters, not half ones', async () => {
    expect((await change({ city: '😀'.repeat(64) })).status).toBe(200);
  });

  test('are all told at once, one entry a field, without the values', async () => {
    const { app } = testApp();

    const answer = await request(app)
      .post('/api/site/1/user')
      .set('X-Authorization', adminToken)
      .send({ gender: 'secret-x', firstName: 5, role: 'secret-y' });

    expect(answer.status).toBe(422);
    expect([...each(answer.body.errors, 'pointer')].sort()).toEqual(['/email', '/firstName', '/gender', '/role']);
    expect(answer.text).not.toContain('secret');
  });

  test.each([{}, { email: '' }, { email: null }, { email: 5 }, { email: ' ' }])(
    'need an address to create: %j',
    async (body) => {
      const answer = await request(testApp().app)
        .post('/api/site/1/user')
        .set('X-Authorization', adminToken)
        .send(body);

      expect([answer.status, answer.body.errors[0].pointer]).toEqual([422, '/email']);
    },
  );

  test('create somebody with an address, trimmed, and OAuth settings by name', async () => {
    const { app, heard } = testApp();

    const answer = await request(app)
      .post('/api/site/1/user?useOauth=other')
      .set('X-Authorization', adminToken)
      .send({ email: ' Jan@example.org ', role: 'member' });

    expect([answer.status, answer.headers['location']]).toEqual([201, '/api/site/1/user/7']);
    expect(lastCommand(heard)).toMatchObject({
      provider: 'other',
      change: { email: 'Jan@example.org', role: 'member' },
    });
  });
});

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

  test.each([0, -1, 1.5, 1e300, 'x', '1,,2', null, true, {}, [null], [[1]], ['1,2'], '9007199254740993'])(
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

  test.each(['onlyUserIds=x', 'onlyUserIds[]=5', 'view=summary'])('refuses %s in a query', async (query) => {
    expect((await request(testApp().app).get(`${preview}?${query}`).set('X-Authorization', adminToken)).status).toBe(
      400,
    );
  });
});
