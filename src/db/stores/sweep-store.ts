import type { Ports } from '../../ports/index.ts';
import type { Sweep, SweepStore } from '../../ports/finding-store.ts';
import type { Database, RawRow } from '../database.ts';
import { isLiveRow, dateOf, numberOf } from '../rows/values.ts';
import { personOf } from '../rows/user-row.ts';
import { raw, sql } from '../sql.ts';

/** There is one walk; the table would hold others. */
const name = 'people';

export const sweepStore = ({ select, change, dialect }: Database, { clock }: Pick<Ports, 'clock'>): SweepStore => {
  const progress = async (): Promise<Sweep | null> => {
    const [row] = await select(
      sql`SELECT position, checked, beganAt, endedAt FROM civitas_sweeps WHERE name = ${name}`,
    );
    return row === undefined ? null : sweepOf(row);
  };
  return {
    progress,

    hold: async (holder, ms) => {
      const now = clock.now();
      const until = new Date(now.getTime() + ms);
      const takenOver = await change(
        sql`UPDATE civitas_sweeps SET holder = ${holder}, heldUntil = ${until}
            WHERE name = ${name} AND (holder = ${holder} OR holder IS NULL OR heldUntil <= ${now})`,
      );
      const held =
        takenOver > 0
          ? takenOver
          : await change(
              sql`${raw(dialect.insertUnlessThere)} civitas_sweeps (name, position, checked, beganAt, holder, heldUntil)
                  SELECT ${name}, 0, 0, ${now}, ${holder}, ${until} FROM (SELECT 1) AS one
                  WHERE NOT EXISTS (SELECT 1 FROM civitas_sweeps WHERE name = ${name})`,
            );
      return held === 0 ? null : progress();
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
            WHERE name = ${name} AND holder = ${holder}`,
      )) > 0,
  };
};

const sweepOf = (row: RawRow): Sweep => ({
  position: numberOf(row['position']) ?? 0,
  checked: numberOf(row['checked']) ?? 0,
  beganAt: dateOf(row['beganAt']) ?? new Date(0),
  endedAt: dateOf(row['endedAt']),
});
