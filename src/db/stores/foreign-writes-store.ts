import { searchWords } from '../../domain/users/personal-text.ts';
import type { Ports } from '../../ports/index.ts';
import type { ForeignWrites } from '../../ports/people.ts';
import { readIssuers, linkPeople } from '../adoption/link-people.ts';
import type { Database, RawRow } from '../database.ts';
import { ownColumns, userRowOf } from '../rows/user-row.ts';
import { isLiveRow, numberOf } from '../rows/values.ts';
import { listOf, raw, sql } from '../sql.ts';
import { putCountsRight } from '../users/words-and-counts.ts';
import { reword } from '../users/write-users.ts';

export const foreignWritesStore = (
  database: Database,
  { inOneTransaction, secrets }: Pick<Ports, 'inOneTransaction' | 'secrets'>,
): ForeignWrites => {
  const { select, dialect } = database;
  const idsOf = (rows: readonly RawRow[]): readonly number[] => rows.map((row) => numberOf(row['id']) ?? 0);
  return {
    touchedPeople: async (limit) =>
      idsOf(
        await select(
          sql`SELECT p.id FROM users u JOIN civitas_persons p ON p.id = u.personId
              WHERE u.anonymizedAt IS NULL AND (u.externalUserId <> p.externalId
                OR (u.externalUserId IS NULL AND u.role = 'anonymous' AND u.lastLogin < '1970-01-01 00:00:01'))
              GROUP BY p.id ORDER BY p.id LIMIT ${raw(String(limit))}`,
        ),
      ),

    leftBehind: async (after, limit) =>
      idsOf(
        await select(
          sql`SELECT p.id FROM civitas_persons p WHERE p.id > ${after} AND p.state = 'active'
                AND NOT EXISTS (SELECT 1 FROM users u JOIN sites s ON s.id = u.siteId AND ${isLiveRow('s')}
                                WHERE u.personId = p.id AND ${isLiveRow('u')})
                AND NOT EXISTS (SELECT 1 FROM civitas_person_findings f WHERE f.personId = p.id AND f.kind = 'left-behind')
              ORDER BY p.id LIMIT ${raw(String(limit))}`,
        ),
      ),

    link: async (globalIssuer, now) => {
      const linking = { issuers: await readIssuers(database, globalIssuer), secrets, now };
      return linkPeople(database, inOneTransaction, linking);
    },

    putCountsRight: () => inOneTransaction(() => putCountsRight(database)),

    putWordsRight: async (after, limit) => {
      const rows = await select(
        sql`SELECT ${ownColumns} FROM users u WHERE u.id > ${after} ORDER BY u.id LIMIT ${raw(String(limit))}`,
      );
      const users = rows.map(userRowOf);
      const last = users.at(-1);
      if (last === undefined) return null;
      const found = await select(
        sql`SELECT userId, siteId, source, word FROM civitas_user_words WHERE userId IN ${listOf(users.map(({ id }) => id))}`,
      );
      const there = new Map<number, string[]>();
      for (const row of found) {
        const userId = numberOf(row['userId']) ?? 0;
        there.set(userId, [...(there.get(userId) ?? []), wordKey(numberOf(row['siteId']), row['source'], row['word'])]);
      }
      const wrong = users.filter((row) => {
        const wanted = new Set(searchWords(row).map(({ source, word }) => wordKey(row.siteId, source, word)));
        const has = new Set(there.get(row.id));
        return wanted.size !== has.size || [...wanted].some((word) => !has.has(word));
      });
      if (wrong.length > 0)
        await inOneTransaction(async () => {
          const ids = listOf(wrong.map(({ id }) => id));
          // Behind the lock: names that somebody changes meanwhile bring their own words.
          const locked = await select(
            sql`SELECT ${ownColumns} FROM users u WHERE u.id IN ${ids} ORDER BY u.id${raw(dialect.forUpdate)}`,
          );
          await reword(database, locked.map(userRowOf));
        });
      return rows.length < limit ? null : last.id;
    },
  };
};

const wordKey = (siteId: number | null, source: unknown, word: unknown): string =>
  `${siteId ?? 0} ${String(source)} ${String(word)}`;
