import { writeThere, type Somebody } from './support/people.ts';
import { startSentences, user, type SentenceWorld } from './support/world.ts';

/** user-api.md §3 "Update": `If-Match`. */
let s: SentenceWorld;
beforeAll(async () => {
  s = await startSentences();
});
afterAll(() => s.close());

describe('If-Match', () => {
  let target: Somebody;
  let at: string;
  beforeEach(async () => {
    target = await s.person({ at: { 1: 'member' } });
    at = user(1, target.at[1]!);
  });
  const tag = async () => (await s.get('admin', at)).headers.get('etag')!;

  test('lets the change through when nothing changed since, and answers the next tag', async () => {
    const answer = await s.put('admin', at, { city: 'Een' }, { 'if-match': await tag() });
    expect([answer.status, answer.headers.get('etag')]).toEqual([200, await tag()]);
  });

  test('is 412 when the user changed here', async () => {
    const seen = await tag();
    await s.put('moderator', at, { city: 'Twee' });
    const answer = await s.put('admin', at, { suffix: 'Z' }, { 'if-match': seen });
    expect([answer.status, (await s.row(target.at[1]!))?.suffix, s.there(target.externalId)?.suffix]).toEqual([
      412,
      'B',
      'B',
    ]);
  });

  test('is compared after the refresh: 412 when they changed at the OAuth server, and the new tag goes through', async () => {
    const seen = await tag();
    await writeThere(s.world, target.externalId, { city: 'Ginds' });
    expect((await s.put('admin', at, { suffix: 'Z' }, { 'if-match': seen })).status).toBe(412);
    const answer = await s.put('admin', at, { suffix: 'Z' }, { 'if-match': await tag() });
    expect([answer.status, answer.body.city, answer.body.suffix]).toEqual([200, 'Ginds', 'Z']);
  });

  test('counts where nothing would change, too, and may be weak, a list or *', async () => {
    expect((await s.put('admin', at, {}, { 'if-match': '"other"' })).status).toBe(412);
    for (const value of [`W/${await tag()}`, `"other", ${await tag()}`, '*']) {
      expect((await s.put('admin', at, {}, { 'if-match': value })).status).toBe(200);
    }
    expect((await s.put('admin', at, {}, { 'if-match': 'none' })).status).toBe(400);
  });

  test('of two at once with the same tag one wins', async () => {
    const seen = await tag();
    const answers = await Promise.all(['P', 'Q'].map((suffix) => s.put('admin', at, { suffix }, { 'if-match': seen })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412]);
  });
});
