import { randomUUID } from 'node:crypto';
import type { Ports } from '../../ports/index.ts';
import type {
  ClaimedRun,
  AnonymizationRun,
  RunStore,
  OutcomeCount,
  PauseReason,
  PersonOutcome,
  PersonRecord,
} from '../../ports/runs.ts';
import type { Secrets } from '../../ports/platform.ts';
import { RunAgain } from '../../ports/unit-of-work.ts';
import type { Database, RawRow } from '../database.ts';
import { claimIn, mustStillHold } from '../leases.ts';
import { numberOf, textOf, dateOf, flagOf, objectOf } from '../rows/values.ts';
import { isId, listOf, raw, sql, type Sql } from '../sql.ts';
import { firstOfPerson } from './user-store.ts';

/** Longer than anonymizing one person takes: an instance that died gives its run back after this. */
const claimMs = 30_000;
/** Several, as another instance may take the first of them. */
const candidates = 8;

export const runStore = (database: Database, { clock, secrets }: Pick<Ports, 'clock' | 'secrets'>): RunStore => {
  const { select, change, insert, dialect } = database;
  const one = async (which: Sql): Promise<AnonymizationRun | null> => {
    const [row] = await select(sql`SELECT ${runColumns} FROM civitas_anonymization_runs WHERE ${which}`);
    return row === undefined ? null : runOf(row, secrets);
  };
  const openAt: RunStore['openAt'] = (siteId) => one(sql`openSiteId = ${siteId}`);
  const claims = claimIn({ holder: 'claim', until: 'claimedUntil' }, clock);
  const isFree = (): Sql => sql`state = 'running' AND ${claims.isFree()}`;
  const isHeld = ({ id, claim }: ClaimedRun): Sql =>
    sql`id = ${id} AND ${claims.isHeldBy(claim)} AND state = 'running'`;

  const macOf = (asked: Asked): string => secrets.mac('site run', authenticText(asked));

  /** Into another state, authenticated anew. What we did not write stays as it is: else it would be ours by that. */
  const setState = async (which: Sql, to: Partial<Asked> & Pick<Asked, 'state'>, set: Sql): Promise<number> => {
    const [row] = await select(sql`SELECT ${runColumns} FROM civitas_anonymization_runs WHERE ${which}`);
    if (row === undefined || !runOf(row, secrets).isOurs) return 0;
    return change(
      sql`UPDATE civitas_anonymization_runs SET state = ${to.state}, mac = ${macOf({ ...askedOf(row), ...to })}, ${set}
          WHERE ${which} AND mac = ${textOf(row['mac'])}`,
    );
  };

  const begin: RunStore['begin'] = async (run) => {
    const asked = { ...run, state: 'running', plan: JSON.stringify(run.plan), startedAt: clock.now() } as const;
    const id = await insert(insertion(asked, dialect.insertUnlessThere));
    if (id > 0)
      await change(sql`UPDATE civitas_anonymization_runs SET mac = ${macOf({ ...asked, id })} WHERE id = ${id}`);
    const open = await openAt(run.siteId);
    if (open === null) throw new RunAgain('a run at this site ended just now');
    return open;
  };

  const claim: RunStore['claim'] = async (except) => {
    const others = except.length === 0 ? raw('1 = 1') : sql`id NOT IN ${listOf(except)}`;
    // One that was never claimed comes first: NULL sorts before all moments.
    const rows = await select(
      sql`SELECT id FROM civitas_anonymization_runs WHERE ${isFree()} AND ${others} ORDER BY claimedUntil, id LIMIT ${raw(String(candidates))}`,
    );
    for (const row of rows) {
      const id = numberOf(row['id']) ?? 0;
      const token = randomUUID();
      const taken = await change(
        sql`UPDATE civitas_anonymization_runs SET ${claims.taken(token, claimMs)} WHERE id = ${id} AND ${isFree()}`,
      );
      const run = taken === 0 ? null : await one(sql`id = ${id} AND ${claims.isHeldBy(token)}`);
      if (run !== null) return { ...run, claim: token };
    }
    return null;
  };

  const nextFailure = async (runId: number): ReturnType<RunStore['next']> => {
    const [row] = await select(
      sql`SELECT userId, attempts, dueAt <= ${clock.now()} AS due FROM civitas_anonymization_run_people
          WHERE runId = ${runId} AND dueAt IS NOT NULL ORDER BY dueAt, userId LIMIT 1`,
    );
    if (row === undefined) return { kind: 'nobody' };
    if (numberOf(row['due']) !== 1) return { kind: 'later' };
    return { kind: 'person', userId: numberOf(row['userId']) ?? 0, attempts: numberOf(row['attempts']) ?? 0 };
  };

  return {
    begin,
    openAt,
    find: async (siteId, runId) => (isId(runId) ? one(sql`id = ${runId} AND siteId = ${siteId}`) : null),

    pause: async (runId, reason) =>
      (await setState(
        sql`id = ${runId} AND state = 'running'`,
        { state: 'paused' },
        sql`reason = ${reason}, ${claims.givenBack}`,
      )) > 0,

    resume: async (runId, { actorId, everywhere }) =>
      (await setState(
        sql`id = ${runId} AND state = 'paused'`,
        { state: 'running', actorId, everywhere },
        sql`reason = NULL, actorId = ${actorId}, everywhere = ${everywhere}`,
      )) > 0,

    disown: async (runId) => {
      await change(
        sql`UPDATE civitas_anonymization_runs SET state = 'paused', reason = 'not-written-by-us', openSiteId = NULL, mac = '',
            ${claims.givenBack} WHERE id = ${runId}`,
      );
    },

    claim,

    release: async (run) => {
      // Not as if it had never been claimed: who has waited longest comes first.
      await change(
        sql`UPDATE civitas_anonymization_runs SET claim = NULL, claimedUntil = ${clock.now()} WHERE ${isHeld(run)}`,
      );
    },

    next: async ({ id, siteId }) => {
      const [row] = await select(
        sql`SELECT u.id FROM users u LEFT JOIN civitas_anonymization_run_people v ON v.runId = ${id} AND v.userId = u.id
            WHERE ${firstOfPerson(siteId)} AND v.userId IS NULL ORDER BY u.id LIMIT 1`,
      );
      return row === undefined ? nextFailure(id) : { kind: 'person', userId: numberOf(row['id']) ?? 0, attempts: 0 };
    },

    record: async (run, { userId, outcome, reason }, { tookMs, retryAt }) => {
      const now = clock.now();
      const replaced = ['outcome', 'reason', 'dueAt', 'at'].map((name) => `\`${name}\` = ${dialect.brought(name)}`);
      await change(
        sql`INSERT INTO civitas_anonymization_run_people (runId, userId, outcome, reason, attempts, dueAt, \`at\`)
            VALUES (${run.id}, ${userId}, ${outcome}, ${reason?.slice(0, 64) ?? null}, 1, ${retryAt}, ${now})
            ${raw(dialect.onConflictUpdate(['runId', 'userId']))} ${raw(replaced.join(', '))}, attempts = civitas_anonymization_run_people.attempts + 1`,
      );
      // Last: whoever pauses waits for nothing but the end of this unit.
      mustStillHold(
        await change(
          sql`UPDATE civitas_anonymization_runs SET ${claims.taken(run.claim, claimMs)}, workedMs = workedMs + ${Math.round(tookMs)} WHERE ${isHeld(run)}`,
        ),
      );
    },

    finish: async (run) => {
      mustStillHold(
        await setState(
          isHeld(run),
          { state: 'done' },
          sql`openSiteId = NULL, ${claims.givenBack}, finishedAt = ${clock.now()}`,
        ),
      );
    },

    counts: async ({ id, lastUserId }) => {
      const rows = await select(
        sql`SELECT outcome, reason, COUNT(*) AS people, COUNT(dueAt) AS waiting,
            COUNT(CASE WHEN userId > ${lastUserId} THEN 1 END) AS cameAfter
            FROM civitas_anonymization_run_people WHERE runId = ${id} GROUP BY outcome, reason ORDER BY outcome, reason`,
      );
      return rows.map(outcomeCountOf);
    },

    people: async (runId, { offset, limit, outcome }) => {
      const which = outcome === undefined ? raw('1 = 1') : sql`outcome = ${outcome}`;
      const rows = await select(
        sql`SELECT userId, outcome, reason, attempts, \`at\` FROM civitas_anonymization_run_people WHERE runId = ${runId} AND ${which}
            ORDER BY userId LIMIT ${String(limit)} OFFSET ${String(offset)}`,
      );
      return rows.map(personRecordOf);
    },
  };
};

