import { countsOfAll } from '../../src/cluster/hub.ts';

describe('sums of all workers', () => {
  it('add up by name', () => {
    const add = countsOfAll();
    expect([add('a', 1, 1000), add('b', 5, 1000), add('a', 2, 1000)]).toEqual([1, 5, 3]);
  });

  it('begin anew when their time is over, however often they were added to', () => {
    let now = 0;
    const add = countsOfAll(() => now);
    add('a', 3, 1000);
    now = 999;
    expect(add('a', 1, 1000)).toBe(4);
    now = 1000;
    expect(add('a', 1, 1000)).toBe(1);
  });

  it('of a flood of names are kept only so many, and newcomers count by themselves, until there is room again', () => {
    let now = 0;
    const add = countsOfAll(() => now);
    for (let at = 0; at < 200_000; at += 1) add(`caller ${at}`, 1, 1000);
    expect([add('late', 1, 1000), add('late', 1, 1000), add('caller 7', 1, 1000)]).toEqual([1, 1, 2]);
    now = 30_000;
    expect([add('late', 1, 1000), add('late', 1, 1000)]).toEqual([1, 2]);
  });
});
