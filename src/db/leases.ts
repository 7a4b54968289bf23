import { Fault } from '../domain/fault.ts';
import type { WithLease } from '../ports/leases.ts';
import type { Ports } from '../ports/index.ts';
import { ambient } from './ambient.ts';
import type { Database } from './database.ts';
import { takeLease } from './lease-row.ts';

const patienceMs = 10_000;

/** Source: docs/adr/0002 "Leases". Faults: `busy` for who waited 10 s, and from `assertHeld` for who was too slow. */
export const leases =
  (database: Database, { clock, log, oauthTimeLimitMs }: Pick<Ports, 'clock' | 'log'> & { readonly oauthTimeLimitMs: number }): WithLease =>
  async (name, work) => {
    // A lease taken in a transaction would be seen by nobody before the commit, and would hold locks across a remote call.
    if (ambient() !== undefined) throw new Error('a lease is taken before the unit of work, not inside');
    const held = await takeLease(database, clock, { name, lifeMs: 2 * oauthTimeLimitMs + 2_000, patienceMs });
    if (held === null) throw new Fault('busy', { retryAfterSeconds: 2 }, 'Somebody else is changing this person.');
    const assertHeld = async (): Promise<void> => {
      if (!(await held.renew())) throw new Fault('busy', { retryAfterSeconds: 1 }, 'This took too long, and nothing was changed.');
    };
    try {
      return await work({ assertHeld });
    } finally {
      // What was done stays done: a lease that cannot be given back runs out by itself.
      await held.release().catch((error: unknown) => {
        log.warn({ error }, 'a lease could not be released');
      });
    }
  };