const insertion = (run: Omit<Asked, 'id'>, insertUnlessThere: string): Sql => {
  const { siteId, actorId, everywhere, statedReason, state, plan, planned, lastUserId, startedAt } = run;
  // Its id is authenticated, too, which it gets by this.
  return sql`${raw(insertUnlessThere)} civitas_anonymization_runs
      (siteId, openSiteId, actorId, everywhere, statedReason, state, plan, planned, lastUserId, startedAt, mac)
      VALUES (${siteId}, ${siteId}, ${actorId}, ${everywhere}, ${statedReason}, ${state}, ${plan}, ${planned}, ${lastUserId}, ${startedAt}, '')`;
};

const runColumns: Sql = raw(
  'id, siteId, actorId, everywhere, statedReason, state, reason, plan, planned, lastUserId, workedMs, startedAt, finishedAt, mac',
);

// Only our own store writes these words.
const runOf = (row: RawRow, secrets: Pick<Secrets, 'macKey'>): AnonymizationRun => ({
  ...askedOf(row),
  reason: textOf(row['reason']) as PauseReason | null,
  plan: objectOf(row['plan']),
  workedMs: numberOf(row['workedMs']) ?? 0,
  finishedAt: dateOf(row['finishedAt']),
  isOurs: isOurs(row, secrets),
});

