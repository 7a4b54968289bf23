import type { Site } from '../../src/domain/sites/site.ts';
import { siteCache as cacheOf, type ReadLists, type SiteCache } from '../../src/db/stores/site-store.ts';
import { aSite } from '../support/builders.ts';

/** A reading whose end the test decides. */
const slowly = () => {
  let done: (sites: readonly Site[]) => void = () => undefined;
  let fail: (error: Error) => void = () => undefined;
  const read = jest.fn(
    () =>
      new Promise<readonly Site[]>((resolve, reject) => {
        done = resolve;
        fail = reject;
      }),
  );
  return {
    read,
    answers: (...sites: readonly Site[]): void => {
      done(sites);
    },
    fails: (): void => {
      fail(new Error('the database is away'));
    },
  };
};
const nothing = async () => [];
const siteCache = (
  freshSeconds: number,
  most: number,
  { whole = {}, some = {} }: { readonly [K in keyof ReadLists]?: Partial<ReadLists[K]> } = {},
): SiteCache =>
  cacheOf(freshSeconds, most, {
    whole: { all: nothing, past: nothing, ...whole },
    some: { all: nothing, past: nothing, ...some },
  });
const [old, renewed] = [aSite({ id: 1, title: 'Oud' }), aSite({ id: 1, title: 'Nieuw' })];

describe('what is kept of sites', () => {
  it('is read once, however many ask at once and after', async () => {
    const cache = siteCache(60, 10);
    const { read, answers } = slowly();

    const asked = [cache.kept('id 1', read), cache.kept('id 1', read)];
    answers(old);

    expect(await Promise.all([...asked, cache.kept('id 1', read)])).toEqual([[old], [old], [old]]);
    expect(read).toHaveBeenCalledTimes(1);
  });

  it('is not what a reading brings that began before the change', async () => {
    const cache = siteCache(60, 10);
    const [before, after] = [slowly(), slowly()];
    const early = cache.kept('id 1', before.read);
    cache.forget();

    const late = cache.kept('id 1', after.read);
    after.answers(renewed);
    expect(await late).toEqual([renewed]);
    before.answers(old);
    expect(await early).toEqual([old]);

    expect(await cache.kept('id 1', slowly().read)).toEqual([renewed]);
  });

  it('is not shared with who asks after the change, while a reading from before it is under way', async () => {
    const cache = siteCache(60, 10);
    const [before, after] = [slowly(), slowly()];
    const early = cache.kept('id 1', before.read);
    cache.forget();
    const late = cache.kept('id 1', after.read);
    before.answers(old);
    await early;

    const later = cache.kept('id 1', slowly().read);
    after.answers(renewed);

    expect(await Promise.all([late, later])).toEqual([[renewed], [renewed]]);
  });

  it('is never more than so many, and never what was not found', async () => {
    const cache = siteCache(60, 3);
    const absent = jest.fn(nothing);
    for (let id = 0; id < 100; id += 1) await cache.kept(`id ${id}`, absent);
    await cache.kept('id 0', absent);
    expect(absent).toHaveBeenCalledTimes(101);

    for (const id of [1, 2, 3]) await cache.kept(`id ${id}`, async () => [aSite({ id })]);
    const again = jest.fn(async () => [aSite()]);
    for (const id of [1, 2, 3]) await cache.kept(`id ${id}`, again);
    expect(again).not.toHaveBeenCalled();
    await cache.kept('id 4', async () => [aSite({ id: 4 })]);
    await cache.kept('id 1', again);
    expect(again).toHaveBeenCalledTimes(1);
  });

  it('is nothing after a reading that failed, and with a time of nothing', async () => {
    const cache = siteCache(60, 10);
    const failing = slowly();
    const asked = cache.kept('id 1', failing.read);
    failing.fails();
    await expect(asked).rejects.toThrow('away');
    expect(await cache.kept('id 1', async () => [renewed])).toEqual([renewed]);

    const never = siteCache(0, 10);
    const read = jest.fn(async () => [old]);
    await never.kept('id 1', read);
    await never.kept('id 1', read);
    expect(read).toHaveBeenCalledTimes(2);
  });

  it('may be that there is nothing, for the one list of past sites', async () => {
    const past = jest.fn(nothing);
    const cache = siteCache(60, 10, { whole: { past } });
    await cache.list('past');
    await cache.list('past');
    expect(past).toHaveBeenCalledTimes(1);
  });

  it('is what was read past it; of single sites those go that are not what was kept', async () => {
    const again = jest.fn(async () => [renewed]);
    const other = aSite({ id: 2 });
    let now = [old, other];
    const cache = siteCache(60, 10, { whole: { all: async () => now } });
    await cache.anew();
    await cache.kept('id 1', async () => [old]);
    await cache.kept('id 2', async () => [other]);

    await cache.anew();
    expect(await cache.kept('id 1', again)).toEqual([old]);
    now = [renewed, other];
    await cache.anew();

    expect(again).not.toHaveBeenCalled();
    expect(await cache.kept('id 1', again)).toEqual([renewed]);
    expect(await cache.kept('id 2', slowly().read)).toEqual([other]);
    expect(await cache.list('all')).toEqual([renewed, other]);
    expect(await cache.list('past')).toEqual([]);
  });

  it('is not what a reading past it brings that began before all was forgotten', async () => {
    const before = slowly();
    const all = jest.fn(async (): Promise<readonly Site[]> => [renewed]).mockImplementationOnce(before.read);
    const cache = siteCache(60, 10, { whole: { all } });
    const early = cache.anew();
    cache.forget();
    before.answers(old);

    expect((await early).all).toEqual([old]);
    expect(await cache.list('all')).toEqual([renewed]);
  });
});

