import { Fault, mayHaveHappened } from '../domain/fault.ts';
import type { Ports } from '../ports/index.ts';
import type { WithLease } from '../ports/unit-of-work.ts';
import { ambient } from './ambient.ts';
import type { Database } from './database.ts';
import { takeLease, type HeldLease } from './lease-row.ts';

interface Terms extends Pick<Ports, 'clock' | 'log'> {
  readonly oauthTimeLimitMs: number;
}
const timeoutMs = 10_000;

/** Source: docs/adr/0002 "Leases". Faults: `busy` for who waited 10 s, and from `assertHeld` for who was too slow. */
export const leases =
  (database: Database, { clock, log, oauthTimeLimitMs }: Terms): WithLease =>
  async (name, work) => {
    // Inside a transaction nobody would see the lease before the commit, and its locks would be held across a remote call.
    if (ambient() !== undefined) throw new Error('a lease is taken before the unit of work, not inside');
    const lease = await takeLease(database, clock, { name, lifeMs: 2 * oauthTimeLimitMs + 2_000, timeoutMs });
    if (lease === null) throw new Fault('busy', { retryAfterSeconds: 2 }, 'Somebody else is changing this person.');
    try {
      const answer = await work({ assertHeld: () => mustBeHeld(lease) });
      await giveBack(lease, log);
      return answer;
    } catch (error) {
      // A write that may still be under way at the OAuth server keeps its lease until that has run out.
      if (!mayHaveHappened(error)) await giveBack(lease, log);
      throw error;
    }
  };

const mustBeHeld = async (lease: HeldLease): Promise<void> => {
  if (!(await lease.renew())) throw new Fault('busy', { retryAfterSeconds: 1 }, 'This took too long.');
};

/** What was done stays done: a lease that cannot be given back runs out by itself. */
const giveBack = (lease: HeldLease, log: Terms['log']): Promise<void> =>
  lease.release().catch((error: unknown) => {
    log.warn({ err: error }, 'a lease could not be given back');
  });
