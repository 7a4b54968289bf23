import { turnByTurn } from '../../src/platform/http-client.ts';

const signal = (): AbortSignal => new AbortController().signal;

describe('Turns', () => {
  test('come one at a time, in the order of asking', async () => {
    const take = turnByTurn();
    const order: string[] = [];
    const first = await take(signal());
    const others = ['second', 'third'].map(async (name) => {
      const giveBack = await take(signal());
      order.push(name);
      giveBack();
    });
    order.push('first');
    first();
    await Promise.all(others);

    expect(order).toEqual(['first', 'second', 'third']);
    (await take(signal()))();
  });

  test('are not waited for by many: each keeps a connection', async () => {
    const take = turnByTurn();
    const giveBack = await take(signal());
    const waiting = [take(signal()), take(signal()), take(signal())];

    await expect(take(signal())).rejects.toThrow();

    giveBack();
    for (const one of waiting) (await one)();
    (await take(signal()))();
  });

  test('are not waited for longer than there is time, and are then nobody’s', async () => {
    const take = turnByTurn();
    const giveBack = await take(signal());
    const impatient = new AbortController();
    const waiting = take(impatient.signal);
    const next = take(signal());

    impatient.abort();
    giveBack();

    await expect(waiting).rejects.toThrow();
    (await next)();
    await expect(take(AbortSignal.abort())).rejects.toThrow();
    (await take(signal()))();
  });
});
