import { startSentences, user, type SentenceWorld } from './support/world.ts';

/** user-api.md §5: tags that proxies change, quoted charsets, bodies that no call takes, choices that are misspelt. */
let s: SentenceWorld;
beforeAll(async () => {
  s = await startSentences({ 8: { config: { project: { projectHasEnded: true } } } });
});
afterAll(() => s.close());

const somebody = async () => {
  const target = await s.person({ at: { 1: 'member' } });
  return user(1, target.at[1]!);
};
const asSeenBy: readonly [string, (tag: string) => string][] = [
  ['Apache', (tag) => tag.replace(/"$/, '-gzip"')],
  ['a proxy with brotli', (tag) => tag.replace(/"$/, '-br"')],
  ['Jetty', (tag) => tag.replace(/"$/, ';gzip"')],
  ['nginx', (tag) => `W/${tag}`],
  ['a list with empty elements', (tag) => `, "other",,${tag} ,`],
];

describe.each(asSeenBy)('an ETag that went through %s', (_who, changed) => {
  test('still is that of the view, of the record to write, and of the plan', async () => {
    const at = await somebody();
    const seen = (await s.get('admin', at)).headers.get('etag')!;
    expect((await s.get('admin', at, { 'if-none-match': changed(seen) })).status).toBe(304);
    expect((await s.put('admin', at, { city: 'Breda' }, { 'if-match': changed(seen) })).status).toBe(200);
    expect((await s.put('admin', at, { city: 'Tilburg' }, { 'if-match': changed(seen) })).status).toBe(412);
    const plan = (await s.get('admin', `${at}/will-anonymize`)).headers.get('etag')!;
    expect((await s.put('admin', `${at}/do-anonymize`, {}, { 'if-match': changed(plan) })).status).toBe(200);
  });
});

test.each(['application/json; charset="utf-8"', 'application/json;charset="UTF-8"', 'application/json; charset=utf8'])(
  'JSON of type %s is read',
  async (type) => {
    const answer = await s.put('admin', await somebody(), '{"city":"Breda"}', { 'content-type': type });

    expect([answer.status, answer.body.city]).toEqual([200, 'Breda']);
  },
);

describe('a call that takes no body', () => {
  const panel = { 'content-type': 'text/plain;charset=UTF-8' };

  test("is not stopped by one: the panel's button sends [object Object] as text", async () => {
    for (const verb of ['will', 'do']) {
      const answer = await s.put('admin', `/api/site/8/${verb}-anonymize-all-users`, '[object Object]', panel);
      expect(answer.status).toBe(verb === 'do' ? 202 : 200);
    }
    expect((await s.world.call('admin', 'DELETE', await somebody(), '[object Object]', panel)).status).toBe(200);
  });

  test('hears what would choose, whatever its type: it would be overheard, and everybody anonymized', async () => {
    for (const type of ['application/json', 'text/plain']) {
      const choice = { 'content-type': type };
      const answers = [
        await s.put('admin', '/api/site/8/do-anonymize-all-users', '{"onlyUserIds":[5]}', choice),
        await s.world.call('admin', 'DELETE', await somebody(), '{"onlySiteIds":[1]}', choice),
      ];
      expect(answers.map(({ status, body }) => [status, body.errors[0].pointer as unknown])).toEqual([
        [400, 'onlyUserIds'],
        [400, 'onlySiteIds'],
      ]);
    }
  });
});

describe('a call that removes', () => {
  test.each([
    ['a key said twice', '{"onlySiteIds":[1],"onlySite\\u0049ds":[1,2]}', 'onlySiteIds'],
    ['a misspelt key', '{"onlySiteId":[1]}', 'onlySiteId'],
    ['a key of something else', '{"siteIds":[1]}', 'siteIds'],
  ])('refuses %s, and so does its preview', async (_what, body, named) => {
    const at = await somebody();
    for (const verb of ['will', 'do']) {
      const answer = await s.put('admin', `${at}/${verb}-anonymizeall`, body, { 'content-type': 'application/json' });
      expect([answer.status, answer.body.errors[0].pointer]).toEqual([400, named]);
    }
    expect((await s.get('admin', at)).body.email).toContain('@');
  });

  test.each(['onlySiteIds=1', 'only=1', 'siteIds=1', 'dryRun=1'])('refuses ?%s', async (query) => {
    const at = await somebody();
    const answers = [
      await s.put('admin', `${at}/do-anonymizeall?${query}`),
      await s.put('admin', `${at}/will-anonymize?${query}`),
      await s.remove('admin', `${at}?${query}`),
      await s.remove('admin', `/api/site/8?${query}`),
      await s.put('admin', `/api/site/8/do-anonymize-all-users?${query}`),
    ];
    expect(answers.map(({ status }) => status)).toEqual([400, 400, 400, 400, 400]);
    expect((await s.get('admin', at)).status).toBe(200);
  });

  test('does not overlook JSON that is broken', async () => {
    const at = await somebody();
    const broken = await s.put('admin', `${at}/do-anonymizeall`, '{"onlySiteIds":[1]', {
      'content-type': 'application/json',
    });
    expect([broken.status, (await s.get('admin', at)).status]).toEqual([400, 200]);
  });
});

test("parameters of other calls are overlooked on OpenStad's routes, and createdate sorts by createdAt", async () => {
  const list = (sort: string) =>
    s.get('admin', `/api/site/1/user?page=0&pageSize=5&includeVoteCount=1&tags=&sort=${sort}`);

  const [theirs, ours] = [await list('createdate_desc'), await list('createdAt_desc')];

  expect([theirs.status, theirs.body.records.length]).toEqual([200, 5]);
  expect(theirs.body.records).toEqual(ours.body.records);
});

test('what a run does not know is refused, naming it: nobody else calls it with parameters of other calls', async () => {
  const run = (await s.put('admin', '/api/site/8/do-anonymize-all-users')).headers.get('location')!;

  expect((await s.get('admin', `${run}?page=0`)).status).toBe(200);
  const refused = await s.get('admin', `${run}?pages=0`);
  expect([refused.status, refused.body.errors[0].pointer]).toEqual([400, 'pages']);
});
