import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Fault, mayHaveHappened } from '../domain/fault.ts';
import { askerNow, NoTurn, turns, type Turns } from '../platform/turns.ts';
import { wakers, type Wakers } from '../platform/clock.ts';
import type { Clock } from '../ports/platform.ts';
import type { Ports } from '../ports/index.ts';
import { ClaimLost } from '../ports/outbox.ts';
import type { Lease, WithLease } from '../ports/unit-of-work.ts';
import type { Database } from './database.ts';
import { raw, sql, type Sql } from './sql.ts';
import { ambient } from './unit-of-work.ts';

interface Terms extends Pick<Ports, 'clock' | 'log'> {
  readonly oauthTimeLimitMs: number;
  /** How long somebody waits for one at most; 10 s unless a test has more time. */
  readonly leaseWaitMs?: number;
}

/**
 * Source: docs/adr/0002 "Leases". Faults: `busy` for who waited 10 s, or where too many wait already, and from `assertHeld` for
 * who was too slow.
 */
export const leases = (
  database: Database,
  { clock, log, oauthTimeLimitMs, leaseWaitMs = 10_000 }: Terms,
): WithLease => {
  const inLine = leaseLines(database, clock);
  const lifeMs = 2 * oauthTimeLimitMs + 2_000;
  return async (name, work) => {
    // Inside a transaction nobody would see the lease before the commit, and its locks would be held across a remote call.
    if (ambient() !== undefined) throw new Error('a lease is taken before the unit of work, not inside');
    const timeoutMs = Math.min(leaseWaitMs, askerNow().patienceMs ?? leaseWaitMs);
    try {
      return await inLine({ name, lifeMs, timeoutMs }, async (lease) => {
        if (lease === null) throw busy('Somebody else is changing the same thing.');
        return under(lease, log, work);
      });
    } catch (error) {
      if (!(error instanceof NoTurn)) throw error;
      throw busy(
        error.isOwn ? 'You are changing the same thing many times at once.' : 'Too many are changing the same thing.',
      );
    }
  };
};

const under = async <T>(lease: HeldLease, log: Terms['log'], work: (lease: Lease) => Promise<T>): Promise<T> => {
  try {
    const shown: Lease = { assertHeld: () => mustBeHeld(lease) };
    held.set(shown, lease);
    const answer = await work(shown);
    await giveBack(lease, log);
    return answer;
  } catch (error) {
    // A write that may still be under way at the OAuth server keeps its lease until that has run out.
    if (!mayHaveHappened(error)) await giveBack(lease, log);
    throw error;
  }
};

/** What stands behind a lease, for statements that assert it beside what they do. */
const held = new WeakMap<Lease, HeldLease>();

/** A change of rows of one table, none of whose columns is called as one of a lease is. */
type Change = Readonly<Record<'table' | 'set' | 'where', Sql>>;

/**
 * Changes rows in the statement that asserts the lease, where the database changes two tables in one; else in the next. False: there is
 * no such row. Fault `busy` as from `assertHeld`: then nothing was changed.
 */
export const changedUnder = async (
  { change, dialect }: Pick<Database, 'change' | 'dialect'>,
  lease: Lease | undefined,
  wanted: Change,
): Promise<boolean> => {
  const behind = lease === undefined ? undefined : held.get(lease);
  if (behind !== undefined && dialect.changesTables && (await behind.renew(wanted))) return true;
  // Which of both is not there is told by itself.
  await lease?.assertHeld();
  return (await change(sql`UPDATE ${wanted.table} SET ${wanted.set} WHERE ${wanted.where}`)) > 0;
};

const busy = (detail: string): Fault<'busy'> => new Fault('busy', { retryAfterSeconds: 2 }, detail);

const mustBeHeld = async (lease: HeldLease): Promise<void> => {
  if (!(await lease.renew())) throw new Fault('busy', { retryAfterSeconds: 1 }, 'This took too long.');
};

/** What was done stays done: a lease that cannot be given back runs out by itself. */
const giveBack = (lease: HeldLease, log: Terms['log']): Promise<void> =>
  lease.release().catch((error: unknown) => {
    log.warn({ err: error }, 'a lease could not be given back');
  });

