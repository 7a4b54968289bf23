import type { Ports } from '../../ports/index.ts';
import type { RunAsker, RunStore } from '../../ports/runs.ts';
import type { Database } from '../database.ts';
import { claimIn } from '../leases.ts';
import {
  authenticOf,
  consoleColumns,
  isRunning,
  runColumns,
  runMac,
  runOf,
  storedState,
  type Authentic,
} from '../rows/run-row.ts';
import { textOf } from '../rows/values.ts';
import { raw, sql, type Sql } from '../sql.ts';

type Needs = Pick<Ports, 'clock' | 'secrets'>;
type States = Pick<RunStore, 'start' | 'pause' | 'resume' | 'cancel' | 'removePlan' | 'disown'>;

export const claimsOf = (clock: Ports['clock']): ReturnType<typeof claimIn> =>
  claimIn({ holder: 'claim', until: 'claimedUntil' }, clock);

/** What becomes of the run that was read: its state, and what else of it is authenticated. */
type Change = (run: Authentic) => Partial<Authentic> & Pick<Authentic, 'state'>;

/** Into another state, authenticated anew. What we did not write stays as it is: else it would be ours by that. */
export const setRunState =
  ({ select, change }: Database, { secrets }: Pick<Needs, 'secrets'>) =>
  async (which: Sql, to: Change, set: Sql): Promise<number> => {
    const [row] = await select(sql`SELECT ${runColumns} FROM civitas_anonymization_runs WHERE ${which}`);
    if (row === undefined || !runOf(row, secrets).isOurs) return 0;
    const before = authenticOf(row);
    const after = { ...before, ...to(before) };
    return change(
      sql`UPDATE civitas_anonymization_runs SET state = ${after.state}, mac = ${runMac(secrets, after)}, ${set}
          WHERE ${which} AND state = ${before.state} AND mac = ${textOf(row['mac'])}`,
    );
  };

/** From one state of a run to another, by conditional UPDATEs. */
export const runStates = (database: Database, options: Needs): States => {
  const { change } = database;
  const { clock } = options;
  const claims = claimsOf(clock);
  const setState = setRunState(database, options);

  const removePlan: States['removePlan'] = async (runId) => {
    // The run itself first: whoever starts it at this moment is quicker, or finds nothing.
    const removed = await change(sql`DELETE FROM civitas_anonymization_runs WHERE id = ${runId} AND state = 'planned'`);
    if (removed > 0) await change(sql`DELETE FROM civitas_anonymization_run_people WHERE runId = ${runId}`);
    return removed > 0;
  };

  return {
    start: async (runId, by) => {
      const startedAt = clock.now();
      const found = await setState(
        sql`id = ${runId} AND state = 'planned'`,
        () => ({ state: 'going', startedAt, ...askerOf(by) }),
        sql`startedAt = ${startedAt}, ${setAsker(by)}`,
      );
      return found > 0;
    },

    pause: async (runId, reason) =>
      (await setState(
        sql`id = ${runId} AND ${isRunning}`,
        () => ({ state: 'paused' }),
        sql`reason = ${reason}, ${claims.givenBack}`,
      )) > 0,

    resume: async (runId, by) => {
      const forgivenAt = clock.now();
      const found = await setState(
        sql`id = ${runId} AND state = 'paused'`,
        ({ kind }) => ({ state: storedState(kind, 'running'), forgivenAt, ...askerOf(by) }),
        sql`reason = NULL, forgivenAt = ${forgivenAt}, ${setAsker(by)}`,
      );
      return found > 0;
    },

    cancel: async (runId) => {
      const ended = await setState(
        sql`id = ${runId} AND (${isRunning} OR state = 'paused')`,
        () => ({ state: 'cancelled' }),
        sql`reason = NULL, openSiteId = NULL, finishedAt = ${clock.now()}, ${claims.givenBack}`,
      );
      if (ended === 0) return false;
      const unvisited = await change(
        sql`DELETE FROM civitas_anonymization_run_people WHERE runId = ${runId} AND outcome = 'planned'`,
      );
      await change(
        sql`UPDATE civitas_anonymization_runs SET cancelled = ${unvisited} WHERE id = ${runId} AND kind = 'people'`,
      );
      // Whoever failed is not tried again either.
      await change(
        sql`UPDATE civitas_anonymization_run_people SET dueAt = NULL WHERE runId = ${runId} AND dueAt IS NOT NULL`,
      );
      return true;
    },

    removePlan,

    disown: async (runId) => {
      await change(
        sql`UPDATE civitas_anonymization_runs SET state = 'paused', reason = 'not-written-by-us', openSiteId = NULL, mac = '',
            ${claims.givenBack} WHERE id = ${runId}`,
      );
    },
  };
};

/** What it was before counts no more, also that it was asked for at the console. */
const askerOf = ({ actorId, everywhere, operator, atConsole }: RunAsker): RunAsker => ({
  ...{ actorId, everywhere, operator, atConsole },
});
const setAsker = ({ actorId, everywhere, operator, atConsole: reached }: RunAsker): Sql => {
  const [atConsole, consoleSiteIds] = consoleColumns({ atConsole: reached });
  return sql`actorId = ${actorId}, everywhere = ${everywhere}, operator = ${operator}, atConsole = ${atConsole}, consoleSiteIds = ${consoleSiteIds}`;
};

/** Not yet over, and ours: what a disowned run holds nobody is waited for. */
export const isOpen: Sql = raw("state IN ('planned', 'going', 'paused') AND mac <> ''");
