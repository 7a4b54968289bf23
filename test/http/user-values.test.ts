import request from 'supertest';
import { adminToken, each, lastCommand, testApp } from './support/app.ts';

const one = '/api/site/1/user/7';
const change = async (body: unknown) => {
  const { app, heard } = testApp();
  const answer = await request(app)
    .put(one)
    .set('X-Authorization', adminToken)
    .send(body as object);
  return { status: answer.status, errors: answer.body.errors, change: lastCommand(heard)['change'] };
};

describe('the values of a user', () => {
  test('are taken as written, but names lose tags', async () => {
    const given = {
      firstName: '<b>Jan</b> <script>',
      lastName: 'Jansen & Zn',
      nickName: '<<b>script>1 < 2 <3',
      city: '<b>Utrecht</b> 1 < 2',
      streetName: 'Emoji 😀'.padEnd(20, '😀'),
      extraData: { bio: '<b>me</b>', list: [1, { a: null }] },
    };

    const { change: heard } = await change(given);

    expect(heard).toEqual({ ...given, firstName: 'Jan', nickName: '1 < 2 <3' });
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

  test('know zipCode as postcode', async () => {
    expect((await change({ zipCode: '1234 AB' })).change).toEqual({ postcode: '1234 AB' });
    expect((await change({ zipCode: '1234 AB', postcode: '1234 AB' })).change).toEqual({ postcode: '1234 AB' });
  });

  test.each([
    ['firstName', 5],
    ['firstName', ['a']],
    ['firstName', {}],
    ['firstName', 'x'.repeat(65)],
    ['firstName', '<'.repeat(2000)],
    ['city', '😀'.repeat(65)],
    ['firstName', 'a\0b'],
    ['city', '\0'],
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
