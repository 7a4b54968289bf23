import { systemClock } from '../../src/platform/clock.ts';

describe('within', () => {
  it('gives what the promise gives in time', async () => {
    await expect(systemClock.within(Promise.resolve('done'), 1000)).resolves.toBe('done');
  });

  it('gives undefined when time is up, and leaves the promise alone', async () => {
    let finish: (word: string) => void = () => undefined;
    const slow = new Promise<string>((resolve) => {
      finish = resolve;
    });
    await expect(systemClock.within(slow, 1)).resolves.toBeUndefined();
    finish('late');
    await expect(slow).resolves.toBe('late');
  });

  it('fails as the promise fails', async () => {
    await expect(systemClock.within(Promise.reject(new Error('no')), 1000)).rejects.toThrow('no');
  });

  it('does not make a later failure an unhandled one', async () => {
    const unhandled = jest.fn();
    process.once('unhandledRejection', unhandled);
    let fail: (error: Error) => void = () => undefined;
    const slow = new Promise<string>((_resolve, reject) => {
      fail = reject;
    });
    await systemClock.within(slow, 1);
    fail(new Error('late'));
    await new Promise((resolve) => setImmediate(resolve));
    process.removeListener('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });
});

it('spreads over [0, 1)', () => {
  for (let turn = 0; turn < 100; turn += 1) {
    const fraction = systemClock.spread();
    expect(fraction >= 0 && fraction < 1).toBe(true);
  }
});
