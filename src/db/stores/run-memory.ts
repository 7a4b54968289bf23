import type { Ports } from '../../ports/index.ts';
import type { RunStore } from '../../ports/runs.ts';
import type { Database } from '../database.ts';
import { listedRunColumns, listedRunOf } from '../rows/run-row.ts';
import { numberOf } from '../rows/values.ts';
import { listOf, raw, sql } from '../sql.ts';
import { awaitsRemoval, countsOf } from './run-lists.ts';

type Memory = Pick<RunStore, 'remembered' | 'keepCounts' | 'forgetPeople'>;

/** How many people a statement forgets. */
const forgottenAtOnce = 500;

/** How runs forget their people, and keep what they came to. */
export const runMemory = (database: Database, { clock }: Pick<Ports, 'clock'>): Memory => {
  const { select, change } = database;
  return {
    remembered: async (after, limit) => {
      const rows = await select(
        sql`SELECT ${listedRunColumns} FROM civitas_anonymization_runs
            WHERE peopleForgottenAt IS NULL AND id > ${after} ORDER BY id LIMIT ${String(limit)}`,
      );
      return rows.map(listedRunOf);
    },

    keepCounts: async (run) => {
      const counts = JSON.stringify(await countsOf(database, run));
      // Once: by now another instance may have kept them, and begun to forget.
      await change(
        sql`UPDATE civitas_anonymization_runs SET counts = ${counts} WHERE id = ${run.id} AND counts IS NULL`,
      );
    },

    forgetPeople: async (runId) => {
      const rows = await select(
        sql`SELECT v.userId FROM civitas_anonymization_run_people v
            WHERE v.runId = ${runId} AND NOT ${awaitsRemoval} LIMIT ${raw(String(forgottenAtOnce))}`,
      );
      const ids = rows.map((row) => numberOf(row['userId']) ?? 0);
      if (ids.length > 0)
        return change(
          sql`DELETE FROM civitas_anonymization_run_people WHERE runId = ${runId} AND userId IN ${listOf(ids)}`,
        );
      await change(
        sql`UPDATE civitas_anonymization_runs SET peopleForgottenAt = ${clock.now()} WHERE id = ${runId}
            AND NOT EXISTS (SELECT 1 FROM civitas_anonymization_run_people v WHERE v.runId = ${runId})`,
      );
      return 0;
    },
  };
};
