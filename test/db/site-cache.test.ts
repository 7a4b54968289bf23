import type { Site } from '../../src/domain/site.ts';
import { siteCache } from '../../src/db/site-cache.ts';
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
    const nothing = jest.fn(async () => []);
    for (let id = 0; id < 100; id += 1) await cache.kept(`id ${id}`, nothing);
    await cache.kept('id 0', nothing);
    expect(nothing).toHaveBeenCalledTimes(101);

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
    const cache = siteCache(60, 10);
    const read = jest.fn(async () => []);
    await cache.keptThoughEmpty('past', read);
    await cache.keptThoughEmpty('past', read);
    expect(read).toHaveBeenCalledTimes(1);
  });

  it('is what was read past it; all else goes where that is not what was kept', async () => {
    const cache = siteCache(60, 10);
    const again = jest.fn(async () => [renewed]);
    await cache.anew(async () => ({ all: [old], past: [] }));
    await cache.kept('id 1', async () => [old]);

    await cache.anew(async () => ({ all: [old], past: [] }));
    expect(await cache.kept('id 1', again)).toEqual([old]);
    await cache.anew(async () => ({ all: [renewed], past: [] }));

    expect(again).not.toHaveBeenCalled();
    expect(await cache.kept('id 1', again)).toEqual([renewed]);
    expect(await cache.kept('all', slowly().read)).toEqual([renewed]);
    expect(await cache.keptThoughEmpty('past', slowly().read)).toEqual([]);
  });

  it('is not what a reading past it brings that began before a change', async () => {
    const cache = siteCache(60, 10);
    const before = slowly();
    const early = cache.anew(async () => ({ all: await before.read() }));
    cache.forget();
    before.answers(old);

    expect(await early).toEqual({ all: [old] });
    expect(await cache.kept('all', async () => [renewed])).toEqual([renewed]);
  });
});
