import { nextTurn } from '../../src/platform/clock.ts';

/** In which turn of the loop, counted from now, each of these comes. */
const turnsOf = async (waits: readonly (() => Promise<void>)[]): Promise<readonly number[]> => {
  let turn = 0;
  let isOver = false;
  const count = (): void => {
    turn += 1;
    if (!isOver) setImmediate(count);
  };
  setImmediate(count);
  const turns = await Promise.all(waits.map((wait) => wait().then(() => turn)));
  isOver = true;
  return turns;
};

test('whoever waits for the next turn lets others come first', async () => {
  const events: string[] = [];
  setImmediate(() => events.push('somebody else'));
  await nextTurn();
  events.push('we');
  expect(events).toEqual(['somebody else', 'we']);
});

test('of many who wait one comes in each turn', async () => {
  const turns = await turnsOf(Array.from({ length: 10 }, () => nextTurn));
  expect(turns).toEqual([...turns].sort((one, other) => one - other));
  expect(new Set(turns).size).toBe(10);
});
