import { defaultIssuerOf } from '../../domain/sites/oauth-client.ts';
import { siteConfigOf } from '../../domain/sites/site.ts';
import type { Ports } from '../../ports/index.ts';
import type { InOneTransaction } from '../../ports/unit-of-work.ts';
import type { LockMode } from '../../ports/user-store.ts';
import type { Database } from '../database.ts';
import { loginSetName } from '../rows/user-row.ts';
import { expressionOf, number, numberOf, certainDate, deletion, textOf, jsonOf } from '../rows/values.ts';
import { raw, sql, joined, listOf, type Value } from '../sql.ts';
import type { OnProgress } from './report.ts';

const peopleABatch = 200;

/**
 * Gives every row with a site and an external id its person: issuer of the site, external id as text. In batches of whole people,
 * each one transaction, so that it may be interrupted and run again, also beside a running API. Rows that are linked are not
 * looked at. Answers how many rows it linked. Source: running.md, "Adopting".
 */
export const linkPeople = async (
  database: Database,
  inOneTransaction: InOneTransaction,
  linking: Linking,
  onProgress: OnProgress = () => undefined,
): Promise<number> => {
  // SQLite holds any text in a column of numbers, and has it behind them all: the walk would never end.
  const isNumber = raw(`${expressionOf(number, 'externalUserId', database.dialect)} IS NOT NULL`);
  const [waiting] = await database.select(
    sql`SELECT COUNT(*) AS n FROM users WHERE personId IS NULL AND externalUserId > 0 AND ${isNumber}`,
  );
  const of = numberOf(waiting?.['n']);
  let linked = 0;
  for (let after = 0; ;) {
    const found = await database.select(
      sql`SELECT externalUserId AS id FROM users WHERE personId IS NULL AND externalUserId > ${after} AND ${isNumber}
          GROUP BY externalUserId ORDER BY externalUserId LIMIT ${String(peopleABatch)}`,
    );
    const ids = found.map((row) => numberOf(row['id']) ?? 0);
    const last = ids.at(-1);
    if (last === undefined) return linked;
    linked += await inOneTransaction(() => linkBatch(database, linking, ids));
    onProgress({ work: 'linking rows to people', done: linked, of });
    after = last;
  }
};

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
  const groups = new Map<string, Unlinked[]>();
  for (const row of rows) {
    const personId = persons.get(keyOf(row));
    if (personId === undefined || !still.has(row.id)) continue;
    const group = `${personId} ${row.siteId}`;
    groups.set(group, [...(groups.get(group) ?? []), row]);
  }
  const links = [...groups].flatMap(([group, some]) =>
    [...slotsFor(some, taken.get(group) ?? new Set())].map(([id, slot]) => ({
      id,
      slot,
      personId: Number(group.split(' ')[0]),
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
  lockMode: LockMode,
): Promise<readonly Unlinked[]> => {
  const rows = await select(
    sql`SELECT id, siteId, externalUserId, createdAt, deletedAt FROM users
        WHERE personId IS NULL AND externalUserId IN ${listOf(externalIds)} ORDER BY id${raw(lockMode === 'locked' ? dialect.forUpdate : '')}`,
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
    const group = `${numberOf(row['personId']) ?? 0} ${numberOf(row['siteId']) ?? 0}`;
    taken.set(group, new Set([...(taken.get(group) ?? []), numberOf(row['slot']) ?? 0]));
  }
  return taken;
};

/** A row that is to be linked to its person, at one site. */
interface Unslotted {
  readonly id: number;
  readonly createdAt: Date;
  readonly isLive: boolean;
}

/**
 * Slots for rows of one person at one site, beside those that are taken: 0 for the oldest live row, 1, 2 … for the others. A slot
 * that was given once stays: login and POST may have used it. Source: running.md, "Adopting".
 */
export const slotsFor = (rows: readonly Unslotted[], taken: ReadonlySet<number>): ReadonlyMap<number, number> => {
  const ordered = [...rows].sort(
    (one, other) =>
      Number(other.isLive) - Number(one.isLive) ||
      one.createdAt.getTime() - other.createdAt.getTime() ||
      one.id - other.id,
  );
  const free = Array.from({ length: rows.length + taken.size }, (_, slot) => slot).filter((slot) => !taken.has(slot));
  return new Map(ordered.map(({ id }, at) => [id, free[at] ?? at]));
};

/** Each site's issuer, deleted sites too: their people are the same humans. null: the site names none and there is no global one. */
export type Issuers = ReadonlyMap<number, string | null>;

export const readIssuers = async ({ select }: Database, globalIssuer: string | null): Promise<Issuers> => {
  const rows = await select(raw('SELECT id, config FROM sites ORDER BY id LIMIT 100000'));
  return new Map(
    rows.map((row) => [numberOf(row['id']) ?? 0, defaultIssuerOf(siteConfigOf(jsonOf(row['config'])), globalIssuer)]),
  );
};
