import { json, list } from './support/listing.ts';

const asked = (q: string): string => `q=${encodeURIComponent(q)}`;
const inFilter = (q: unknown, others: object = {}): string => `filter=${json({ ...others, q })}`;
const long = 'lang'.repeat(16);

describe('a search', () => {
  test.each([
    [asked('Zoë van DER Meer'), ['zoe', 'van', 'der', 'meer']],
    [asked('z.meer@voorbeeld.example'), ['z', 'meer', 'voorbeeld', 'example']],
    [asked("50% _o'neil\\ 🙂\u0000"), ['50', 'o', 'neil']],
    [asked('jan jansen ja'), ['jansen']],
    [asked('a b c d e f g h i j'), Array.from('abcdefghij')],
    [asked(long), [long]],
    [asked(''), []],
    [asked(' \t '), []],
    [inFilter('Jan'), ['jan']],
    [inFilter(''), []],
    [`${asked('Jan')}&${inFilter('Jan')}`, ['jan']],
  ])('is understood: %s', async (query, words) => {
    const { status, command } = await list(`page=0&${query}`);
    expect([status, command['words']]).toEqual([200, words]);
  });

  test('stands beside a filter and a sort', async () => {
    const { command } = await list(`page=0&${inFilter('jan', { role: 'member' })}&sort=lastName_desc`);
    expect(command).toMatchObject({
      words: ['jan'],
      conditions: [{ field: 'role', is: 'equal', values: ['member'] }],
      sort: { field: 'lastName', direction: 'DESC' },
    });
  });

  test.each([
    [asked('🙂'), 'q'],
    [asked('%'), 'q'],
    [asked('\u0000'), 'q'],
    [asked('a b c d e f g h i j k'), 'q'],
    [asked(`${long}x`), 'q'],
    [asked('a '.repeat(501)), 'q'],
    ['q=a&q=b', 'q'],
    ['q=%ff', 'q'],
    [inFilter('a '.repeat(501)), 'q'],
    [`${asked('Jan')}&${inFilter('Piet')}`, 'q'],
    [`${asked('')}&${inFilter('Piet')}`, 'q'],
    [inFilter(5), 'filter'],
    [inFilter(null), 'filter'],
    [inFilter(['a']), 'filter'],
    [inFilter({ substring: 'a' }), 'filter'],
  ])('is refused: %s', async (query, pointer) => {
    for (const paging of ['page=0', 'pageSize=5'])
      expect(await list(`${paging}&${query}`)).toMatchObject({ status: 400, pointer });
  });

  test('is not said again where it is refused', async () => {
    const { body } = await list(`page=0&${asked(`${long}geheim`)}`);
    expect(JSON.stringify(body)).not.toContain('geheim');
  });

  test('is for everybody: what they find is the store’s to say', async () => {
    for (const token of ['member-token', 'admin-token']) expect((await list(asked('jan'), token)).status).toBe(200);
  });

  test.each(['w h', 'w', 'a b c d e f g h', '5', 'é'])(
    'of nothing but single letters (%s) is refused below moderator',
    async (q) => {
      for (const token of ['member-token', ''])
        expect(await list(`page=0&${asked(q)}`, token)).toMatchObject({ status: 400, pointer: 'q' });
      expect(await list(`page=0&${inFilter(q)}`, 'member-token')).toMatchObject({ status: 400, pointer: 'q' });
      expect((await list(`page=0&${asked(q)}`, 'moderator-token')).status).toBe(200);
    },
  );

  test.each(['j. jansen', 'ab', '12', '李', '한'])('of a word (%s) is anybody’s', async (q) => {
    expect((await list(`page=0&${asked(q)}`, 'member-token')).status).toBe(200);
  });
});
