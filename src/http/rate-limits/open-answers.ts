import { busyForNow, tooManyForNow } from './counts.ts';
import type { Asker } from '../../platform/turns.ts';

/** Lets an answer begin, and answers how to say that it has ended. Faults: `too-many-requests` for one's own, `busy` for others'. */
export type BeginAnswer = (asker: Asker) => () => void;

const maxOfCaller = 20;
/** Of visitors, and of those who were verified: neither keeps the other from its lists. */
const maxOfSite = 200;

/**
 * Answers that are read as they are written hold some rows each for as long as nobody takes them, which a site may have filled. So
 * their number is bound from before the first byte until the last.
 */
export const openAnswers = (): BeginAnswer => {
  const open = new Map<string, number>();
  const add = (key: string, count: number): void => {
    const now = (open.get(key) ?? 0) + count;
    if (now > 0) open.set(key, now);
    else open.delete(key);
  };
  return ({ site, caller, isVerified = false }) => {
    const keys = [`caller ${caller}`, `${isVerified ? 'of' : 'at'} site ${site}`] as const;
    const [ofCaller, ofSite] = keys;
    if ((open.get(ofCaller) ?? 0) >= maxOfCaller) throw tooManyForNow();
    if ((open.get(ofSite) ?? 0) >= maxOfSite) throw busyForNow();
    for (const key of keys) add(key, 1);
    return () => {
      for (const key of keys) add(key, -1);
    };
  };
};
