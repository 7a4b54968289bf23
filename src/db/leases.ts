import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Fault, mayHaveHappened } from '../domain/fault.ts';
import { askerNow, NoTurn, turns, type Turns } from '../platform/turns.ts';
import { wakers, type Wakers } from '../platform/wakers.ts';
import type { Clock } from '../ports/platform.ts';
import type { Ports } from '../ports/index.ts';
import { type Lease, type WithLease, type ReplayStore, RunAgain } from '../ports/unit-of-work.ts';
import type { Database } from './database.ts';
import { raw, sql } from './sql.ts';
import { ambient } from './unit-of-work.ts';
import { textOf } from './rows/values.ts';

interface Terms extends Pick<Ports, 'clock' | 'log'> {
  readonly oauthTimeLimitMs: number;
}
const maxWaitMs = 10_000;

/**
 * Source: docs/adr/0002 "Leases". Faults: `busy` for who waited 10 s, or where too many wait already, and from `assertHeld` for
 * who was too slow.
 */
export const leases = (database: Database, { clock, log, oauthTimeLimitMs }: Terms): WithLease => {
  const inLine = leaseLines(database, clock);
  const lifeMs = 2 * oauthTimeLimitMs + 2_000;
  return async (name, work) => {
    // Inside a transaction nobody would see the lease before the commit, and its locks would be held across a remote call.
    if (ambient() !== undefined) throw new Error('a lease is taken before the unit of work, not inside');
    const timeoutMs = Math.min(maxWaitMs, askerNow().patienceMs ?? maxWaitMs);
    try {
      return await inLine({ name, lifeMs, timeoutMs }, async (lease) => {
        if (lease === null) throw busy('Somebody else is changing this person.');
        return under(lease, log, work);
      });
    } catch (error) {
      if (!(error instanceof NoTurn)) throw error;
      throw busy(
        error.isOwn ? 'You are changing this person many times at once.' : 'Too many are changing this person.',
      );
    }
  };
};

const under = async <T>(lease: HeldLease, log: Terms['log'], work: (lease: Lease) => Promise<T>): Promise<T> => {
  try {
    const answer = await work({ assertHeld: () => mustBeHeld(lease) });
    await giveBack(lease, log);
    return answer;
  } catch (error) {
    // A write that may still be under way at the OAuth server keeps its lease until that has run out.
    if (!mayHaveHappened(error)) await giveBack(lease, log);
    throw error;
  }
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
    renew: async () => {
      const until = end();
      const isHeld = await lease.renew();
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
  /** Holds on for a whole life more; false when somebody else may have it by now. */
  renew(): Promise<boolean>;
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

/**
 * First a row that has run out, then, only where there is none, a new one: an INSERT that meets a row keeps a lock on it, over
 * which several deadlock. A conflict means that others were quicker: the lease is not taken. Null: taken.
 */
const tryLease = async (database: Database, time: Time, { name, lifeMs }: LeaseTerms): Promise<HeldLease | null> => {
  const token = randomUUID();
  const end = (): Date => new Date(time.now().getTime() + lifeMs);
  const takenOver = await database.changeOnce(
    sql`UPDATE civitas_leases SET \`token\` = ${token}, \`expiresAt\` = ${end()} WHERE \`name\` = ${name} AND \`expiresAt\` <= ${time.now()}`,
  );
  const taken =
    takenOver === 0
      ? await database.changeOnce(
          sql`${raw(database.dialect.insertUnlessThere)} civitas_leases (\`name\`, \`token\`, \`expiresAt\`)
              SELECT ${name}, ${token}, ${end()} FROM (SELECT 1) AS one
              WHERE NOT EXISTS (SELECT 1 FROM civitas_leases WHERE \`name\` = ${name})`,
        )
      : takenOver;
  if (taken === null || taken === 0) return null;
  return {
    renew: async () =>
      (await database.change(
        sql`UPDATE civitas_leases SET \`expiresAt\` = ${end()} WHERE \`name\` = ${name} AND \`token\` = ${token} AND \`expiresAt\` > ${time.now()}`,
      )) === 1,
    release: async () => {
      await database.change(sql`DELETE FROM civitas_leases WHERE \`name\` = ${name} AND \`token\` = ${token}`);
    },
  };
};

/** A day, as anonymization.md says of `Idempotency-Key`. */
const keptMs = 86_400_000;

/** What was done once, beside what only one may do at a time: the answers that are remembered for repeats. */
export const replayStore = (database: Database, { clock }: Pick<Ports, 'clock'>): ReplayStore => {
  const { select, change, dialect } = database;
  const find: ReplayStore['find'] = async (scope) => {
    const [row] = await select(
      sql`SELECT bodyDigest, summary FROM civitas_idempotency_keys WHERE scope = ${scope} AND expiresAt > ${clock.now()}`,
    );
    return row === undefined ? null : { body: textOf(row['bodyDigest']) ?? '', summary: textOf(row['summary']) ?? '' };
  };
  return {
    find,
    remember: async (scope, { body, summary }) => {
      // An expired answer in the same scope makes room.
      await change(sql`DELETE FROM civitas_idempotency_keys WHERE scope = ${scope} AND expiresAt <= ${clock.now()}`);
      const until = new Date(clock.now().getTime() + keptMs);
      const added = await change(
        sql`${raw(dialect.insertUnlessThere)} civitas_idempotency_keys (scope, bodyDigest, summary, expiresAt)
            VALUES (${scope}, ${body}, ${summary}, ${until})`,
      );
      if (added === 0) throw new RunAgain('the same key was used at the same moment');
    },
    forgetExpired: async (now) => {
      await change(sql`DELETE FROM civitas_idempotency_keys WHERE expiresAt < ${now}`);
    },
  };
};
