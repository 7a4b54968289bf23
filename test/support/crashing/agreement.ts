import type { Container } from '../../../src/container.ts';
import type { SnapshotPerson } from '../../../src/demo/oauth-server/index.ts';
import { changedColumns, mirrored } from '../../../src/domain/people/mirror.ts';
import type { UserRole } from '../../../src/domain/actor.ts';
import { isLive, type User } from '../../../src/domain/users/user.ts';
import { numberOf } from '../../../src/db/rows/values.ts';
import { raw } from '../../../src/db/sql.ts';

type Needs = Pick<Container, 'database' | 'ports'>;

/**
 * In what this database and the OAuth server do not agree, as sentences; nothing when all is well. To be asked at rest.
 * `strangers`: external ids of people that the OAuth server may know without a row here.
 */
export const disagreements = async (
  container: Needs,
  people: readonly SnapshotPerson[],
  strangers: ReadonlySet<number>,
): Promise<readonly string[]> => {
  const rows = await everyRow(container);
  const there = new Map(people.map((person) => [String(person.id), person]));
  const persons = await container.database.select(raw('SELECT id, externalId, state FROM civitas_persons'));
  const here = new Set(persons.map((person) => String(person['externalId'])));
  const sites = new Map((await container.ports.sites.all()).map((site) => [site.id, site]));
  const leftOver = await container.database.select(raw('SELECT name FROM civitas_leases'));
  return [
    ...(await container.ports.outbox.waiting()).map(({ topic, lastError }) => `waits: ${topic} ${lastError ?? ''}`),
    ...leftOver.map(() => 'a lease is left'),
    ...persons.flatMap((person) => {
      const id = `person ${String(person['externalId'])}`;
      const own = rows.filter((row) => isLive(row) && row.personId === numberOf(person['id']));
      return [
        ...(person['state'] === 'active' ? [] : [`${id} is still being removed`]),
        ...(own.length > 0 ? [] : [`${id} has no row here, and is still in persons`]),
        ...(there.has(String(person['externalId'])) ? [] : [`${id} has a row here, and is gone at the OAuth server`]),
      ];
    }),
    ...people
      .filter(({ id }) => !here.has(String(id)) && !strangers.has(id))
      .map(({ id }) => `person ${id} has no row here, and is forgotten at the OAuth server`),
    ...twice(people.map(({ email }) => email)).map((email) => `twice at the OAuth server: ${email}`),
    ...rows.flatMap((row) => {
      const profile = row.person === null ? undefined : there.get(row.person.externalId);
      if (profile === undefined || !isLive(row)) return [];
      const { id, roles, ...fields } = profile;
      const clientId = `client-${row.siteId ?? 0}`;
      const role: UserRole | null = roles[clientId] ?? null;
      const told = { ...fields, externalId: String(id), roles: { [clientId]: role } };
      const shouldBe = mirrored(row, told, sites.get(row.siteId ?? 0) ?? null, clientId);
      return changedColumns(row, shouldBe).map((column) => `row ${row.id} does not mirror ${column}`);
    }),
  ];
};

/** Of all people, anonymized and soft-deleted ones too. */
const everyRow = async ({ database, ports }: Needs): Promise<readonly User[]> => {
  const ids = await database.select(raw('SELECT id FROM civitas_persons'));
  const held = await Promise.all(ids.map((row) => ports.users.person(numberOf(row['id']) ?? 0, 'plain')));
  return held.flatMap((one) => one?.rows ?? []);
};

const twice = (values: readonly (string | null)[]): readonly string[] =>
  values.filter((value, at): value is string => value !== null && values.indexOf(value) !== at);
