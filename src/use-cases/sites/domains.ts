import { Fault } from '../../domain/fault.ts';
import type { Ports } from '../../ports/index.ts';
import type { Lease } from '../../ports/unit-of-work.ts';

type Needs = Pick<Ports, 'sites' | 'secrets' | 'withLease' | 'inOneTransaction'>;

/**
 * Runs a unit that gives a domain to a site. Two sites cannot take one at once: no index can say "unique among live sites", so
 * whoever takes a domain holds a lease on it, and renews it inside the unit. Fault `conflict` (rule `domain-taken`).
 */
export const takingDomain = <T>(
  { sites, secrets, withLease, inOneTransaction }: Needs,
  domain: string,
  owner: number | null,
  unit: () => Promise<T>,
): Promise<T> =>
  withLease(`site-domain:${secrets.fingerprint('site domain lease', domain)}`, (lease: Lease) =>
    inOneTransaction(async () => {
      await lease.assertHeld();
      const there = await sites.idOfDomain(domain);
      if (there !== null && there !== owner)
        throw new Fault('conflict', { rule: 'domain-taken' }, 'Another site has this domain.');
      return unit();
    }),
  );
