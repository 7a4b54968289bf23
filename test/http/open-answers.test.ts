import type { Asker } from '../../src/platform/turns.ts';
import {
  openAnswers,
  type AnswerSize,
  type BeginAnswer,
  type Reader,
} from '../../src/http/rate-limits/open-answers.ts';

const soonMs = 5;
const quick: Reader = { isSlow: () => false, hangUp: () => undefined };
type Begin = (asker: Asker, reader?: Reader, size?: AnswerSize) => ReturnType<BeginAnswer>;
const answersOf = (waitMs?: number): Begin => {
  const begin = openAnswers(waitMs);
  return (asker, reader = quick, size = {}) => begin(asker, reader, size);
};

/** Takes as many as there are to be had, each by another caller. */
const greedy = async (begin: Begin, asker: Omit<Asker, 'caller'>): Promise<(() => void)[]> => {
  const ends: (() => void)[] = [];
  for (;;) {
    const end = await begin({ ...asker, caller: `${asker.site} ${ends.length}` }).catch(() => null);
    if (end === null) return ends;
    ends.push(end);
  }
};

test('a site has two hundred answers under way for strangers, which keep neither its people nor its programs out', async () => {
  const begin = answersOf(0);
  const ends = await greedy(begin, { site: '11' });
  expect(ends).toHaveLength(200);
  await expect(begin({ site: '11', caller: 'another' })).rejects.toMatchObject({ code: 'busy' });
  await begin({ site: '12', caller: 'another' });
  expect((await greedy(begin, { site: '11', isVerified: true })).length).toBeGreaterThan(100);
  await expect(begin({ site: '11', caller: 'another', isVerified: true })).rejects.toThrow('Others');
  await begin({ site: '11', caller: 'program', isVerified: true, servesAll: true });
  for (const end of ends) end();
  expect((await greedy(begin, { site: '11' })).length).toBeGreaterThan(100);
});

test('in all six hundred and sixty are under way, and six sites that take what they can leave some to the seventh', async () => {
  const begin = answersOf(0);
  const taken: number[] = [];
  const ofSite = async (site: string): Promise<(() => void)[]> => greedy(begin, { site, isVerified: true });
  for (let site = 0; site < 6; site += 1) taken.push((await ofSite(String(site))).length);
  expect(taken.every((count, at) => count < (taken[at - 1] ?? 600))).toBe(true);
  const next = await ofSite('quiet');
  expect(next.length).toBeGreaterThan(0);
  for (let site = 6; site < 1000; site += 1) taken.push((await ofSite(String(site))).length);
  expect(taken.reduce((sum, count) => sum + count, next.length)).toBe(660);
  // The last sixty are for those who have none, and each has one.
  expect(taken.filter((count) => count === 1).length).toBeGreaterThanOrEqual(60);
  await expect(begin({ site: 'late', caller: 'late', isVerified: true })).rejects.toMatchObject({ code: 'busy' });
  // Whoever reads makes room for whoever has none.
  next[0]?.();
  await begin({ site: 'late', caller: 'late', isVerified: true });
});

test('strangers at whatever sites have half of all together, and keep nobody out who is known', async () => {
  const begin = answersOf(0);
  let count = 0;
  for (let site = 0; site < 15; site += 1) count += (await greedy(begin, { site: String(site) })).length;
  expect(count).toBeLessThanOrEqual(330);
  await begin({ site: 'quiet', caller: 'visitor' });
  for (const at of ['7', 'quiet']) {
    await begin({ site: at, caller: 'member', isVerified: true });
    await begin({ site: at, caller: 'moderator', isVerified: true, isStaff: true });
    await begin({ site: at, caller: 'program', isVerified: true, servesAll: true });
  }
});

test('a stranger for whom strangers make no room ends no answer of who is known', async () => {
  const begin = answersOf(soonMs);
  const hungUp: string[] = [];
  const slowly = (name: string): Reader => ({ isSlow: () => true, hangUp: () => hungUp.push(name) });
  for (let at = 0; at < 100; at += 1)
    await begin({ site: 'large', caller: `person ${at}`, isVerified: true }, slowly('person'));
  for (let at = 0; at < 330; at += 1) {
    const caller = `address ${at % 20}`;
    await begin({ site: String(at), caller }, slowly('stranger'));
  }
  await expect(begin({ site: 'late', caller: 'late' })).rejects.toMatchObject({ code: 'busy' });
  expect(hungUp).not.toContain('person');
});

test('a program has twenty at each site that it serves, and a hundred at all of them', async () => {
  const begin = answersOf(0);
  const program = (at: number) => ({ site: String(at), caller: 'user 2', isVerified: true, servesAll: true });
  for (let at = 0; at < 100; at += 1) await begin(program(Math.floor(at / 20)));
  for (const site of [0, 30]) await expect(begin(program(site))).rejects.toMatchObject({ code: 'too-many-requests' });
  await begin({ ...program(0), caller: 'user 3' });
});

test('a person has twenty at each site, and eighty at all of them, so that none uses up what they have at others', async () => {
  const begin = answersOf(0);
  const person = (at: number) => ({ site: String(at), caller: 'person 2', isVerified: true });
  for (let at = 0; at < 80; at += 1) await begin(person(Math.floor(at / 20)));
  for (const site of [0, 30]) await expect(begin(person(site))).rejects.toMatchObject({ code: 'too-many-requests' });
  await begin({ ...person(0), caller: 'person 3' });
});

