import { replacing } from '../../src/cluster/primary.ts';

const times = (count: number, lived: number, replace: ReturnType<typeof replacing>) =>
  Array.from({ length: count }, () => replace(lived));

describe('a worker that ended is replaced', () => {
  it('after a tenth of a second when it had lived', () => {
    expect(times(100, 10_001, replacing(2))).toEqual(Array(100).fill(100));
  });

  it('after a pause that doubles with each early death in a row, up to five seconds, and three times for each worker', () => {
    expect(times(8, 500, replacing(2))).toEqual([200, 400, 800, 1600, 3200, 5000, null, null]);
  });

  it('as at first once one has lived', () => {
    const replace = replacing(1);
    expect([...times(3, 500, replace), replace(60_000), ...times(4, 500, replace)]).toEqual([
      ...[200, 400, 800],
      ...[100],
      ...[200, 400, 800, null],
    ]);
  });
});
