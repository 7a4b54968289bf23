import type { Site } from '../src/domain/sites/site.ts';
import type { UserRow } from '../src/domain/users/user.ts';
import { contributionsOf, type Contributions } from './demo/contributions.ts';
import { demoSites } from './demo/sites.ts';
import { demoPeople, demoUsers, tokenUsers, type DemoPerson } from './demo/users.ts';

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
 * the same. `clientId`: the OAuth client that all its sites use (the global one). Source: running.md.
 */
export const demoWorld = ({ clientId }: { readonly clientId: string }): DemoWorld => {
  const people = demoPeople(clientId);
  const users = demoUsers(clientId);
  return {
    sites: demoSites,
    people,
    persons: people.map(({ externalId }, at) => ({ id: at + 1, externalId })),
    users: [...tokenUsers(), ...users],
    ...contributionsOf(users),
  };
};
