import { type FindingKind, findingKinds, isFindingKind } from '../../domain/people/finding.ts';
import { isUserField, type UserField } from '../../domain/users/user-fields.ts';
import type { FindingStore, FoundPerson, Sweep, SweepStore } from '../../ports/people.ts';
import type { Ports } from '../../ports/index.ts';
import type { Database, RawRow } from '../database.ts';
import { claimIn, takenOrAdded } from '../leases.ts';
import { personOf } from '../rows/user-row.ts';
import { isLiveRow, dateOf, jsonOf, numberOf } from '../rows/values.ts';
import { joined, listOf, raw, sql } from '../sql.ts';
import { liveUsersOf } from './user-store.ts';

const isUnread = sql`p.fetchedAt IS NULL AND EXISTS
  (SELECT 1 FROM users u WHERE u.personId = p.id AND ${isLiveRow('u')} AND u.siteId > 0)`;

export const findingStore = ({ select, change, dialect }: Database): FindingStore => ({
  note: async (personId, found, at) => {
    const kinds = [...found.map(({ kind }) => kind), 'differed'];
    await change(
      sql`DELETE FROM civitas_person_findings WHERE personId = ${personId} AND kind NOT IN ${listOf(kinds)}`,
    );
    if (found.length === 0) return;
    // Read from the person, so that one who is gone by now gets none.
    const rows = found.map(
      ({ kind, fields }) =>
        sql`SELECT id, ${kind} AS kind, ${JSON.stringify(fields)} AS fields, ${at} AS at FROM civitas_persons WHERE id = ${personId}`,
    );
    await change(
      sql`INSERT INTO civitas_person_findings (personId, kind, fields, at) SELECT * FROM (${joined(rows, ' UNION ALL ')}) found WHERE 1 = 1
          ${raw(dialect.onConflictUpdate(['personId', 'kind']))} fields = ${raw(dialect.brought('fields'))}, at = ${raw(dialect.brought('at'))}`,
    );
  },

  page: async (kind, limit, offset) => {
    const found = await select(
      sql`SELECT f.personId, f.kind, f.fields, f.at FROM (
            SELECT personId, kind, fields, at FROM civitas_person_findings
            UNION ALL SELECT p.id, 'never-fetched', NULL, NULL FROM civitas_persons p WHERE ${isUnread}) f
          WHERE ${kind === null ? raw('1 = 1') : sql`f.kind = ${kind}`}
          ORDER BY f.kind, f.personId LIMIT ${raw(String(limit))} OFFSET ${raw(String(offset))}`,
    );
    const ids = found.flatMap((row) => numberOf(row['personId']) ?? []);
    const users = await liveUsersOf({ select }, ids);
    return found.flatMap((row) => foundPerson(row, users));
  },

  ofPerson: async (personId) => {
    const found = await select(
      sql`SELECT personId, kind, fields, at FROM civitas_person_findings WHERE personId = ${personId} ORDER BY kind`,
    );
    return found.flatMap((row) => foundPerson(row, [])).map(({ kind, fields, at }) => ({ kind, fields, at }));
  },

  counts: async () => {
    const [noted, [all], [unread]] = await Promise.all([
      select(sql`SELECT kind, COUNT(*) AS n FROM civitas_person_findings GROUP BY kind`),
      select(sql`SELECT COUNT(*) AS n, MIN(fetchedAt) AS oldest FROM civitas_persons`),
      select(sql`SELECT COUNT(*) AS n FROM civitas_persons p WHERE ${isUnread}`),
    ]);
    const counted = new Map(noted.map((row) => [row['kind'], numberOf(row['n']) ?? 0]));
    const countOf = (kind: FindingKind): number =>
      kind === 'never-fetched' ? (numberOf(unread?.['n']) ?? 0) : (counted.get(kind) ?? 0);
    return {
      people: numberOf(all?.['n']) ?? 0,
      byKind: Object.fromEntries(findingKinds.map((kind) => [kind, countOf(kind)])) as Record<FindingKind, number>,
      oldestFetchedAt: dateOf(all?.['oldest']),
    };
  },

  forgetBefore: async (moment) => {
    await change(sql`DELETE FROM civitas_person_findings WHERE kind = 'differed' AND at < ${moment}`);
  },
});

const foundPerson = (row: RawRow, users: Awaited<ReturnType<typeof liveUsersOf>>): readonly FoundPerson[] => {
  const { kind } = row;
  const personId = numberOf(row['personId']);
  if (personId === null || !isFindingKind(kind)) return [];
  const own = users.filter((user) => user.personId === personId);
  return [
    {
      personId,
      kind,
      fields: fieldsOf(row['fields']),
      at: dateOf(row['at']),
      users: own.map(({ id, siteId }) => ({ id, siteId })),
    },
  ];
};

const fieldsOf = (value: unknown): readonly UserField[] => {
  const list = jsonOf(value);
  return Array.isArray(list) ? list.filter(isUserField) : [];
};

/** There is one walk; the table would hold others. */
const walk = 'people';

export const sweepStore = ({ select, change, dialect }: Database, { clock }: Pick<Ports, 'clock'>): SweepStore => {
  const progress = async (): Promise<Sweep | null> => {
    const [row] = await select(
      sql`SELECT position, checked, beganAt, endedAt FROM civitas_sweeps WHERE name = ${walk}`,
    );
    return row === undefined ? null : sweepOf(row);
  };
  const claims = claimIn({ holder: 'holder', until: 'heldUntil' }, clock);
  return {
    progress,

    hold: async (holder, ms) => {
      const isHeld = await takenOrAdded(
        change,
        sql`UPDATE civitas_sweeps SET ${claims.taken(holder, ms)}
            WHERE name = ${walk} AND (${claims.isHeldBy(holder)} OR ${claims.isFree()})`,
        sql`${raw(dialect.insertUnlessThere)} civitas_sweeps (name, position, checked, beganAt, holder, heldUntil)
            SELECT ${walk}, 0, 0, ${clock.now()}, ${holder}, ${claims.end(ms)} FROM (SELECT 1) AS one
            WHERE NOT EXISTS (SELECT 1 FROM civitas_sweeps WHERE name = ${walk})`,
      );
      return isHeld ? progress() : null;
    },

    next: async (after, notSince, limit) => {
      const rows = await select(
        sql`SELECT p.id, p.issuer, p.externalId, p.fetchedAt, p.state, p.createdByUs, p.isUnclaimed, p.loginSetAt FROM civitas_persons p
            WHERE p.id > ${after} AND p.state = 'active' AND (p.fetchedAt IS NULL OR p.fetchedAt < ${notSince})
              AND EXISTS (SELECT 1 FROM users u WHERE u.personId = p.id AND ${isLiveRow('u')} AND u.siteId > 0)
            ORDER BY p.id LIMIT ${raw(String(limit))}`,
      );
      return rows.flatMap((row) => personOf(row) ?? []);
    },

    moved: async (holder, { position, checked, beganAt, endedAt }) =>
      (await change(
        sql`UPDATE civitas_sweeps SET position = ${position}, checked = ${checked}, beganAt = ${beganAt}, endedAt = ${endedAt}
            WHERE name = ${walk} AND ${claims.isHeldBy(holder)}`,
      )) > 0,
  };
};

const sweepOf = (row: RawRow): Sweep => ({
  position: numberOf(row['position']) ?? 0,
  checked: numberOf(row['checked']) ?? 0,
  beganAt: dateOf(row['beganAt']) ?? new Date(0),
  endedAt: dateOf(row['endedAt']),
});
