import { backOfficeOf, clientOf, form, type BackOffice } from './support/back-office.ts';
import { longAgo } from './support/people.ts';
import { asQuery, each, startSentences, whenTold, type SentenceWorld } from './support/world.ts';

/** management-api.md §2: somebody is found by their id or address. Sites 8 and 9 are the client's, 10 shares their server, 11 does not. */
let s: SentenceWorld;
let office: BackOffice;
beforeAll(async () => {
  s = await startSentences(
    {
      8: {},
      9: { client: 8 },
      10: { client: 8 },
      11: { oauth: () => ({ default: { 'auth-server-url': 'http://elsewhere.example' } }) },
    },
    whenTold,
  );
  office = await backOfficeOf(s, [8, 9]);
});
afterAll(() => s.close());

const users = '/api/v1/users';
const find = async (asked: Readonly<Record<string, unknown>>, back = office) => {
  const { status, body, headers } = await back.call('admin', 'GET', `${users}?${asQuery(asked)}`);
  return { status, ids: each(body.data ?? [], 'id'), total: headers.get('total'), body };
};
const found = async (asked: Readonly<Record<string, unknown>>, back = office) => {
  const { status, ids, total } = await find(asked, back);
  expect([status, Number(total)]).toEqual([200, ids.length]);
  return ids;
};

describe('email=', () => {
  test('finds who has exactly this address, but for its case, and nobody whose words are the same', async () => {
    const one = await s.person({ at: { 8: 'member', 9: 'member' }, profile: { email: 'Jan.de-Vries@example.org' } });
    const alike = ['jan.vries-de@example.org', 'jan.de-vries.x@example.org', 'jan.de_vries@example.org'];
    for (const email of [...alike, 'j\u00e1n.de-vries@example.org']) await s.extraRow({ siteId: 8, email });
    for (const email of ['jan.de-vries@example.org', ' JAN.DE-VRIES@EXAMPLE.ORG '])
      expect(await found({ email })).toEqual([one.at[8]]);
    const inTwoSigns = await s.extraRow({ siteId: 9, email: 'rene\u0301@example.org' });
    expect(await found({ email: 'ren\u00e9@example.org' })).toEqual([inTwoSigns]);
    expect(await found({ email: 'rene@example.org' })).toEqual([]);
    expect(await found({ email: 'jan.de' })).toEqual([]);
    expect(await found({ email: '@' })).toEqual([]);
    expect(await found({ email: 'niemand@example.org' })).toEqual([]);
  });

  test('finds a person by their second row, too, as one entry; at a site that is named, by the rows there', async () => {
    const one = await s.person({ at: { 8: 'member', 9: 'member' } });
    const email = 'tweede.rij@example.org';
    await s.world.container.ports.inOneTransaction(async () => {
      const held = await s.world.container.ports.users.person(one.id, 'locked');
      const row = held!.rows.find(({ id }) => id === one.at[9])!;
      await s.world.container.ports.users.save([{ before: row, after: { ...row, email } }]);
    });
    const { body, total } = await find({ email });
    expect([each(body.data, 'id'), each(body.data, 'uid'), total]).toEqual([
      [one.at[8]],
      [String(one.externalId)],
      '1',
    ]);
    expect(await found({ email: one.email })).toEqual([one.at[8]]);
    expect(await found({ email, sub_application_name: 'site9' })).toEqual([one.at[9]]);
    expect(await found({ email, sub_application_name: 'site8' })).toEqual([]);
    expect(await found({ email, sub_application_name: 'site10' })).toEqual([]);
  });

  test('finds rows without a person, and who was added; all who have it, page by page, and by flags', async () => {
    const email = 'gedeeld@example.org';
    const rows: number[] = [];
    for (const siteId of [9, 8, 8]) rows.push(await s.extraRow({ siteId, email }));
    const added = await s.person({ at: { 8: 'member' }, profile: { email }, columns: { profileWithheld: true } });
    const all = [...rows, added.at[8]!];
    expect(await found({ email })).toEqual(all);
    const pages = await Promise.all([1, 2, 3].map((page) => find({ email, page, per_page: 2 })));
    expect(pages.map(({ ids, total }) => [ids, total])).toEqual([
      [all.slice(0, 2), '4'],
      [all.slice(2), '4'],
      [[], '4'],
    ]);
    expect(await found({ email, is_expert: 'true' })).toEqual([]);
    expect(await found({ email, is_expert: 'false' })).toEqual(all);
  });

  test('finds nobody elsewhere, anonymized, deleted or of another OAuth server', async () => {
    const email = 'niet.hier@example.org';
    await s.extraRow({ siteId: 10, email });
    await s.extraRow({ siteId: 8, email, deletedAt: longAgo });
    const stranger = await s.world.container.ports.inOneTransaction(() =>
      s.world.container.ports.persons.ensure('http://elsewhere.example', 'x1', true),
    );
    await s.extraRow({ siteId: 8, email, personId: stranger.id });
    const gone = await s.person({ at: { 8: 'member', 10: 'member' }, profile: { email } });
    await s.put('admin', `/api/site/8/user/${gone.at[8]!}/do-anonymize`);
    expect(await found({ email })).toEqual([]);
  });
});

