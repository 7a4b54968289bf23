import { setTimeout as pause } from 'node:timers/promises';
import type { RecordedWorld } from '../../support/recorded-world.ts';

/** How many statements were sent since then (`before`), once there are no more for a second: what is left of an answer waits for its reader. */
export const statementsAtRest = async (world: Pick<RecordedWorld, 'statements'>, before: number): Promise<number> => {
  let [statements, quiet] = [0, 0];
  while (quiet < 20) {
    await pause(50);
    const now = world.statements() - before;
    quiet = now === statements && now > 0 ? quiet + 1 : 0;
    statements = now;
  }
  return statements;
};
