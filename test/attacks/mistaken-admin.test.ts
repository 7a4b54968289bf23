import { startSentences, user, type SentenceWorld } from '../journeys/sentences/support/world.ts';
import { backOfficeOf, type BackOffice } from '../journeys/sentences/support/back-office.ts';

/**
 * An admin misspells the word that narrows an operation: overlooked, it would reach everything. Source: user-api.md §5.
 */
const [one, two] = [11, 12] as const;
let s: SentenceWorld;
let office: BackOffice;
beforeAll(async () => {
  const ended = { project: { projectHasEnded: true } };
  s = await startSentences({ [one]: { config: ended }, [two]: {} });
  office = await backOfficeOf(s, [one, two]);
});
afterAll(() => s.close());

const misspelt: readonly (readonly [string, unknown])[] = [
  ['siteIds', [one]],
  ['siteId', one],
  ['onlySiteId', one],
  ['onlySiteIDs', [one]],
  ['onlysiteids', [one]],
  ['only_site_ids', [one]],
  ['onlySites', [one]],
  ['userIds', [1]],
  ['onlyUserIds ', [1]],
  ['only', { siteIds: [one] }],
  ['view', 'summary'],
];
const calls = [
  ['PUT', '/will-anonymize'],
  ['POST', '/will-anonymizeall'],
  ['PUT', '/do-anonymize'],
  ['POST', '/do-anonymize'],
  ['PUT', '/do-anonymizeall'],
  ['POST', '/do-anonymizeall'],
  ['DELETE', ''],
] as const;

describe.each(misspelt)('a choice that is called “%s”', (name, value) => {
  test.each(calls)('is refused in the body: %s %s', async (method, call) => {
    const person = await s.person({ at: { [one]: 'member', [two]: 'member' } });
    const answer = await s.world.call('admin', method, user(one, person.at[one]!) + call, { [name]: value });
    expect([answer.status, answer.body.errors?.[0]?.pointer]).toEqual([400, name]);
    for (const site of [one, two]) expect((await s.row(person.at[site]!))?.anonymizedAt).toBeNull();
  });

  test.each([...calls, ['GET', '/will-anonymizeall'], ['GET', '/will-anonymize']] as const)(
    'is refused in the address: %s %s',
    async (method, call) => {
      // The one of them that the address may hold.
      const sent = name === 'view' ? 'vieuw' : name;
      const person = await s.person({ at: { [one]: 'member', [two]: 'member' } });
      const query = new URLSearchParams({ [sent]: JSON.stringify(value) }).toString();
      const answer = await s.world.call('admin', method, `${user(one, person.at[one]!)}${call}?${query}`);
      expect([answer.status, answer.body.errors?.[0]?.pointer]).toEqual([400, sent]);
      for (const site of [one, two]) expect((await s.row(person.at[site]!))?.anonymizedAt).toBeNull();
    },
  );

  test.each([
    ['POST', '/anonymize'],
    ['DELETE', ''],
  ])('is refused of a back office, in the body and in the address: %s %s', async (method, call) => {
    const person = await s.person({ at: { [one]: 'member', [two]: 'member' } });
    const path = `/api/v1/users/${person.externalId}${call}`;
    const query = new URLSearchParams({ [name]: JSON.stringify(value) }).toString();
    const answers = [
      await office.call('admin', method, path, { [name]: value }),
      await office.call('admin', method, `${path}?${query}`),
    ];
    expect(answers.map(({ status }) => status)).toEqual([422, 422]);
    for (const site of [one, two]) expect((await s.row(person.at[site]!))?.anonymizedAt).toBeNull();
  });

  test.each(['will-anonymize-all-users', 'do-anonymize-all-users'])(
    'is refused for everybody at a site, in the body and in the address: %s',
    async (call) => {
      const path = `/api/site/${one}/${call}`;
      const query = new URLSearchParams({ [name]: JSON.stringify(value) }).toString();
      const answers = [await s.put('admin', path, { [name]: value }), await s.put('admin', `${path}?${query}`)];
      expect(answers.map(({ status }) => status)).toEqual([400, 400]);
    },
  );
});

const deeds = [
  ['PUT', '/do-anonymize'],
  ['POST', '/do-anonymizeall'],
  ['DELETE', ''],
] as const;
describe.each(deeds)('a condition or a body that was overlooked: %s %s', (method, call) => {
  const untouched = async (at: Readonly<Record<number, number>>) => {
    for (const site of [one, two]) expect((await s.row(at[site]!))?.anonymizedAt).toBeNull();
  };

  test.each(['*', '"a"', 'nothing of the kind'])('If-None-Match: %s is refused', async (tags) => {
    const { at } = await s.person({ at: { [one]: 'member', [two]: 'member' } });
    const answer = await s.world.call('admin', method, user(one, at[one]!) + call, undefined, {
      'if-none-match': tags,
    });
    expect([answer.status, answer.body.errors[0].pointer]).toEqual([400, 'If-None-Match']);
    await untouched(at);
  });

  test('a body of white space is none that says whom it spares, and one that is absent says nothing', async () => {
    const { at } = await s.person({ at: { [one]: 'member', [two]: 'member' } });
    const json = { 'content-type': 'application/json' };
    for (const body of [' ', '\n\t', '\ufeff'])
      expect((await s.world.call('admin', method, user(one, at[one]!) + call, body, json)).status).toBe(400);
    await untouched(at);
    expect((await s.world.call('admin', method, user(one, at[one]!) + call, '', json)).status).toBe(200);
  });
});

test('a back office’s call with If-None-Match is refused, too', async () => {
  const { at, externalId } = await s.person({ at: { [one]: 'member', [two]: 'member' } });
  const headers = { authorization: `Bearer ${await office.token('authentication')}`, 'if-none-match': '*' };
  const answer = await s.world.call(null, 'DELETE', `/api/v1/users/${externalId}`, undefined, headers);
  expect([answer.status, await s.row(at[one]!)]).toEqual([400, expect.anything()]);
});

describe('a condition by date, which was overlooked', () => {
  const since = { 'if-unmodified-since': 'Mon, 01 Jan 2024 00:00:00 GMT' };

  test('is refused by what writes or removes, naming If-Match where that is heeded', async () => {
    const person = await s.person({ at: { [two]: 'member' } });
    const path = user(two, person.at[two]!);
    const heeding = [
      await s.put('admin', path, { city: 'Assen' }, since),
      await s.put('admin', `${path}/do-anonymize`, {}, since),
    ];
    for (const { status, body } of heeding)
      expect([status, body.errors]).toEqual([
        400,
        [{ pointer: 'If-Unmodified-Since', detail: 'is not supported: send If-Match with the ETag that you read' }],
      ]);
    expect((await s.remove('admin', path, since)).status).toBe(400);
    const headers = { authorization: `Bearer ${await office.token('authentication')}`, ...since };
    const removed = await s.world.call(null, 'DELETE', `/api/v1/users/${person.externalId}`, undefined, headers);
    expect(removed.status).toBe(400);
    expect(await s.row(person.at[two]!)).toMatchObject({
      anonymizedAt: null,
      city: expect.not.stringContaining('Assen'),
    });
  });

  test('means nothing where nothing is done, and beside If-Match', async () => {
    const person = await s.person({ at: { [two]: 'member' } });
    const path = user(two, person.at[two]!);
    const seen = await s.get('admin', path, since);
    expect(seen.status).toBe(200);
    const both = { ...since, 'if-match': seen.headers.get('etag')! };
    expect((await s.put('admin', path, { city: 'Assen' }, both)).status).toBe(200);
  });
});