/**
 * How many of one caller may queue, not counting the holder and the next. Twenty writes of one caller at once are a promise:
 * user-api.md §3 "Update".
 */
const maxOfCaller = 20;
const maxOfSite = 100;

/** Who in this process wants one lease. */
interface Line {
  /** One of them is next, and only that one asks the database. */
  readonly next: Turns;
  /** Who of this process holds it, and until when at most; the database need not be asked before. */
  holder: { until: number } | null;
  /** Who is next is told that it is free. */
  readonly freed: Wakers;
  /** How many are in here, the holder among them. */
  members: number;
}
type LineTerms = Pick<LeaseTerms, 'name' | 'lifeMs' | 'timeoutMs'>;
type InLine = <T>(terms: LineTerms, work: (lease: HeldLease | null) => Promise<T>) => Promise<T>;

/**
 * Runs work with a lease, or null where it stays taken. In this process those who want the same wait in turn (by site, then by
 * caller), in memory. Rejects with NoTurn where too many of them wait already. Source: docs/reference/neighbours.md.
 */
const leaseLines = (database: Database, clock: Pick<Clock, 'now' | 'spread'>): InLine => {
  const lines = new Map<string, Line>();

  const take = async (line: Line, terms: LineTerms): Promise<HeldLease | null> => {
    const begun = performance.now();
    const giveTurnBack = await line.next.take(askerNow(), terms.timeoutMs);
    try {
      const lease = await takeLease(database, clock, {
        ...terms,
        timeoutMs: terms.timeoutMs - (performance.now() - begun),
        isHeldHere: () => line.holder !== null && line.holder.until > clock.now().getTime(),
        // It may run out, and another process may hold it: so for a while only.
        pause: line.freed.pause,
      });
      return lease === null ? null : heldIn(line, lease, () => clock.now().getTime() + terms.lifeMs);
    } finally {
      giveTurnBack();
    }
  };

  return async (terms, work) => {
    const line = lines.get(terms.name) ?? newLine();
    lines.set(terms.name, line);
    line.members += 1;
    try {
      return await work(await take(line, terms));
    } finally {
      line.members -= 1;
      if (line.members === 0) lines.delete(terms.name);
    }
  };
};

const newLine = (): Line => ({
  next: turns({ places: 1, maxOfCaller, maxOfSite }),
  holder: null,
  freed: wakers(),
  members: 0,
});

/** The line knows of it until it is given back. Where it is not, as a write may still be under way, until it has run out. */
const heldIn = (line: Line, lease: HeldLease, end: () => number): HeldLease => {
  const holder = { until: end() };
  line.holder = holder;
  return {
    renew: async (beside) => {
      const until = end();
      const isHeld = await lease.renew(beside);
      if (isHeld) holder.until = until;
      return isHeld;
    },
    release: async () => {
      try {
        await lease.release();
      } finally {
        if (line.holder === holder) line.holder = null;
        line.freed.wakeAll();
      }
    },
  };
};

/** A held row of `civitas_leases`. */
interface HeldLease {
  /** Holds on for a whole life more; false when somebody else may have it by now, or where there is nothing to change beside it. */
  renew(beside?: Change): Promise<boolean>;
  release(): Promise<void>;
}
interface LeaseTerms {
  readonly name: string;
  readonly lifeMs: number;
  /** How long to wait for another holder, whatever the clock says. */
  readonly timeoutMs: number;
  /** While so, the database need not be asked. */
  readonly isHeldHere?: () => boolean;
  /** May end early. */
  readonly pause?: (ms: number) => Promise<unknown>;
}
type Time = Pick<Clock, 'now' | 'spread'>;

/** Takes a lease by a conditional write, asking again every 25–100 ms; null when it stays taken. */
export const takeLease = async (database: Database, time: Time, terms: LeaseTerms): Promise<HeldLease | null> => {
  const { timeoutMs, isHeldHere = () => false, pause = sleep } = terms;
  for (const begun = performance.now(); ;) {
    const held = isHeldHere() ? null : await tryLease(database, time, terms);
    if (held !== null) return held;
    if (performance.now() - begun >= timeoutMs) return null;
    await pause(25 + time.spread() * 75);
  }
};

