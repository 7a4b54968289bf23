import type { Change, Changes } from '../../../src/ports/site-store.ts';

export interface FakeChanges extends Changes {
  /** What was announced so far. */
  readonly announced: readonly Change[];
}

export const fakeChanges = (): FakeChanges => {
  const announced: Change[] = [];
  const listeners: ((change: Change | 'everything') => void)[] = [];
  return {
    announced,
    announce: async (change) => {
      announced.push(change);
      for (const listener of listeners) listener(change);
    },
    listen: (listener) => void listeners.push(listener),
  };
};
