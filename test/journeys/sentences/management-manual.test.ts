import { backOfficeOf, form, type BackOffice } from './support/back-office.ts';
import { each, startSentences, type SentenceWorld } from './support/world.ts';

/**
 * Every sentence of the manual that management-api.md follows, as it stands there.
 * Sites 8 and 9 are the client's; people there are listed as the manual's own two.
 */
let s: SentenceWorld;
let office: BackOffice;
beforeAll(async () => {
  s = await startSentences({ 8: { config: { votes: { isActive: true } } }, 9: { client: 8 }, 10: { client: 8 } });
  office = await backOfficeOf(s, [8, 9]);
});
afterEach(() => s.world.oauth.proxy.behave('pass'));
afterAll(() => s.close());

const users = '/api/v1/users';
const asked = (more: Record<string, string>) =>
  form(s, '/oauth/token', {
    grant_type: 'client_credentials',
    client_id: office.key,
    client_secret: office.secret,
    ...more,
  });
const withToken = (name: string, token: string, path = users) =>
  s.get(null, path, { [name]: `Bearer ${token}`, 'content-type': 'application/json' });

describe('User management: retrieving an access token', () => {
  test.each(['scopes', 'scope'])(
    'by a POST of API key and secret key to the authorization route, `-d %s=authentication`, form-encoded as curl does',
    async (name) => {
      const answer = await asked({ [name]: 'authentication' });
      expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'no-store']);
      expect(answer.body).toEqual({
        access_token: expect.stringMatching(/^[\w-]{43}$/),
        token_type: 'Bearer',
        expires_in: 7200,
        created_at: expect.any(Number),
        scope: 'authentication',
      });
    },
  );

  test('the scope to use is `authentication`; for user data it is `admin`; for the list `public` is enough', async () => {
    for (const scope of ['authentication', 'admin', 'public'])
      expect((await asked({ scopes: scope })).body.scope).toBe(scope);
  });

  test('it returns an access token in the `access_token` attribute, valid for two hours', async () => {
    const { body } = await asked({ scope: 'authentication' });
    expect((await withToken('Authorization', body.access_token)).status).toBe(200);
    const known = await form(s, '/oauth/introspect', {
      client_id: office.key,
      client_secret: office.secret,
      token: body.access_token,
    });
    expect(known.body.exp - known.body.iat).toBe(2 * 60 * 60);
    const { database } = s.world.container;
    const { raw } = await import('../../../src/db/sql.ts');
    await database.change(raw("UPDATE civitas_client_tokens SET expiresAt = '2020-01-01 00:00:00'"));
    expect((await withToken('Authorization', body.access_token)).status).toBe(401);
    office = await backOfficeOf(s, [8, 9]);
  });

  test('`expires_in` and `created_at` are used to calculate the expiry date of the token', async () => {
    const now = Date.now() / 1000;
    const { body } = await asked({ scope: 'public' });
    expect(Math.abs(body.created_at - now)).toBeLessThan(10);
    expect(Number(body.created_at) + Number(body.expires_in)).toBeGreaterThan(now + 7190);
  });

  test('the Bearer token is added to the `Authentication` header of requests; `Authorization` does as well', async () => {
    const token = await office.token('authentication');
    for (const name of ['Authentication', 'Authorization', 'X-Authorization'])
      expect((await withToken(name, token)).status).toBe(200);
    expect((await s.get(null, users, { authentication: token })).status).toBe(200);
    expect((await withToken('Authentication', `${token}x`)).status).toBe(401);
  });
});

