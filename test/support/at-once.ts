import type { Pieces } from '../../src/domain/sites/config-merge.ts';

/** What work comes to that is left off nowhere. */
export const atOnce = <T>(work: Pieces<T>): T => {
  for (;;) {
    const { done, value } = work.next();
    if (done === true) return value;
  }
};
