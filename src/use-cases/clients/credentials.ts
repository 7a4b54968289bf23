import type { Client } from '../../domain/client.ts';
import { Fault } from '../../domain/fault.ts';
import type { ClientSecrets } from '../../ports/client-store.ts';
import type { Ports } from '../../ports/index.ts';
import type { Credentials } from './commands.ts';

/**
 * The client with this key, if the secret is its own: the present one, or the one before until its overlap is over. A wrong key
 * costs what a wrong secret costs: two comparisons are made whatever is known. Fault `invalid-client`. Source: management-api.md §1.
 */
export const clientWith =
  ({ clients, secrets, clock }: Pick<Ports, 'clients' | 'secrets' | 'clock'>) =>
  async ({ key, secret }: Credentials): Promise<Client> => {
    const found = await clients.byKey(key);
    const { secret: present, previous, previousExpiresAt } = found ?? nobody;
    const isPresent = secrets.matches('client secret', secret, present);
    const isPrevious =
      secrets.matches('client secret', secret, previous ?? nothing) && isBefore(clock.now(), previousExpiresAt);
    if (found === null || !(isPresent || isPrevious))
      throw new Fault('invalid-client', { scheme: 'Basic' }, 'The client is not known, or its secret is another.');
    return found;
  };

/** The fingerprint of nothing that anybody can send. */
const nothing = '0'.repeat(64);
const nobody: ClientSecrets = { secret: nothing, previous: nothing, previousExpiresAt: null };

const isBefore = (now: Date, expiresAt: Date | null): boolean => expiresAt !== null && now < expiresAt;
