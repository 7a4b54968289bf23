import { isFault } from '../domain/fault.ts';
import type { Job } from './runner.ts';

/** Puts right what an OpenStad API beside us wrote. */
export const besideOpenstad = (putRight: (stopping: () => boolean) => Promise<void>): Job => ({
  name: 'beside-openstad',
  everySeconds: 300,
  run: async (stopping) => {
    try {
      await putRight(stopping);
    } catch (error) {
      // A database that is away is told of where it is missed; another instance that is at it does it.
      if (!isFault(error, 'not-ready') && !isFault(error, 'busy')) throw error;
    }
  },
});