/** Who asked for what, and the state: what a run's MAC is over. */
interface Asked extends Pick<
  AnonymizationRun,
  'id' | 'siteId' | 'actorId' | 'everywhere' | 'statedReason' | 'state' | 'planned' | 'lastUserId' | 'startedAt'
> {
  /** As it is stored. */
  readonly plan: string;
}

/** The id is in it, so that a copy is none of ours; as JSON, no two runs come to the same text. */
const authenticText = (run: Asked): string =>
  JSON.stringify([
    ...['1', run.id, run.siteId, run.actorId, run.everywhere, run.statedReason, run.state],
    ...[run.plan, run.planned, run.lastUserId, run.startedAt.toISOString()],
  ]);

const askedOf = (row: RawRow): Asked => ({
  id: numberOf(row['id']) ?? 0,
  siteId: numberOf(row['siteId']) ?? 0,
  actorId: numberOf(row['actorId']) ?? 0,
  everywhere: flagOf(row['everywhere']) ?? false,
  statedReason: textOf(row['statedReason']),
  state: (textOf(row['state']) ?? 'paused') as AnonymizationRun['state'],
  plan: textOf(row['plan']) ?? '',
  planned: numberOf(row['planned']) ?? 0,
  lastUserId: numberOf(row['lastUserId']) ?? 0,
  startedAt: dateOf(row['startedAt']) ?? new Date(0),
});

const isOurs = (row: RawRow, { macKey }: Pick<Secrets, 'macKey'>): boolean =>
  macKey('site run', authenticText(askedOf(row)), textOf(row['mac']) ?? '') !== null;

const personRecordOf = (row: RawRow): PersonRecord => ({
  userId: numberOf(row['userId']) ?? 0,
  ...outcomeOf(row),
  attempts: numberOf(row['attempts']) ?? 0,
  at: dateOf(row['at']) ?? new Date(0),
});

const outcomeCountOf = (row: RawRow): OutcomeCount => ({
  ...outcomeOf(row),
  people: numberOf(row['people']) ?? 0,
  cameAfter: numberOf(row['cameAfter']) ?? 0,
  waiting: numberOf(row['waiting']) ?? 0,
});

const outcomeOf = (row: RawRow): Pick<PersonRecord, 'outcome' | 'reason'> => ({
  outcome: (textOf(row['outcome']) ?? 'failed') as PersonOutcome,
  reason: textOf(row['reason']),
});