describe('User management: calling the API', () => {
  test('takes `Content-Type: application/json`, and a Bearer token with the `authentication` scope', async () => {
    const somebody = await s.person({ at: { 8: 'member' } });
    const path = `${users}/${somebody.externalId}`;
    for (const [method, address] of [
      ['GET', path],
      ['POST', `${path}/anonymize`],
      ['DELETE', path],
    ] as const) {
      const refused = await office.call('public', method, address);
      expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([
        403,
        'Bearer error="insufficient_scope", scope="authentication"',
      ]);
      expect((await s.world.call(null, method, address)).status).toBe(401);
    }
    const headers = {
      authentication: `Bearer ${await office.token('authentication')}`,
      'content-type': 'application/json',
    };
    expect((await s.post(null, `${path}/anonymize`, undefined, headers)).status).toBe(200);
  });

  test('anonymises all personal data (first name, surname, email, unique identifier, image), while retaining contributions and activity: code 200', async () => {
    const somebody = await s.person({
      at: { 8: 'member', 9: 'member' },
      profile: { firstName: 'Jean', lastName: 'Dupont' },
      extraData: { image_url: 'https://img.example/jean.jpg' },
    });
    const idea = await s.idea({ siteId: 8, userId: somebody.at[8]! });
    const argument = await s.argument({ ideaId: idea, userId: somebody.at[8]! });
    const vote = await s.vote({ ideaId: idea, userId: somebody.at[8]! });
    const answer = await office.call('authentication', 'POST', `${users}/${somebody.externalId}/anonymize`);
    expect([answer.status, answer.body.success, answer.body.data.users, answer.body.data.oauth]).toEqual([
      200,
      true,
      2,
      'removed',
    ]);
    for (const siteId of [8, 9]) {
      const row = await s.row(somebody.at[siteId]!);
      expect(row).toMatchObject({ firstName: 'Gebruiker', lastName: 'verwijderd', email: null, personId: null });
      expect([row?.externalUserId, row?.extraData]).toEqual([null, {}]);
    }
    expect(answer.headers.get('x-oauth-removal')).toBe('done');
    expect(s.there(somebody.externalId)).toBeUndefined();
    expect(await s.world.container.database.rows.ideas.count({ where: { id: idea } })).toBe(1);
    expect(await s.world.container.database.rows.arguments.count({ where: { id: argument } })).toBe(1);
    // Voting is active there: "votes as there".
    expect(await s.world.container.database.rows.votes.count({ where: { id: vote } })).toBe(0);
  });

  test('deletes the user and all associated data, including all contributions: code 200', async () => {
    const somebody = await s.person({ at: { 8: 'member', 9: 'member' } });
    const [there, other] = [somebody.at[8]!, (await s.person({ at: { 8: 'member' } })).at[8]!];
    const idea = await s.idea({ siteId: 8, userId: there });
    const article = await s.article({ siteId: 9, userId: somebody.at[9]! });
    const onIdea = await s.vote({ ideaId: idea, userId: other });
    const answer = await office.call('authentication', 'DELETE', `${users}/${somebody.externalId}`);
    expect([answer.status, answer.body]).toEqual([
      200,
      { success: true, data: { users: 2, ideas: 1, articles: 1, arguments: 0, votes: 0 } },
    ]);
    expect([await s.row(there), await s.row(somebody.at[9]!)]).toEqual([undefined, undefined]);
    const { ideas, articles, votes } = s.world.container.database.rows;
    expect(await ideas.count({ where: { id: idea } })).toBe(0);
    expect(await articles.count({ where: { id: article } })).toBe(0);
    expect(await votes.count({ where: { id: onIdea } })).toBe(0);
    expect(s.there(somebody.externalId)).toBeUndefined();
  });

  test('`uid`: the unique user ID of when the user registered; one that nobody has is 404', async () => {
    const somebody = await s.person({ at: { 9: 'member' } });
    const { status, body } = await office.call('authentication', 'GET', `${users}/${somebody.externalId}`);
    expect([status, body.data.uid, body.data.id]).toEqual([200, String(somebody.externalId), somebody.at[9]]);
    for (const uid of ['987654321', 'nobody', '%F0%9F%98%80', 'x'.repeat(300)]) {
      const unknown = await office.call('authentication', 'DELETE', `${users}/${uid}`);
      expect([unknown.status, unknown.body]).toEqual([
        404,
        { success: false, errors: [{ name: 'user-not-found', message: expect.any(String) }] },
      ]);
    }
  });

  test('users can request the recovery of their data', async () => {
    const somebody = await s.person({ at: { 8: 'member' } });
    expect((await office.call('admin', 'GET', `${users}/${somebody.externalId}/export`)).body.data.users).toHaveLength(
      1,
    );
  });

  test('the routes can be tested using the API documentation, in the `Users` section', async () => {
    const { body } = await s.get(null, '/openapi.json');
    for (const path of [users, `${users}/{uid}`, `${users}/{uid}/anonymize`])
      for (const operation of Object.values(body.paths[path] as Record<string, { tags: string[] }>))
        expect(operation.tags).toEqual(['Users']);
    expect(body.components.securitySchemes.managementToken.flows.clientCredentials.tokenUrl).toBe('/oauth/token');
  });
});

