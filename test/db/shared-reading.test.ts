import { sharedReading } from '../../src/db/stores/site-rows.ts';

/** Readings whose ends the test decides, in the order in which they began. */
const readings = () => {
  const ends: { readonly resolve: (value: string) => void; readonly reject: (error: Error) => void }[] = [];
  const read = jest.fn(
    () =>
      new Promise<string>((resolve, reject) => {
        ends.push({ resolve, reject });
      }),
  );
  return { read, ends };
};
const turn = () => new Promise(setImmediate);

describe('a shared reading', () => {
  it('answers nobody who asked after it began: they share the next one, which begins when it ends', async () => {
    const { read, ends } = readings();
    const ask = sharedReading(read);
    const first = ask();
    const others = [ask(), ask(), ask()];
    await turn();
    expect(read).toHaveBeenCalledTimes(1);

    ends[0]!.resolve('before');
    expect(await first).toBe('before');
    await turn();
    const later = ask();
    expect(read).toHaveBeenCalledTimes(2);
    ends[1]!.resolve('after');
    expect(await Promise.all(others)).toEqual(['after', 'after', 'after']);
    await turn();
    ends[2]!.resolve('later');

    expect(await later).toBe('later');
    expect(read).toHaveBeenCalledTimes(3);
  });

  it('that fails, fails those who asked for it, and nobody else', async () => {
    const { read, ends } = readings();
    const ask = sharedReading(read);
    const first = ask();
    const second = ask();
    ends[0]!.reject(new Error('the database is away'));
    await expect(first).rejects.toThrow('away');
    await turn();
    ends[1]!.resolve('there again');

    expect(await second).toBe('there again');
    const third = ask();
    ends[2]!.resolve('still');
    expect(await third).toBe('still');
  });
});
