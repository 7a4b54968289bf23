import { contractFields, hiddenColumns } from './support/contract-fields.ts';
import type { Somebody } from './support/people.ts';
import { asQuery, idsIn, startSentences, user, users, type SentenceWorld, type Who } from './support/world.ts';

/** user-api.md §2 "Nothing can be probed". */
const site = 11;
let s: SentenceWorld;
/** Everybody may list them, nobody but admins may see their details. */
let secret: Somebody;
/** Everybody may see everything. */
let open: Somebody;

beforeAll(async () => {
  s = await startSentences({ [site]: { config: { users: { allowUseOfNicknames: true } } } });
  const perSite = (detailsViewableByRole: string) => ({
    nickName: [{ value: 'Zorro', siteId: site }],
    gender: [{ value: 'male', siteId: site }],
    signedUpForNewsletter: [{ value: true, siteId: site }],
    listableByRole: [{ value: 'all', siteId: site }],
    detailsViewableByRole: [{ value: detailsViewableByRole, siteId: site }],
    secretkey: 'x',
  });
  secret = await s.person({ at: { [site]: 'member' }, extraData: perSite('admin') });
  open = await s.person({ at: { [site]: 'member' }, extraData: perSite('all') });
});
afterAll(() => s.close());

const list = (who: Who, parameters: object) => s.get(who, `${users(site)}?${asQuery(parameters)}`);
const valuesOf = async (somebody: Somebody): Promise<Record<string, unknown>> =>
  (await s.get('admin', user(site, somebody.at[site]!))).body as Record<string, unknown>;

const details = Object.entries(contractFields).flatMap(([field, { view }]) =>
  view === 'mod, owner' && field !== 'fullName' && field !== 'zipCode' ? [field] : [],
);

describe('filter and sort on a field of mod, owner need moderator, else 400 in the words of an unknown field', () => {
  test.each([...details, 'externalUserId', 'fullName', 'zipCode'])('%s', async (field) => {
    const unknown = async (parameter: 'filter' | 'sort', who: Who) =>
      (await list(who, { [parameter]: parameter === 'sort' ? `nonesuch_asc` : { nonesuch: null } })).body.errors[0]
        .detail as string;
    for (const who of [null, 'anonymous', 'member', open.at[site]!]) {
      const [filter, sort] = [
        await list(who, { filter: { [field]: null } }),
        await list(who, { sort: `${field}_asc` }),
      ];
      expect([filter.status, sort.status]).toEqual([400, 400]);
      expect(filter.body.errors[0].detail).toBe((await unknown('filter', who)).replace('nonesuch', field));
      expect(sort.body.errors[0].detail).toBe((await unknown('sort', who)).replace('nonesuch', field));
    }
  });

  test.each([...hiddenColumns, 'extraData', 'site', 'displayName', 'initials', 'fullName', 'zipCode'])(
    '%s is for nobody',
    async (field) => {
      expect((await list('admin', { filter: { [field]: null } })).status).toBe(400);
      expect((await list('admin', { sort: `${field}_asc` })).status).toBe(400);
    },
  );
});

