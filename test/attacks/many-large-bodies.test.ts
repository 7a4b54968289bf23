import { mergesAtOnce } from './support/merges-at-once.ts';
import { startSentences, users, type SentenceWorld } from '../journeys/sentences/support/world.ts';

/**
 * A body of thousands of keys takes fifty times as long to check and to merge as an ordinary one. In pieces, between which others have
 * their turn, it held nobody up; a hundred and fifty at once did, as one of their pieces went before each step of everybody else.
 * Source: docs/reference/neighbours.md.
 */
const [ours, theirs] = [11, 12] as const;
let s: SentenceWorld;
beforeAll(async () => {
  s = await startSentences({ [ours]: {}, [theirs]: {} });
});
afterAll(() => s.close());

const keys = (name: string): Record<string, string> =>
  Object.fromEntries(Array.from({ length: 9000 }, (_none, at) => [`k${at}`, name]));

test('an editor who sends thirty has one worked on at a time, and those of another site go between', async () => {
  const at = async (site: number) => (await s.person({ at: { [site]: 'editor' } })).at[site]!;
  const [busy, other] = [await at(ours), await at(theirs)];
  const order: string[] = [];
  const puts = async (who: number, site: number, name: string, answered: () => void): Promise<number> => {
    const { status } = await s.put(who, `/api/site/${site}`, { config: { cms: keys(name) } });
    answered();
    if (status === 200) order.push(name);
    return status;
  };

  const [statuses, most] = await mergesAtOnce(s, ours, async (answered) => {
    const all = Array.from({ length: 30 }, (_none, at) => puts(busy, ours, `busy ${at}`, answered));
    const between = puts(other, theirs, 'other', () => undefined);
    expect((await s.get(null, users(theirs))).status).toBe(200);
    expect(await between).toBe(200);
    return Promise.all(all);
  });

  // The answer comes a moment before the next begins.
  expect(most).toBeLessThanOrEqual(2);
  expect(statuses.filter((status) => status === 200).length).toBeGreaterThanOrEqual(20);
  expect(new Set(statuses)).toEqual(new Set([200, 429]));
  expect(order.indexOf('other')).toBeLessThan(5);
});

test('a small one waits for none', async () => {
  const editor = (await s.person({ at: { [ours]: 'editor' } })).at[ours]!;
  const first = s.put(editor, `/api/site/${ours}`, { config: { cms: keys('first') } });
  const second = s.put(editor, `/api/site/${ours}`, { config: { cms: keys('second') } });
  const small = s.put(editor, `/api/site/${ours}`, { title: 'Kort' });
  expect(await Promise.race([second.then(() => 'second'), small.then(() => 'small')])).toBe('small');
  expect((await Promise.all([first, second, small])).map(({ status }) => status)).toEqual([200, 200, 200]);
});
