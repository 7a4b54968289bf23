import { mirrored } from '../../src/domain/people/mirror.ts';
import { blankRow, type UserRow } from '../../src/domain/users/user.ts';
import type { Profile } from '../../src/domain/people/oauth-profile.ts';
import type { UserRole } from '../../src/domain/actor.ts';
import { sketches } from './people.ts';
import { demoSites, platformSiteId, type PlatformClient } from './sites.ts';

/** A person as the OAuth server holds them; the shape that the development server takes. */
export interface DemoPerson extends Profile {
  readonly id: number;
  readonly email: string;
  readonly roles: Readonly<Record<string, UserRole>>;
}

/** Who the demo's sites are at its OAuth server: one client that they share, and the platform's own. Roles live there. */
export interface DemoClients {
  readonly clientId: string;
  readonly platform: PlatformClient;
}

export const demoPeople = ({ clientId, platform }: DemoClients): readonly DemoPerson[] =>
  sketches.map((sketch, at) => ({
    id: 1001 + at,
    externalId: String(1001 + at),
    email: addressOf(sketch),
    phoneNumber: `06${String(12_340_000 + at * 137)}`,
    firstName: sketch.firstName,
    lastName: sketch.lastName,
    streetName: sketch.street,
    houseNumber: sketch.houseNumber,
    suffix: at % 5 === 0 ? 'A' : null,
    postcode: sketch.postcode,
    city: 'Amsterdam',
    extraData: sketch.extraData ?? {},
    roles: {
      [clientId]: sketch.role ?? 'member',
      ...(sketch.platformRole === undefined ? {} : { [platform.clientId]: sketch.platformRole }),
    },
  }));

/** One row per person and site, as a refresh from the OAuth server would make it; person `n` of the list is `personId` n. */
export const demoUsers = (clients: DemoClients): readonly UserRow[] => {
  const sites = demoSites(clients.platform);
  return demoPeople(clients)
    .flatMap((person, at) => (sketches[at]?.sites ?? []).map((siteId) => ({ person, personId: at + 1, siteId })))
    .map(({ person, personId, siteId }, at) => {
      const since = new Date(Date.UTC(2024, 2, 1 + (at % 28), 8 + (at % 10), (at * 7) % 60));
      const blank = { ...blankRow(siteId, personId, person.externalId, since), id: 101 + at, complete: true };
      const site = sites.find(({ id }) => id === siteId) ?? null;
      const clientId = siteId === platformSiteId ? clients.platform.clientId : clients.clientId;
      return mirrored({ ...blank, person: null }, person, site, clientId);
    });
};

/** Who the demo's tokens act as (src/config/demo.ts): on site 1, without an OAuth server behind them. Source: running.md. */
export const tokenUsers = (): readonly UserRow[] => [
  tokenUser(2, 'admin', 'Ada', 'Beheer'),
  tokenUser(3, 'moderator', 'Mo', 'Derator'),
  tokenUser(4, 'member', 'Lid', 'Deelnemer'),
  tokenUser(5, 'editor', 'Redmer', 'Redacteur'),
  tokenUser(6, 'anonymous', 'Nog', 'Onbekend'),
];

const tokenUser = (id: number, role: UserRole, firstName: string, lastName: string): UserRow => ({
  ...blankRow(1, null, null, new Date('2024-01-08T09:00:00Z')),
  id,
  role,
  complete: true,
  firstName,
  lastName,
  email: `demo-${role}@example.org`,
});

/** As mail addresses are written: no accents, no spaces. */
const addressOf = ({ firstName, lastName }: { readonly firstName: string; readonly lastName: string }): string => {
  const plain = `${firstName}.${lastName}`.normalize('NFD').replaceAll('ı', 'i').toLowerCase();
  return `${plain.replace(/[^a-z.]/g, '')}@example.org`;
};