describe('a row whose details the actor may not see counts as null, also in totals:', () => {
  const askable = details.filter(
    (field) => !['isNotifiedAboutAnonymization', 'anonymizedAt', 'detailsViewableByRole', 'email'].includes(field),
  );

  test.each(askable)('a filter on %s does not find it', async (field) => {
    const value = (await valuesOf(secret))[field] as string;
    for (const wanted of [
      value,
      [value],
      ...(typeof value === 'string' && !field.endsWith('Role') && !['role', 'gender', 'lastLogin'].includes(field)
        ? [{ substring: value }]
        : []),
    ]) {
      const { body } = await list('moderator', { page: 0, filter: { [field]: wanted } });
      expect([idsIn(body.records), body.metadata.totalCount]).toEqual([[open.at[site]], 1]);
    }
    const { body } = await list('admin', { page: 0, filter: { [field]: value } });
    expect(body.metadata.totalCount).toBe(2);
  });

  test.each(askable)('a filter that leaves out a value of %s, or asks for none, finds it', async (field) => {
    const value = (await valuesOf(secret))[field] as string;
    for (const wanted of [{ '!=': value }, null]) {
      const { body } = await list('moderator', { page: 0, filter: { [field]: wanted } });
      expect([idsIn(body.records), body.metadata.totalCount]).toEqual([[secret.at[site]], 1]);
    }
  });

  test('no address is guessed, by equality or by parts', async () => {
    expect(idsIn((await list('moderator', { filter: { email: secret.email } })).body)).toEqual([]);
    expect(idsIn((await list('moderator', { filter: { email: { substring: '@' } } })).body)).toEqual([open.at[site]]);
  });

  test('a sort puts it where the nulls are, and a cursor does not carry its value', async () => {
    const up = await list('moderator', { page: 0, pageSize: 1, sort: 'email_asc' });
    expect(idsIn(up.body.records)).toEqual([secret.at[site]]);
    const down = await list('moderator', { page: 0, pageSize: 1, sort: 'email_desc' });
    expect(idsIn(down.body.records)).toEqual([open.at[site]]);
    const next = await list('moderator', { pageSize: 1, sort: 'email_desc', cursor: down.body.metadata.cursor });
    expect(idsIn(next.body.records)).toEqual([secret.at[site]]);
  });

  test('the owner finds themself by what is theirs to see, being a moderator', async () => {
    const chief = await s.person({
      at: { [site]: 'moderator' },
      extraData: { detailsViewableByRole: [{ value: 'admin', siteId: site }] },
    });
    const { body } = await list(chief.at[site]!, { filter: { email: chief.email } });
    expect(idsIn(body)).toEqual([chief.at[site]]);
    expect(idsIn((await list('editor', { filter: { email: chief.email } })).body)).toEqual([]);
  });
});

describe('nothing else tells what may not be seen:', () => {
  test('an ETag does not change with what its reader does not see', async () => {
    const path = user(site, secret.at[site]!);
    const tag = async (who: Who) => (await s.get(who, path)).headers.get('etag');
    const before = [await tag('moderator'), await tag('admin')];
    await s.touch('users', secret.at[site]!, { city: 'Elders' });
    expect(await tag('moderator')).toBe(before[0]);
    expect(await tag('admin')).not.toBe(before[1]);
    await s.touch('users', secret.at[site]!, { city: 'Utrecht' });
  });

  test('naming a field that one may neither see nor set is refused whether or not the guess is right', async () => {
    const mayor = await s.person({
      at: { [site]: 'member' },
      extraData: { detailsViewableByRole: [{ value: 'admin', siteId: site }] },
    });
    const put = (email: string) => s.put('moderator', user(site, mayor.at[site]!), { email });
    const [right, wrong] = [await put(mayor.email), await put('guess@example.org')];
    expect([right.status, right.body.detail]).toEqual([403, wrong.body.detail]);
  });

  test('a user of another site, a deleted one and one who never was are refused in the same words', async () => {
    const gone = await s.extraRow({ siteId: site, deletedAt: new Date() });
    const answers = await Promise.all([101, gone, 8_000_000].map((id) => s.get('admin', user(site, id))));
    const words = answers.map(({ status, body }): unknown => [status, body.type, body.title, body.detail]);
    expect(words).toEqual(words.map(() => words[2]));
  });

  test('who is not listed for somebody is not found by any filter of theirs, nor counted', async () => {
    const unlisted = await s.person({ at: { [site]: 'member' } });
    for (const filter of [{ id: unlisted.at[site]! }, { complete: true, id: [unlisted.at[site]!] }]) {
      for (const who of [null, 'member', open.at[site]!]) {
        const { body } = await list(who, { page: 0, filter });
        expect([body.records, body.metadata.totalCount]).toEqual([[], 0]);
      }
    }
  });

  test('a creator hears nothing of somebody at another site but whether they may be added', async () => {
    const elsewhere = await s.person({ at: { 2: 'member' }, profile: { city: 'Zwolle' } });
    const made = await s.post('moderator', users(site), { email: elsewhere.email });
    expect(made.body).toMatchObject({
      email: elsewhere.email,
      firstName: null,
      lastName: null,
      city: null,
      phoneNumber: null,
      extraData: {},
    });
  });
});
