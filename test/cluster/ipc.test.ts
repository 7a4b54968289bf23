import { lineOver, type Channel } from '../../src/cluster/ipc.ts';

/** Two ends of one channel in one process: what is sent arrives a moment later, as a copy. */
const channel = () => {
  const ends: ((message: unknown) => void)[][] = [[], []];
  let open = true;
  const end = (own: 0 | 1): Channel => ({
    send: (message, sent) => {
      setImmediate(() => {
        if (!open) sent(new Error('closed'));
        else for (const listener of ends[1 - own]!) listener(structuredClone(message));
      });
      return open;
    },
    on: (_event, listener) => ends[own]!.push(listener),
  });
  return { one: end(0), other: end(1), close: () => (open = false) };
};
interface Asks {
  readonly double: (number: number) => number;
  readonly fail: (nothing: null) => Promise<never>;
  readonly silence: (nothing: null) => Promise<never>;
}
const asks: Asks = {
  double: (number) => number * 2,
  fail: () => Promise.reject(new Error('no such thing')),
  silence: () => new Promise(() => undefined),
};
const lines = () => {
  const { one, other, close } = channel();
  lineOver(other, { ...asks });
  return { asking: lineOver<Asks>(one, {}), close };
};

describe('a line', () => {
  it('gives each question its own answer, however many are under way', async () => {
    const { asking } = lines();
    expect(await Promise.all([1, 2, 3].map((number) => asking.ask('double', number, 1000)))).toEqual([2, 4, 6]);
  });

  it('rejects with what failed at the other end', async () => {
    await expect(lines().asking.ask('fail', null, 1000)).rejects.toThrow('fail: no such thing');
  });

  it('rejects what is not answered in time', async () => {
    await expect(lines().asking.ask('silence', null, 20)).rejects.toThrow('silence: no answer within 20 ms');
  });

  it('rejects at once where the other end is gone', async () => {
    const { asking, close } = lines();
    close();
    await expect(asking.ask('double', 1, 60_000)).rejects.toThrow('closed');
  });
});
