import { Fault, mayHaveHappened } from '../domain/fault.ts';
import type { Ports } from '../ports/index.ts';
import type { Lease, WithLease } from '../ports/unit-of-work.ts';
import { ambient } from './ambient.ts';
import type { Database } from './database.ts';
import { askerNow } from '../platform/asker.ts';
import { NoTurn } from '../platform/turns.ts';
import { leaseLines } from './lease-line.ts';
import type { HeldLease } from './lease-row.ts';

interface Terms extends Pick<Ports, 'clock' | 'log'> {
  readonly oauthTimeLimitMs: number;
}
const maxWaitMs = 10_000;

/**
 * Source: docs/adr/0002 "Leases". Faults: `busy` for who waited 10 s, or where too many wait already, and from `assertHeld` for
 * who was too slow.
 */
export const leases = (database: Database, { clock, log, oauthTimeLimitMs }: Terms): WithLease => {
  const inLine = leaseLines(database, clock);
  const lifeMs = 2 * oauthTimeLimitMs + 2_000;
  return async (name, work) => {
    // Inside a transaction nobody would see the lease before the commit, and its locks would be held across a remote call.
    if (ambient() !== undefined) throw new Error('a lease is taken before the unit of work, not inside');
    const timeoutMs = Math.min(maxWaitMs, askerNow().patienceMs ?? maxWaitMs);
    try {
      return await inLine({ name, lifeMs, timeoutMs }, async (lease) => {
        if (lease === null) throw busy('Somebody else is changing this person.');
        return under(lease, log, work);
      });
    } catch (error) {
      if (!(error instanceof NoTurn)) throw error;
      throw busy(
        error.isOwn ? 'You are changing this person many times at once.' : 'Too many are changing this person.',
      );
    }
  };
};

const under = async <T>(lease: HeldLease, log: Terms['log'], work: (lease: Lease) => Promise<T>): Promise<T> => {
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

const busy = (detail: string): Fault<'busy'> => new Fault('busy', { retryAfterSeconds: 2 }, detail);

const mustBeHeld = async (lease: HeldLease): Promise<void> => {
  if (!(await lease.renew())) throw new Fault('busy', { retryAfterSeconds: 1 }, 'This took too long.');
};

/** What was done stays done: a lease that cannot be given back runs out by itself. */
const giveBack = (lease: HeldLease, log: Terms['log']): Promise<void> =>
  lease.release().catch((error: unknown) => {
    log.warn({ err: error }, 'a lease could not be given back');
  });
