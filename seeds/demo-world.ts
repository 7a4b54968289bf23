import type { Site } from '../src/domain/sites/site.ts';
import type { UserRow } from '../src/domain/users/user.ts';
import { contributionsOf, type Contributions } from './demo/contributions.ts';
import { demoSites } from './demo/sites.ts';
import { demoPeople, demoUsers, tokenUsers, type DemoClients, type DemoPerson } from './demo/users.ts';

export interface DemoWorld extends Contributions {
  readonly sites: readonly Site[];
  /** For the OAuth server. */
  readonly people: readonly DemoPerson[];
  /** Rows of `persons` without their issuer, which depends on where the OAuth server listens; users name them as `personId`. */
  readonly persons: readonly { readonly id: number; readonly externalId: string }[];
  /** Each as a refresh from the OAuth server would leave it. */
  readonly users: readonly UserRow[];
}

/**
 * The demo world: its sites and people, what they contributed, and the users of the demo's tokens. Pure and always
 * the same. `clientId`: the OAuth client that its sites use (the global one), but the platform's own. Source: running.md.
 */
export const demoWorld = (clients: DemoClients): DemoWorld => {
  const people = demoPeople(clients);
  const users = demoUsers(clients);
  return {
    sites: demoSites(clients.platform),
    people,
    persons: people.map(({ externalId }, at) => ({ id: at + 1, externalId })),
    users: [...tokenUsers(), ...users],
    ...contributionsOf(users),
  };
};
