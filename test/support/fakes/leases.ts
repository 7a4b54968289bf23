import { Fault, mayHaveHappened } from '../../../src/domain/fault.ts';
import type { Clock } from '../../../src/ports/platform.ts';
import type { Lease, WithLease } from '../../../src/ports/unit-of-work.ts';

const waitMs = 10_000;
const pollMs = 5;

/** Leases of one process, by the clock it is given; waiting is polling in real time, so a test may let the clock run on. */
export const fakeWithLease = (clock: Pick<Clock, 'now'>, oauthTimeLimitMs: number): WithLease => {
  const lifeMs = 2 * oauthTimeLimitMs + 2000;
  const held = new Map<string, { readonly token: symbol; readonly expiresAt: number }>();
  const isFree = (name: string): boolean => (held.get(name)?.expiresAt ?? 0) <= clock.now().getTime();

  const keep = (name: string, token: symbol): void => {
    held.set(name, { token, expiresAt: clock.now().getTime() + lifeMs });
  };

  const take = async (name: string): Promise<symbol> => {
    const giveUpAt = clock.now().getTime() + waitMs;
    // A clock that stands still must not make anybody wait for ever.
    for (let polls = 0; !isFree(name); polls += 1) {
      if (clock.now().getTime() >= giveUpAt || polls * pollMs >= waitMs) throw busy();
      await new Promise((resolve) => setTimeout(resolve, pollMs));
    }
    const token = Symbol(name);
    keep(name, token);
    return token;
  };

  return async (name, work) => {
    const token = await take(name);
    const isHeld = (): boolean => held.get(name)?.token === token;
    const lease: Lease = {
      assertHeld: async () => {
        if (!isHeld() || isFree(name)) throw busy();
        keep(name, token);
      },
    };
    try {
      const answer = await work(lease);
      if (isHeld()) held.delete(name);
      return answer;
    } catch (error) {
      // A write that may still be under way at the OAuth server keeps its lease until that has run out.
      if (isHeld() && !mayHaveHappened(error)) held.delete(name);
      throw error;
    }
  };
};

const busy = (): Fault => new Fault('busy', { retryAfterSeconds: 1 });
