import type { Ports } from '../../ports/index.ts';
import type { Reading } from '../../ports/user-store.ts';
import type { Database } from '../database.ts';
import { certainDate, deletion, numberOf, textOf } from '../rows/values.ts';
import { loginSetName } from '../rows/user-row.ts';
import { joined, listOf, raw, sql, type Value } from '../sql.ts';
import type { Issuers } from './issuers.ts';
import { slotsFor } from './slots.ts';

interface Unlinked {
  readonly id: number;
  readonly siteId: number;
  readonly issuer: string;
  readonly externalId: string;
  readonly createdAt: Date;
  readonly isLive: boolean;
}

/** What linking needs to know: whose people the sites have, what is remembered of them, and when it is. */
export interface Linking {
  readonly issuers: Issuers;
  readonly secrets: Pick<Ports['secrets'], 'fingerprint'>;
  readonly now: Date;
}

/** Links the rows with these external ids, inside a transaction: persons first, as everybody locks, then their rows. */
export const linkBatch = async (
  database: Database,
  linking: Linking,
  externalIds: readonly number[],
): Promise<number> => {
  const { issuers } = linking;
  const rows = await readUnlinked(database, issuers, externalIds, 'plain');
  if (rows.length === 0) return 0;
  const persons = await lockPersons(database, rows, linking);
  // Behind the locks: what was linked meanwhile is left alone.
  const still = new Set((await readUnlinked(database, issuers, externalIds, 'locked')).map(({ id }) => id));
  const taken = await takenSlots(database, [...persons.values()]);
  const places = new Map<string, Unlinked[]>();
  for (const row of rows) {
    const personId = persons.get(keyOf(row));
    if (personId === undefined || !still.has(row.id)) continue;
    const place = `${personId} ${row.siteId}`;
    places.set(place, [...(places.get(place) ?? []), row]);
  }
  const links = [...places].flatMap(([place, some]) =>
    [...slotsFor(some, taken.get(place) ?? new Set())].map(([id, slot]) => ({
      id,
      slot,
      personId: Number(place.split(' ')[0]),
    })),
  );
  if (links.length === 0) return 0;
  const cases = (value: (link: (typeof links)[number]) => Value) =>
    joined(
      links.map((link) => sql`WHEN ${link.id} THEN ${value(link)}`),
      ' ',
    );
  return database.change(
    sql`UPDATE users SET slot = CASE id ${cases(({ slot }) => slot)} END,
        personId = CASE id ${cases(({ personId }) => personId)} END
        WHERE personId IS NULL AND id IN ${listOf(links.map(({ id }) => id))}`,
  );
};

const keyOf = ({ issuer, externalId }: Pick<Unlinked, 'issuer' | 'externalId'>): string => `${issuer} ${externalId}`;

const readUnlinked = async (
  { select, dialect }: Database,
  issuers: Issuers,
  externalIds: readonly number[],
  reading: Reading,
): Promise<readonly Unlinked[]> => {
  const rows = await select(
    sql`SELECT id, siteId, externalUserId, createdAt, deletedAt FROM users
        WHERE personId IS NULL AND externalUserId IN ${listOf(externalIds)} ORDER BY id${raw(reading === 'locked' ? dialect.forUpdate : '')}`,
  );
  return rows.flatMap((row) => {
    const siteId = numberOf(row['siteId']) ?? 0;
    const issuer = issuers.get(siteId) ?? null;
    if (issuer === null) return [];
    return [
      {
        id: numberOf(row['id']) ?? 0,
        siteId,
        issuer,
        externalId: String(numberOf(row['externalUserId'])),
        createdAt: certainDate.read(row['createdAt']),
        isLive: deletion.read(row['deletedAt']) === null,
      },
    ];
  });
};

/** Makes who is missing, locks all by writing them, and says which ids they have. Who is just being removed is left out. */
const lockPersons = async (
  database: Database,
  rows: readonly Unlinked[],
  { secrets, now }: Linking,
): Promise<ReadonlyMap<string, number>> => {
  const people = [...new Map(rows.map((row) => [keyOf(row), row])).values()].sort((one, other) =>
    keyOf(one) < keyOf(other) ? -1 : 1,
  );
  const { change, select, dialect } = database;
  const nameOf = (one: Unlinked): string => loginSetName(secrets, one);
  const remembered = await select(
    sql`SELECT fingerprint FROM civitas_tombstones WHERE expiresAt > ${now} AND fingerprint IN ${listOf(people.map(nameOf))}`,
  );
  const set = new Set(remembered.map((row) => textOf(row['fingerprint'])));
  // Vouched for by nobody, as whoever is made of somebody remembered (`PersonStore.rememberLoginSet`).
  const values = people.map((one) => {
    const loginSetAt = set.has(nameOf(one)) ? '' : null;
    return sql`(${one.issuer}, ${one.externalId}, 'active', 1, 1, ${loginSetAt}, ${now})`;
  });
  await change(
    sql`INSERT INTO civitas_persons (issuer, externalId, state, createdByUs, hasUnsaidFields, loginSetAt, createdAt) VALUES ${joined(values, ', ')}
        ${raw(dialect.onConflictUpdate(['issuer', 'externalId']))} version = civitas_persons.version + 1, createdByUs = 1`,
  );
  const issuers = [...new Set(people.map(({ issuer }) => issuer))];
  const found = await select(
    sql`SELECT id, issuer, externalId FROM civitas_persons WHERE state = 'active' AND issuer IN ${listOf(issuers)}
        AND externalId IN ${listOf([...new Set(people.map(({ externalId }) => externalId))])}`,
  );
  return new Map(
    found.map((row) => [
      keyOf({ issuer: textOf(row['issuer']) ?? '', externalId: textOf(row['externalId']) ?? '' }),
      numberOf(row['id']) ?? 0,
    ]),
  );
};

/** By `personId siteId`. */
const takenSlots = async (
  { select }: Database,
  personIds: readonly number[],
): Promise<ReadonlyMap<string, ReadonlySet<number>>> => {
  const rows = await select(sql`SELECT personId, siteId, slot FROM users WHERE personId IN ${listOf(personIds)}`);
  const taken = new Map<string, Set<number>>();
  for (const row of rows) {
    const place = `${numberOf(row['personId']) ?? 0} ${numberOf(row['siteId']) ?? 0}`;
    taken.set(place, new Set([...(taken.get(place) ?? []), numberOf(row['slot']) ?? 0]));
  }
  return taken;
};
