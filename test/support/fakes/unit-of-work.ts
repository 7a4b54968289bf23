import { Fault } from '../../../src/domain/fault.ts';
import { RunAgain, type InOneSnapshot, type InOneTransaction } from '../../../src/ports/unit-of-work.ts';
import type { FakeDatabase } from './state.ts';

const mostRuns = 3;

export const fakeInOneTransaction = (database: FakeDatabase): InOneTransaction => {
  const run = async <T>(work: () => Promise<T>, runs: number): Promise<T> => {
    try {
      return await database.transaction(work);
    } catch (error) {
      if (!(error instanceof RunAgain)) throw error;
      if (runs >= mostRuns) throw new Fault('busy', { retryAfterSeconds: 1 }, undefined, { cause: error });
      return run(work, runs + 1);
    }
  };
  return (work) => (database.isInTransaction ? work() : run(work, 1));
};

export const fakeInOneSnapshot =
  (database: FakeDatabase): InOneSnapshot =>
  (work) =>
    database.isInside ? work() : database.snapshot(work);