describe('uid=', () => {
  test('finds whom the list shows with it, at all of the sites or the one that is named', async () => {
    const one = await s.person({ at: { 8: 'member', 9: 'member', 10: 'member' } });
    const elsewhere = await s.person({ at: { 10: 'member' } });
    const added = await s.person({ at: { 8: 'member', 9: 'member' }, columns: { profileWithheld: true } });
    const uid = String(one.externalId);
    const { body, total } = await find({ uid });
    expect([each(body.data, 'id'), each(body.data, 'uid'), total]).toEqual([[one.at[8]], [uid], '1']);
    expect(await found({ uid, sub_application_name: 'site9' })).toEqual([one.at[9]]);
    expect(await found({ uid: String(added.externalId) })).toEqual([added.at[8]]);
    for (const nobody of [String(elsewhere.externalId), '0', 'x'.repeat(255), `${uid} `])
      expect(await found({ uid: nobody })).toEqual([]);
    const other = await backOfficeOf(s, [10]);
    expect(await found({ uid: String(elsewhere.externalId) }, other)).toEqual([elsewhere.at[10]]);
  });

  test('of another OAuth server is nobody, though the id is the same', async () => {
    const one = await s.person({ at: { 8: 'member' } });
    const stranger = await s.world.container.ports.inOneTransaction(() =>
      s.world.container.ports.persons.ensure('http://elsewhere.example', `${one.externalId}9`, true),
    );
    await s.extraRow({ siteId: 8, personId: stranger.id });
    expect(await found({ uid: `${one.externalId}9` })).toEqual([]);
  });

  test('beside email= finds who is both', async () => {
    const [one, other] = [await s.person({ at: { 8: 'member' } }), await s.person({ at: { 8: 'member' } })];
    expect(await found({ uid: String(one.externalId), email: one.email })).toEqual([one.at[8]]);
    expect(await found({ uid: String(one.externalId), email: other.email })).toEqual([]);
  });
});

test('email= and uid= need the scope admin (403), and say something (422)', async () => {
  for (const asked of ['email=a@example.org', 'uid=1001']) {
    for (const scope of ['public', 'authentication']) {
      const { status, headers } = await office.call(scope, 'GET', `${users}?${asked}`);
      expect([status, headers.get('www-authenticate')]).toEqual([403, expect.stringContaining('scope="admin"')]);
    }
    const byKey = await s.get(null, `${users}?${asked}&api_key=${office.key}`);
    expect(byKey.status).toBe(403);
  }
  for (const asked of ['email=', 'uid=', 'email=%20', `email=${'a'.repeat(256)}`])
    expect((await office.call('admin', 'GET', `${users}?${asked}`)).status).toBe(422);
});

test('a client of many sites finds by address with seven statements, by id with six', async () => {
  const one = await s.person({ at: { 8: 'member', 9: 'member' } });
  const whole = await clientOf(s, [8, 9, 10]);
  const given = await form(s, '/oauth/token', {
    ...{ grant_type: 'client_credentials', client_id: whole.key, client_secret: whole.secret, scope: 'admin' },
  });
  const headers = { authorization: `Bearer ${String(given.body.access_token)}` };
  const statements = async (asked: string): Promise<number> => {
    await s.get(null, `${users}?${asked}`, headers);
    const before = s.world.statements();
    const { body } = await s.get(null, `${users}?${asked}`, headers);
    expect(each(body.data, 'id')).toContain(one.at[8]);
    return s.world.statements() - before;
  };
  const list = await statements('per_page=100');
  expect(await statements(`email=${one.email}`)).toBeLessThanOrEqual(list + 2);
  expect(await statements(`uid=${one.externalId}`)).toBeLessThanOrEqual(list);
});
