import type { SentenceWorld } from '../../journeys/sentences/support/world.ts';
import { until } from '../../support/until.ts';

/** While a unit of work holds what `hold` locks, and until `work`, which begins outside of it, is over. */
export const whileHeld = async <T>(
  s: SentenceWorld,
  hold: () => Promise<unknown>,
  work: () => Promise<T>,
): Promise<T> => {
  let [isHeld, isOver] = [false, false];
  const unit = s.world.container.ports.inOneTransaction(async () => {
    await hold();
    isHeld = true;
    await until('the work is over', () => isOver);
  });
  await until('the rows are held', () => isHeld);
  try {
    return await work();
  } finally {
    isOver = true;
    await unit;
  }
};