test('of one address twenty are under way, at whatever sites', async () => {
  const begin = answersOf(soonMs);
  const ends = await Promise.all(Array.from({ length: 20 }, (_none, at) => begin({ site: String(at), caller: 'one' })));
  await expect(begin({ site: '30', caller: 'one' })).rejects.toMatchObject({ code: 'too-many-requests' });
  ends[0]?.();
  await begin({ site: '30', caller: 'one' });
});

test('who reads what they ask for has as many as they like: the next waits for the one before', async () => {
  const begin = answersOf(300_000);
  const all = Array.from({ length: 100 }, async (_none, at) => {
    const end = await begin({ site: '11', caller: 'a page’s server' });
    await new Promise(setImmediate);
    end();
    return at;
  });

  expect(await Promise.all(all)).toHaveLength(100);
});

test('a hundred wait: the next is told at once', async () => {
  const begin = answersOf(300_000);
  const ends = await Promise.all(Array.from({ length: 20 }, () => begin({ site: '11', caller: 'one' })));
  const waiting = Array.from({ length: 100 }, () => begin({ site: '11', caller: 'one' }));
  await expect(begin({ site: '11', caller: 'one' })).rejects.toMatchObject({ code: 'too-many-requests' });
  for (const end of ends) end();
  for (const begun of waiting) (await begun)();
});

/** As of somebody who takes nothing of it: the connection can be ended. */
const slow = (ends: readonly (() => void)[], at: number, hungUp: number[]): Reader => ({
  isSlow: () => !hungUp.includes(at),
  hangUp: () => {
    hungUp.push(at);
    ends[at]?.();
  },
});

test('where a line is full, one who takes next to nothing loses an answer to one who has fewer', async () => {
  const begin = answersOf(300_000);
  const ends: (() => void)[] = [];
  const hungUp: number[] = [];
  for (let at = 0; at < 200; at += 1)
    ends.push(await begin({ site: '11', caller: `address ${at % 10}` }, slow(ends, at, hungUp)));
  (await begin({ site: '11', caller: 'visitor' }))();
  expect(hungUp).toHaveLength(1);
  // Nobody takes from others what they have themselves.
  const own = begin({ site: '11', caller: 'address 10' });
  await own;
  expect(hungUp).toHaveLength(1);
});

test('and keeps it as long as nobody waits, or those who do have as much', async () => {
  const begin = answersOf(soonMs);
  const ends: (() => void)[] = [];
  const hungUp: number[] = [];
  for (let at = 0; at < 200; at += 1)
    ends.push(await begin({ site: '11', caller: `address ${at}` }, slow(ends, at, hungUp)));
  await expect(begin({ site: '11', caller: 'address 0' })).rejects.toMatchObject({ code: 'busy' });
  const twenty = Array.from({ length: 21 }, () => begin({ site: '12', caller: 'one' }, slow([], 0, hungUp)));
  await expect(Promise.all(twenty)).rejects.toMatchObject({ code: 'too-many-requests' });
  expect(hungUp).toEqual([]);
});

test('of those who wait, whoever has fewest under way comes first', async () => {
  const begin = answersOf(300_000);
  const ends: (() => void)[] = [];
  for (let at = 0; at < 200; at += 1) ends.push(await begin({ site: '11', caller: `address ${at % 10}` }));
  const served: string[] = [];
  const waits = async (caller: string): Promise<void> => {
    const end = await begin({ site: '11', caller });
    served.push(caller);
    end();
  };
  const all = [...Array.from({ length: 30 }, () => waits('address 1')), waits('visitor')];
  ends[0]?.();
  await all.at(-1);
  expect(served).toEqual(['visitor']);
  for (const end of ends.slice(1)) end();
  await Promise.all(all);
});

describe('what tells of something that was done', () => {
  const done = (begin: Begin, asker: Asker, reader: Reader, bytes = 0) => begin(asker, reader, { isDone: true, bytes });
  const member = (site: string) => ({ site, caller: `person of ${site}`, isVerified: true });

  test('is refused to nobody, and takes none of what others may have', async () => {
    const begin = answersOf(0);
    for (let at = 0; at < 1000; at += 1) await done(begin, member('11'), quick);
    await begin(member('11'));
    await begin({ ...member('11'), caller: 'another' });
    expect(await greedy(begin, { site: '12' })).toHaveLength(200);
  });

  test('a hundred are held: one more ends the first of whoever has most', async () => {
    const begin = answersOf(0);
    const hungUp: string[] = [];
    const reader = (name: string): Reader => ({ isSlow: () => false, hangUp: () => hungUp.push(name) });
    await done(begin, member('12'), reader('ordinary'));
    const ends: (() => void)[] = [];
    for (let at = 0; at < 49; at += 1) ends.push(await done(begin, member('11'), reader(`much ${at}`), 1_500_000));
    expect(hungUp).toEqual([]);
    await done(begin, member('11'), reader('much 49'), 1_500_000);
    expect(hungUp).toEqual(['much 0']);
    // It is told to have ended, which makes no room twice; another does.
    ends[0]?.();
    ends[1]?.();
    for (let at = 0; at < 3; at += 1) await done(begin, member('13'), reader('another'));
    expect(hungUp).toEqual(['much 0']);
    await done(begin, member('13'), reader('another'));
    expect(hungUp).toEqual(['much 0', 'much 2']);
  });
});
