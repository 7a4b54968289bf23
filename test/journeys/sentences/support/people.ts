import { blankRow, type UserRow } from '../../../../src/domain/users/user.ts';
import type { JsonObject } from '../../../../src/domain/json.ts';
import { mirrored } from '../../../../src/domain/people/mirror.ts';
import type { ProfileField } from '../../../../src/domain/people/oauth-profile.ts';
import type { UserRole } from '../../../../src/domain/actor.ts';
import { clientAtIssuer } from '../../../../src/domain/sites/oauth-client.ts';
import type { RecordedWorld } from '../../../support/recorded-world.ts';

/** A person with rows at sites; of the rows only what differs from what the OAuth server says. */
export interface NewPerson {
  /** Role per site id. */
  readonly at: Readonly<Record<number, UserRole>>;
  readonly profile?: Readonly<Partial<Record<ProfileField, string | null>>>;
  /** Raw, as at the OAuth server. */
  readonly extraData?: JsonObject;
  /** Columns of all rows. */
  readonly columns?: Partial<UserRow>;
  /** False: added by address, never logged in here. */
  readonly isOursToRemove?: boolean;
}
export interface Somebody {
  readonly id: number;
  readonly externalId: number;
  readonly email: string;
  /** User id per site id. */
  readonly at: Readonly<Record<number, number>>;
}
export interface People {
  /** Puts a person at the OAuth server, and their rows here as a login would have made them. */
  readonly person: (said: NewPerson) => Promise<Somebody>;
  /** One more row, with or without a person. */
  readonly extraRow: (said: Partial<UserRow>) => Promise<number>;
  readonly idea: (said: Contribution & { readonly siteId: number }) => Promise<number>;
  readonly article: (said: Contribution & { readonly siteId: number }) => Promise<number>;
  readonly argument: (said: Contribution & { readonly ideaId: number }) => Promise<number>;
  readonly vote: (said: Contribution & { readonly ideaId: number }) => Promise<number>;
}
type Contribution = Readonly<Record<string, unknown>> & { readonly userId: number };

export const longAgo = new Date('2024-02-03T04:05:06Z');
const dates = { createdAt: longAgo, updatedAt: longAgo, deletedAt: null };
const written = {
  startDate: longAgo,
  sort: 1,
  status: 'OPEN',
  title: 'Titel',
  summary: 'Kort',
  description: '<p>Lang</p>',
  extraData: {},
};

export const peopleIn = (world: RecordedWorld): People => {
  const { ports, database } = world.container;
  let last = 0;
  // Beyond every recorded id.
  let lastContribution = 100_000;
  const contribution =
    (table: 'ideas' | 'articles' | 'arguments' | 'votes', fixed: object) => async (said: Contribution) => {
      const id = (lastContribution += 1);
      await database.rows[table].create({ id, ...dates, ...fixed, ...said });
      return id;
    };
  return {
    person: async ({ at, profile = {}, extraData = {}, columns = {}, isOursToRemove = true }) => {
      const email = profile.email ?? `somebody${(last += 1)}@example.org`;
      const externalId = await personThere(world, { ...names, ...profile, email, extraData });
      const sites = await ports.sites.readNow(Object.keys(at).map(Number));
      const issuer = world.oauth.url;
      const roles = sites.map(
        (site) => [clientAtIssuer(site, issuer, null)?.clientId ?? '', at[site.id] ?? 'member'] as const,
      );
      await writeThere(world, externalId, {
        roles: Object.fromEntries(roles.map(([id, role]) => [rowOfClient(id), roleIds[role]])),
      });
      const known = {
        externalId: String(externalId),
        ...names,
        ...profile,
        email,
        extraData,
        roles: Object.fromEntries(roles),
      };
      return ports.inOneTransaction(async () => {
        const person = await ports.persons.ensure(issuer, String(externalId), isOursToRemove);
        const rows: [number, number][] = [];
        for (const site of sites) {
          const blank = { ...blankRow(site.id, person.id, String(externalId), longAgo), complete: true, id: 0, person };
          const row = mirrored(blank, known, site, clientAtIssuer(site, issuer, null)?.clientId ?? null);
          rows.push([site.id, await ports.users.insert({ ...row, ...columns })]);
        }
        return { id: person.id, externalId, email, at: Object.fromEntries(rows) };
      });
    },
    extraRow: async (said) => {
      const row = {
        ...blankRow(said.siteId ?? 1, said.personId ?? null, null, longAgo),
        complete: true,
        ...said,
      };
      const isThere = row.siteId === null || (await ports.sites.readNow([row.siteId])).length > 0;
      if (isThere) return ports.users.insert(row);
      // Nobody is made at a site that is gone; this one was there before it went.
      return Number((await database.rows.users.create({ ...row })).get('id'));
    },
    idea: contribution('ideas', { ...written, viewableByRole: 'all' }),
    article: contribution('articles', written),
    argument: contribution('arguments', { sentiment: 'for', description: 'Omdat <b>het</b> kan', parentId: null }),
    vote: contribution('votes', { opinion: 'yes', ip: '192.0.2.7' }),
  };
};

const names = {
  firstName: 'Noor',
  lastName: 'van Dijk',
  phoneNumber: '0612345678',
  streetName: 'Dorpsstraat',
  houseNumber: '7',
  suffix: 'B',
  postcode: '1234AB',
  city: 'Utrecht',
};
/** As the development server numbers them. */
export const roleIds: Readonly<Record<UserRole, number>> = {
  admin: 1,
  member: 2,
  anonymous: 3,
  moderator: 4,
  editor: 5,
};
const rowOfClient = (clientId: string): number => Number(clientId.replace('peer-client-', ''));

/** Straight at the OAuth server, past the proxy that counts and misbehaves. */
const atServer = async (world: RecordedWorld, path: string, body: object): Promise<unknown> => {
  const { clientId, clientSecret } = world.oauth.client('peer-client-1');
  const response = await fetch(`${world.oauth.server.url}/api/admin${path}?client_id=${clientId}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`,
    },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`the OAuth server: ${response.status} ${await response.text()}`);
  return response.json();
};
export const personThere = async (world: RecordedWorld, body: object): Promise<number> =>
  ((await atServer(world, '/user', body)) as { readonly id: number }).id;
/** Changes somebody at the OAuth server, as another application would. */
export const writeThere = async (world: RecordedWorld, externalId: number, body: object): Promise<void> => {
  await atServer(world, `/user/${externalId}`, body);
};
export const removeThere = async (world: RecordedWorld, externalId: number): Promise<void> => {
  await atServer(world, `/user/${externalId}/delete`, {});
};
