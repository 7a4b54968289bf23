import { each, refusal, startSentences, user, users, type SentenceWorld } from './support/world.ts';

/** user-api.md §3 "Create". */
let s: SentenceWorld;
beforeAll(async () => {
  s = await startSentences();
});
afterEach(() => s.world.oauth.proxy.behave('pass'));
afterAll(() => s.close());

let last = 0;
const newEmail = () => `new${(last += 1)}@example.org`;
const known = (email: string) => s.world.oauth.server.people().filter((one) => one.email === email);

describe('create', () => {
  test.each([
    ['nobody', null, [401]],
    ['anonymous', 'anonymous', [403, 'moderator-needed']],
    ['a member', 'member', [403, 'moderator-needed']],
    ['a moderator of another site', 3, [403, 'moderator-needed']],
  ])('is for moderator and above, not for %s', async (_who, who, expected) => {
    const email = newEmail();
    expect(refusal(await s.post(who, users(who === 3 ? 2 : 1), { email }))).toEqual(expected);
    expect(known(email)).toEqual([]);
  });

  test.each(['moderator', 'editor', 'admin'])(
    'by %s answers 201 with Location and the user as the actor may see it',
    async (who) => {
      const email = newEmail();
      const made = await s.post(who, users(2), { email, firstName: 'Nieuw', city: 'Assen', nickName: 'Nieuwe' });
      expect(made.status).toBe(201);
      expect(made.body).toMatchObject({
        siteId: 2,
        email,
        firstName: 'Nieuw',
        city: 'Assen',
        role: 'member',
        complete: false,
      });

      const seen = await s.get(who, made.headers.get('location')!);
      expect([seen.body, seen.headers.get('etag')]).toEqual([made.body, made.headers.get('etag')]);
      expect(made.headers.get('location')).toBe(user(2, made.body.id as number));
      expect('externalUserId' in made.body).toBe(who === 'admin');
    },
  );

  test('writes the person at the OAuth server, site values for this site only', async () => {
    const email = newEmail();
    await s.post('admin', users(1), {
      email,
      lastName: 'Bos',
      gender: 'female',
      extraData: { bio: 'Hier', shared: 'Overal' },
    });
    expect(known(email)).toMatchObject([
      {
        lastName: 'Bos',
        extraData: { gender: [{ value: 'female', siteId: 1 }], bio: [{ value: 'Hier', siteId: 1 }], shared: 'Overal' },
        roles: { 'peer-client-1': 'member' },
      },
    ]);
  });

  test('needs email, and everything is validated before the OAuth server hears of it: 422 with one entry per wrong field', async () => {
    s.world.oauth.proxy.forgetCalls();
    const answer = await s.post('admin', users(1), {
      gender: 'x',
      role: 'all',
      firstName: 'x'.repeat(65),
      listableByRole: 'boss',
      signedUpForNewsletter: 'yes',
    });
    expect([answer.status, [...each(answer.body.errors, 'pointer')].sort()]).toEqual([
      422,
      ['/email', '/firstName', '/gender', '/listableByRole', '/role', '/signedUpForNewsletter'],
    ]);
    expect(s.world.oauth.proxy.calls()).toBe(0);
  });

  test.each([null, '', 7, 'nobody', '@x', 'a b@example.org', ['a@example.org'], { a: 1 }])(
    'takes no %j for an address',
    async (email) => {
      const answer = await s.post('admin', users(1), { email });
      expect([answer.status, answer.body.errors[0].pointer]).toEqual([422, '/email']);
    },
  );

  test('where site config users.canCreateNewUsers is false is refused: 403', async () => {
    const email = newEmail();
    expect(refusal(await s.post('admin', users(6), { email }))).toEqual([403, 'site-creates-no-users']);
    expect(known(email)).toEqual([]);
  });

  test('of somebody already at this site is refused: 409, however the address is written', async () => {
    const email = newEmail();
    expect((await s.post('admin', users(1), { email })).status).toBe(201);
    for (const again of [email, ` ${email.toUpperCase()} `]) {
      expect(refusal(await s.post('moderator', users(1), { email: again }))).toEqual([409, 'already-at-this-site']);
    }
    expect(known(email)).toHaveLength(1);
  });

  test('where the OAuth server does not answer makes no row', async () => {
    const email = newEmail();
    await s.world.oauth.proxy.behave('json-500');
    expect((await s.post('admin', users(1), { email })).status).toBe(502);
    await s.world.oauth.proxy.behave('pass');
    expect((await s.get('admin', `${users(1)}?filter=${JSON.stringify({ email })}`)).body).toEqual([]);
  });

  test('with a useOauth that the site does not know is refused: 400', async () => {
    expect((await s.post('admin', `${users(1)}?useOauth=elsewhere`, { email: newEmail() })).status).toBe(400);
    expect((await s.post('admin', `${users(1)}?useOauth=default`, { email: newEmail() })).status).toBe(201);
  });

  test('takes the people of é and e for two: an answer of the OAuth server counts only for the very address', async () => {
    const first = await s.post('admin', users(1), { email: 'jose.vos@example.org' });
    expect(first.status).toBe(201);
    // Their collation says that this address is taken, and nobody else's row is given for it.
    const second = await s.post('admin', users(1), { email: 'josé.vos@example.org' });
    expect([second.status, second.body.field]).toEqual([409, 'email']);
    expect(known('jose.vos@example.org')).toHaveLength(1);
  });

  test('ten times at once with one e-mail makes one row and one person', async () => {
    const email = newEmail();
    const answers = await Promise.all(Array.from({ length: 10 }, () => s.post('admin', users(1), { email })));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array.from({ length: 9 }, () => 409)]);
    expect(known(email)).toHaveLength(1);
    expect((await s.get('admin', `${users(1)}?filter=${JSON.stringify({ email })}`)).body).toHaveLength(1);
  });
});

describe('the role', () => {
  test('is the given one, written at the OAuth server', async () => {
    const email = newEmail();
    expect((await s.post('admin', users(1), { email, role: 'editor' })).body.role).toBe('editor');
    expect(known(email)[0]?.roles).toEqual({ 'peer-client-1': 'editor' });
  });

  test.each([
    ['moderator', 'member', 201],
    ['moderator', 'moderator', 403],
    ['editor', 'moderator', 403],
    ['editor', 'member', 201],
    ['admin', 'admin', 201],
    ['moderator', 'anonymous', 403],
  ])('may be given by the rules of §2: %s gives %s → %i', async (who, role, status) => {
    const email = newEmail();
    expect((await s.post(who, users(1), { email, role })).status).toBe(status);
    expect(known(email)).toHaveLength(status === 201 ? 1 : 0);
  });
});

describe('text', () => {
  test('that the OAuth server cannot hold is refused: 422 naming the field, before it hears of it', async () => {
    s.world.oauth.proxy.forgetCalls();
    const answer = await s.post('admin', users(1), { email: newEmail(), city: 'Utrecht 🎉', extraData: { bio: '🎈' } });
    expect([answer.status, each(answer.body.errors, 'pointer')]).toEqual([422, ['/city', '/extraData/bio']]);
    expect(s.world.oauth.proxy.calls()).toBe(0);
  });

  test('is stored as written, and names lose tags', async () => {
    const { body } = await s.post('admin', users(1), {
      email: newEmail(),
      lastName: 'Jansen & Zn',
      firstName: '<b>Jan</b>',
      city: '1 < 2',
      streetName: '<b>',
    });
    expect(body).toMatchObject({ lastName: 'Jansen & Zn', firstName: 'Jan', city: '1 < 2', streetName: '<b>' });
  });
});