describe('a site that changed', () => {
  const others = [aSite({ id: 2 }), aSite({ id: 3 })];

  it('is read anew, and no other; lists are put right for it, and once for many who ask', async () => {
    const all = jest.fn(async () => [old, ...others]);
    const some = jest.fn(async () => [renewed]);
    const cache = siteCache(60, 10, { whole: { all }, some: { all: some } });
    await cache.list('all');
    for (const site of [old, ...others]) {
      await cache.kept(`id ${site.id}`, async () => [site]);
      await cache.kept(`domain d${site.id}`, async () => [site]);
    }

    cache.changed(1);

    const lists = await Promise.all(Array.from({ length: 100 }, () => cache.list('all')));
    expect(lists).toEqual(Array(100).fill([renewed, ...others]));
    expect([all.mock.calls.length, some.mock.calls]).toEqual([1, [[[1]]]]);
    for (const key of ['id 1', 'domain d1']) expect(await cache.kept(key, async () => [renewed])).toEqual([renewed]);
    for (const { id } of others)
      for (const key of [`id ${id}`, `domain d${id}`])
        expect((await cache.kept(key, slowly().read)).map((site) => site.id)).toEqual([id]);
  });

  it('comes into the list where it is new, leaves it where it is gone, and is then among the past ones', async () => {
    const gone = aSite({ id: 2 });
    const some = {
      all: async (ids: readonly number[]) => (ids.includes(4) ? [aSite({ id: 4 })] : []),
      past: async () => [gone],
    };
    const cache = siteCache(60, 10, { whole: { all: async () => others }, some });
    const ids = async (name: 'all' | 'past') => (await cache.list(name)).map(({ id }) => id);
    expect([await ids('all'), await ids('past')]).toEqual([[2, 3], []]);
    cache.changed(2);
    expect([await ids('all'), await ids('past')]).toEqual([[3], [2]]);
    cache.changed(4);
    expect(await ids('all')).toEqual([3, 4]);
  });

  it('is not what a list or a look at it says that began before', async () => {
    const [list, look, mending] = [slowly(), slowly(), slowly()];
    const some = jest.fn(async (): Promise<readonly Site[]> => [renewed]).mockImplementationOnce(mending.read);
    const cache = siteCache(60, 10, { whole: { all: list.read }, some: { all: some } });
    const early = [cache.list('all'), cache.kept('id 1', look.read)];
    cache.changed(1);
    const late = [cache.list('all'), cache.kept('id 1', async () => [renewed])];
    list.answers(old);
    look.answers(old);
    // It changes again while it is read anew.
    await new Promise((resolve) => setImmediate(resolve));
    cache.changed(1);
    const later = cache.list('all');
    mending.answers(old);
    expect(await later).toEqual([renewed]);
    await Promise.all(early);
    expect((await late[1])?.[0]).toBe(renewed);
    expect(await cache.kept('id 1', async () => [renewed])).toEqual([renewed]);
    expect(await cache.list('all')).toEqual([renewed]);
  });

  it('stays to be read where that failed, and keeps no list longer than it would have been', async () => {
    const all = jest.fn(async () => [old]);
    const some = jest.fn(async () => [renewed]).mockRejectedValueOnce(new Error('away'));
    const cache = siteCache(60, 10, { whole: { all }, some: { all: some } });
    await cache.list('all');
    cache.changed(1);
    await expect(cache.list('all')).rejects.toThrow('away');
    expect(await cache.list('all')).toEqual([renewed]);
    const later = jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 61_000);
    await cache.list('all');
    later.mockRestore();
    expect(all).toHaveBeenCalledTimes(2);
  });
});