describe('User management: retrieving data from a list of users', () => {
  test('use a bearer token with scope `public`, or the API key authorization (`api_key`)', async () => {
    const listed = await s.person({ at: { 8: 'member' }, columns: { listableByRole: 'all' } });
    await s.person({ at: { 8: 'member' } });
    for (const answer of [
      await office.call('public', 'GET', `${users}?per_page=100`),
      await s.get(null, `${users}?per_page=100&api_key=${office.key}`),
    ]) {
      expect([answer.status, each(answer.body.data, 'id')]).toEqual([200, [listed.at[8]]]);
      expect(Object.keys(answer.body.data[0] as object)).not.toContain('uid');
    }
    expect((await s.get(null, `${users}?api_key=civ_nobody`)).status).toBe(401);
    expect((await s.get(null, users)).status).toBe(401);
  });

  test('`page` is the page number of the list, `per_page` the number of elements per page', async () => {
    const first = await office.call('authentication', 'GET', `${users}?page=1&per_page=2`);
    const second = await office.call('authentication', 'GET', `${users}?page=2&per_page=2`);
    const all = await office.call('authentication', 'GET', `${users}?page=1&per_page=100`);
    const ids = each(all.body.data, 'id');
    expect([each(first.body.data, 'id'), each(second.body.data, 'id')]).toEqual([ids.slice(0, 2), ids.slice(2, 4)]);
    expect([first.headers.get('total'), first.headers.get('per-page')]).toEqual([String(ids.length), '2']);
    expect(first.headers.get('link')).toContain(`</api/v1/users?page=2&per_page=2>; rel="next"`);
    expect((await office.call('authentication', 'GET', users)).headers.get('per-page')).toBe('10');
  });

  test('example query: /api/v1/users?page=1&per_page=10', async () => {
    const { status, body } = await office.call('public', 'GET', `${users}?page=1&per_page=10`);
    expect([status, body.success, Array.isArray(body.data)]).toEqual([200, true, true]);
  });
});

describe('User data', () => {
  test('the example query with every parameter, and the example of a response', async () => {
    const jean = await s.person({
      at: { 8: 'member', 9: 'member' },
      profile: { firstName: 'Jean', lastName: 'Dupont', email: 'jean.dupont@exemple.fr', city: 'Strasbourg' },
      extraData: {
        image_url: 'https://dfrx2oay1w3r9.cloudfront.net/uploads/standard_69835d290a622014fa921df8287b7fd7.jpg',
        age: 58,
        occupation: 'Gardener',
        interests: ['nature', 'economy'],
      },
    });
    const idea = await s.idea({ siteId: 8, userId: jean.at[8]! });
    await s.argument({ ideaId: idea, userId: jean.at[9]! });
    await s.vote({ ideaId: idea, userId: jean.at[8]! });
    const query = 'page=1&per_page=100&is_expert=false&is_selected=false&sub_application_name=site8';
    const { status, body } = await office.call('admin', 'GET', `${users}?${query}`);
    expect([status, body.success]).toEqual([200, true]);
    const found = (body.data as { uid: string }[]).find(({ uid }) => uid === String(jean.externalId));
    expect(found).toEqual({
      id: jean.at[8],
      uid: String(jean.externalId),
      image_url: 'https://dfrx2oay1w3r9.cloudfront.net/uploads/standard_69835d290a622014fa921df8287b7fd7.jpg',
      full_name: 'Jean Dupont',
      level: { id: 1, name: 'New to the debate', icon_url: null },
      score: 0,
      slug: `jean-dupont-${jean.at[8]!}`,
      points: 0,
      description: null,
      created_at: '2024-02-03T04:05:06.000Z',
      messages_count: 1,
      votes_count: 1,
      email: 'jean.dupont@exemple.fr',
      age: 58,
      city: 'Strasbourg',
      occupation: 'Gardener',
      interests: 'nature,economy',
    });
    // Over all of the client's sites it is one entry, and what they wrote at site 9 counts along.
    const everywhere = await office.call('admin', 'GET', `${users}/${jean.externalId}`);
    expect(everywhere.body.data).toEqual({ ...found, messages_count: 2 });
  });

  test('`is_expert` selects only the so-called "expert" users, `is_selected` users to be highlighted', async () => {
    const [expert, selected] = [await s.person({ at: { 8: 'member' } }), await s.person({ at: { 9: 'member' } })];
    await office.call('admin', 'PATCH', `${users}/${expert.externalId}`, { is_expert: true });
    await office.call('admin', 'PATCH', `${users}/${selected.externalId}`, { is_selected: true });
    const uids = async (query: string) =>
      each((await office.call('authentication', 'GET', `${users}?per_page=100&${query}`)).body.data, 'uid');
    expect(await uids('is_expert=true')).toEqual([String(expert.externalId)]);
    expect(await uids('is_selected=true')).toEqual([String(selected.externalId)]);
    expect(await uids('is_expert=false')).not.toContain(String(expert.externalId));
    expect(await uids('is_expert=true&is_selected=true')).toEqual([]);
  });

  test('`sub_application_name`: name of the sub-application to which the user belongs', async () => {
    const nine = await s.person({ at: { 9: 'member' } });
    const uids = async (name: string) =>
      each(
        (await office.call('authentication', 'GET', `${users}?per_page=100&sub_application_name=${name}`)).body.data,
        'uid',
      );
    expect(await uids('site9')).toContain(String(nine.externalId));
    expect(await uids('site8')).not.toContain(String(nine.externalId));
    // Not one of the client's.
    expect(await uids('site10')).toEqual([]);
  });
});