/** A conflict means that others were quicker: the lease is not taken. Null: taken. */
const tryLease = async (
  { change, changeOnce, dialect }: Database,
  time: Time,
  { name, lifeMs }: LeaseTerms,
): Promise<HeldLease | null> => {
  const token = randomUUID();
  const lease = claimIn({ holder: '`token`', until: '`expiresAt`' }, time);
  const isAdded = await changeOnce(
    sql`${raw(dialect.insertUnlessThere)} civitas_leases (\`name\`, \`token\`, \`expiresAt\`)
        SELECT ${name}, ${token}, ${lease.end(lifeMs)} FROM (SELECT 1) AS one
        WHERE NOT EXISTS (SELECT 1 FROM civitas_leases WHERE \`name\` = ${name})`,
  );
  // Given back it is no row at all: one that is there is held, or was never given back.
  const isTaken =
    isAdded === 0
      ? await changeOnce(
          sql`UPDATE civitas_leases SET ${lease.taken(token, lifeMs)} WHERE \`name\` = ${name} AND ${lease.isFree()}`,
        )
      : isAdded;
  if (isTaken !== 1) return null;
  const isOurs = sql`\`name\` = ${name} AND ${lease.isHeldBy(token)}`;
  return {
    // One that has run out is not held on to, even if nobody took it: who stands in line here counts on that.
    renew: async (beside) => {
      const held = sql`${lease.taken(token, lifeMs)}`;
      const isHeld = sql`${isOurs} AND NOT ${lease.isFree()}`;
      return beside === undefined
        ? (await change(sql`UPDATE civitas_leases SET ${held} WHERE ${isHeld}`)) === 1
        : (await change(
            sql`UPDATE civitas_leases, ${beside.table} SET ${held}, ${beside.set} WHERE ${isHeld} AND ${beside.where}`,
          )) > 1;
    },
    release: async () => {
      await change(sql`DELETE FROM civitas_leases WHERE ${isOurs}`);
    },
  };
};

/**
 * A claim that ends: a row is its holder's up to a moment, and anybody's from then on, so that who died gives it back. Of several who
 * take it at once a conditional UPDATE lets one. These are the pieces of such statements, for every table that has a column with the
 * holder's token and one with the end. Not for what has no holder, as answers that are remembered for a while, nor for what ends by
 * what another machine says, as the state `removing` of a person does.
 */
export const claimIn = (
  columns: { readonly holder: string; readonly until: string },
  time: Pick<Clock, 'now'>,
): Claims => {
  const [holder, until] = [raw(columns.holder), raw(columns.until)];
  const end: Claims['end'] = (lifeMs) => new Date(time.now().getTime() + lifeMs);
  return {
    isFree: () => sql`(${until} IS NULL OR ${until} <= ${time.now()})`,
    isHeldBy: (token) => sql`${holder} = ${token}`,
    taken: (token, lifeMs) => sql`${holder} = ${token}, ${until} = ${end(lifeMs)}`,
    givenBack: sql`${holder} = NULL, ${until} = NULL`,
    end,
  };
};
interface Claims {
  /** Nobody has it, or not any more. */
  readonly isFree: () => Sql;
  /** Nobody else has taken it, be it past its end. */
  readonly isHeldBy: (token: string) => Sql;
  /** For SET: takes it, or holds on to it, for a whole life from now on. */
  readonly taken: (token: string, lifeMs: number) => Sql;
  readonly givenBack: Sql;
  readonly end: (lifeMs: number) => Date;
}

/**
 * First a row that is there, then, only where there is none, a new one: an INSERT that meets a row keeps a lock on it, over which
 * several deadlock. `change` null: a conflict, over which it is not taken.
 */
export const takenOrAdded = async (
  change: (statement: Sql) => Promise<number | null>,
  take: Sql,
  add: Sql,
): Promise<boolean> => {
  const taken = await change(take);
  return ((taken === 0 ? await change(add) : taken) ?? 0) > 0;
};

/** Who carries on what they had claimed finds here that it is theirs no more. */
export const mustStillHold = (found: number): void => {
  if (found === 0) throw new ClaimLost();
};
