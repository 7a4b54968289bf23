import { randomUUID } from 'node:crypto';
import type { Ports } from '../../ports/index.ts';
import type { AnonymizationRun, ClaimedRun, NewSiteRun, RunStore, SiteRun } from '../../ports/runs.ts';
import { RunAgain } from '../../ports/unit-of-work.ts';
import type { Database, RawRow } from '../database.ts';
import { mustStillHold } from '../leases.ts';
import {
  consoleColumns,
  isRunning,
  listedRunColumns,
  listedRunOf,
  rankedPersonOf,
  rankedPersonText,
  runColumns,
  runMac,
  runOf,
} from '../rows/run-row.ts';
import { numberOf, textOf } from '../rows/values.ts';
import { isId, listOf, raw, sql, type Sql } from '../sql.ts';
import { awaitsRemoval, countsOf, runLists } from './run-lists.ts';
import { claimsOf, runStates, setRunState } from './run-states.ts';
import { firstOfPerson } from './user-store.ts';

/** Longer than anonymizing one person takes: an instance that died gives its run back after this. */
const claimMs = 30_000;
/** Several, as another instance may take the first of them. */
const candidates = 8;

export const runStore = (database: Database, options: Pick<Ports, 'clock' | 'secrets'>): RunStore => {
  const { select, change, insert, dialect } = database;
  const { clock, secrets } = options;
  const claims = claimsOf(clock);
  const setState = setRunState(database, options);
  const one = async (which: Sql): Promise<AnonymizationRun | null> => {
    const [row] = await select(sql`SELECT ${runColumns} FROM civitas_anonymization_runs WHERE ${which}`);
    return row === undefined ? null : runOf(row, secrets);
  };
  const oneOfSite = async (which: Sql): Promise<SiteRun | null> => {
    const run = await one(sql`kind = 'site' AND ${which}`);
    return run?.kind === 'site' ? run : null;
  };
  const openAt: RunStore['openAt'] = (siteId) => oneOfSite(sql`openSiteId = ${siteId}`);
  const isFree = (): Sql => sql`${isRunning} AND ${claims.isFree()}`;
  const isHeld = ({ id, claim }: ClaimedRun): Sql => sql`id = ${id} AND ${claims.isHeldBy(claim)} AND ${isRunning}`;

  const begin: RunStore['begin'] = async (run) => {
    const asked = {
      ...run,
      kind: 'site',
      operator: null,
      state: 'running',
      startedAt: clock.now(),
      forgivenAt: null,
    } as const;
    const plan = JSON.stringify(run.plan);
    const id = await insert(insertion(run, plan, asked.startedAt, dialect.insertUnlessThere));
    if (id > 0)
      await change(
        sql`UPDATE civitas_anonymization_runs SET mac = ${runMac(secrets, { ...asked, plan, id })} WHERE id = ${id}`,
      );
    const open = await openAt(run.siteId);
    if (open === null) throw new RunAgain('a run at this site ended just now');
    return open;
  };

  const claim: RunStore['claim'] = async (except) => {
    const others = except.length === 0 ? raw('1 = 1') : sql`id NOT IN ${listOf(except)}`;
    const isAlone = sql`NOT EXISTS (SELECT 1 FROM civitas_anonymization_runs h
        WHERE h.forSiteId = r.forSiteId AND h.id <> r.id AND h.state = 'going' AND h.claimedUntil > ${clock.now()})`;
    // One that was never claimed comes first: NULL sorts before all moments.
    const rows = await select(
      sql`SELECT id FROM civitas_anonymization_runs r WHERE ${isFree()} AND ${others} AND ${isAlone} ORDER BY claimedUntil, id LIMIT ${raw(String(candidates))}`,
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

  type Next = Awaited<ReturnType<RunStore['next']>>;
  /** Whom a row of the run's people names, if it is ours: of a run over a site any row is, as it only says what came of somebody. */
  const named = (run: AnonymizationRun, row: RawRow): Next => {
    const person = rankedPersonOf(row);
    const who = { kind: 'person', userId: person.userId, attempts: numberOf(row['attempts']) ?? 0 } as const;
    if (run.kind === 'site') return { ...who, planned: null };
    const known = textOf(row['mac']) ?? '';
    const isOurs = secrets.macKey('run person', rankedPersonText(run.name, person), known) !== null;
    return isOurs ? { ...who, planned: { siteId: person.siteId, digest: person.digest } } : { kind: 'forged' };
  };

  const nextUnvisited = async (run: AnonymizationRun): Promise<Next> => {
    if (run.kind === 'site') {
      const [first] = await select(
        sql`SELECT u.id FROM users u LEFT JOIN civitas_anonymization_run_people v ON v.runId = ${run.id} AND v.userId = u.id
            WHERE ${firstOfPerson(run.siteId)} AND v.userId IS NULL ORDER BY u.id LIMIT 1`,
      );
      if (first === undefined) return { kind: 'nobody' };
      return { kind: 'person', userId: numberOf(first['id']) ?? 0, attempts: 0, planned: null };
    }
    const [row] = await select(
      sql`SELECT ${personColumns} FROM civitas_anonymization_run_people
          WHERE runId = ${run.id} AND outcome = 'planned' ORDER BY place LIMIT 1`,
    );
    return row === undefined ? { kind: 'nobody' } : named(run, row);
  };

  const nextFailure = async (run: AnonymizationRun, which: Sql): Promise<Next> => {
    const [row] = await select(
      sql`SELECT ${personColumns}, dueAt <= ${clock.now()} AS due FROM civitas_anonymization_run_people
          WHERE runId = ${run.id} AND dueAt IS NOT NULL AND ${which} ORDER BY dueAt, userId LIMIT 1`,
    );
    if (row === undefined) return { kind: 'nobody' };
    return numberOf(row['due']) === 1 ? named(run, row) : { kind: 'later' };
  };

  /** Over what an earlier attempt came to. */
  const recordAtSite = async (
    runId: number,
    [{ userId, outcome, reason }, { retryAt, operation }]: Recorded,
  ): Promise<void> => {
    const names = ['outcome', 'reason', 'dueAt', 'at', 'operation'];
    const replaced = names.map((name) => `\`${name}\` = ${dialect.brought(name)}`);
    await change(
      sql`INSERT INTO civitas_anonymization_run_people (runId, userId, outcome, reason, attempts, dueAt, \`at\`, operation)
          VALUES (${runId}, ${userId}, ${outcome}, ${reason?.slice(0, 64) ?? null}, 1, ${retryAt}, ${clock.now()}, ${operation ?? null})
          ${raw(dialect.onConflictUpdate(['runId', 'userId']))} ${raw(replaced.join(', '))}, attempts = civitas_anonymization_run_people.attempts + 1`,
    );
  };
  /** Nobody comes onto a list by that. */
  const recordOnList = async (
    runId: number,
    [{ userId, outcome, reason }, { retryAt, operation }]: Recorded,
  ): Promise<void> => {
    mustStillHold(
      await change(
        sql`UPDATE civitas_anonymization_run_people SET outcome = ${outcome}, reason = ${reason?.slice(0, 64) ?? null},
            attempts = attempts + 1, dueAt = ${retryAt}, \`at\` = ${clock.now()}, operation = ${operation ?? null}
            WHERE runId = ${runId} AND userId = ${userId} AND outcome IN ('planned', 'failed')`,
      ),
    );
  };

  return {
    ...runStates(database, options),
    ...runLists(database, options),
    ...runMemory(database, options),
    begin,
    openAt,
    find: async (siteId, runId) => (isId(runId) ? oneOfSite(sql`id = ${runId} AND siteId = ${siteId}`) : null),

    named: async (name) => {
      const id = /^\d{1,16}$/.test(name) ? Number(name) : null;
      if (id !== null) return isId(id) ? oneOfSite(sql`id = ${id}`) : null;
      return /^[\w-]{22}$/.test(name) ? one(sql`publicId = ${name}`) : null;
    },

    claim,

    release: async (run) => {
      // Not as if it had never been claimed: who has waited longest comes first.
      await change(
        sql`UPDATE civitas_anonymization_runs SET claim = NULL, claimedUntil = ${clock.now()} WHERE ${isHeld(run)}`,
      );
    },

    next: async (run, order) => {
      const busy = order === 'busyFirst' ? await nextFailure(run, sql`reason = ${'busy'}`) : nobody;
      const unvisited = busy.kind === 'nobody' ? await nextUnvisited(run) : busy;
      return unvisited.kind === 'nobody' ? nextFailure(run, raw('1 = 1')) : unvisited;
    },

    record: async (run, ...recorded) => {
      const [, { tookMs }] = recorded;
      // First: until this unit ends nobody else claims, pauses or ends the run.
      mustStillHold(
        await change(
          sql`UPDATE civitas_anonymization_runs SET ${claims.taken(run.claim, claimMs)}, workedMs = workedMs + ${Math.round(tookMs)} WHERE ${isHeld(run)}`,
        ),
      );
      await (run.kind === 'site' ? recordAtSite : recordOnList)(run.id, recorded);
    },

    trial: async ({ id, forgivenAt }, most) => {
      // As it was read with the run: of a list it is authenticated.
      const isHeardOf = forgivenAt === null ? raw('1 = 1') : sql`\`at\` > ${forgivenAt}`;
      const [row] = await select(
        sql`SELECT (SELECT COUNT(*) FROM (SELECT 1 FROM civitas_anonymization_run_people
                    WHERE runId = ${id} AND outcome = 'anonymized' LIMIT ${raw(String(most))}) some) AS anonymized,
            (SELECT COUNT(*) FROM civitas_anonymization_run_people
             WHERE runId = ${id} AND outcome = 'failed' AND ${isHeardOf} AND (dueAt IS NULL OR reason <> 'busy')) AS failed`,
      );
      return { anonymized: numberOf(row?.['anonymized']) ?? 0, failed: numberOf(row?.['failed']) ?? 0 };
    },

    finish: async (run, reason) => {
      mustStillHold(
        await setState(
          isHeld(run),
          () => ({ state: 'done' }),
          sql`reason = ${reason ?? null}, openSiteId = NULL, ${claims.givenBack}, finishedAt = ${clock.now()}`,
        ),
      );
    },
  };
};

const nobody = { kind: 'nobody' } as const;
type Recorded = Parameters<RunStore['record']> extends [unknown, ...infer Rest] ? Rest : never;

const personColumns: Sql = raw('userId, attempts, place, siteId, digest, mac');

const insertion = (run: NewSiteRun, plan: string, startedAt: Date, insertUnlessThere: string): Sql => {
  const { siteId, actorId, everywhere, statedReason, planned, lastUserId } = run;
  const [atConsole, consoleSiteIds] = consoleColumns(run);
  // Its id is authenticated, too, which it gets by this.
  return sql`${raw(insertUnlessThere)} civitas_anonymization_runs
      (siteId, openSiteId, actorId, everywhere, atConsole, consoleSiteIds, statedReason, state, plan, planned, lastUserId, startedAt, mac)
      VALUES (${siteId}, ${siteId}, ${actorId}, ${everywhere}, ${atConsole}, ${consoleSiteIds}, ${statedReason}, 'running', ${plan}, ${planned}, ${lastUserId}, ${startedAt}, '')`;
};

type Memory = Pick<RunStore, 'remembered' | 'keepCounts' | 'forgetPeople'>;

/** How many people a statement forgets. */
const forgottenAtOnce = 500;

/** How runs forget their people, and keep what they came to. */
const runMemory = (database: Database, { clock }: Pick<Ports, 'clock'>): Memory => {
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
