import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../ports/clock.ts';
import type { Database } from './database.ts';
import { raw, sql } from './sql.ts';

/** A held row of `civitas_leases`. */
export interface HeldLease {
  /** Holds on for a whole life more; false when somebody else may have it by now. */
  renew(): Promise<boolean>;
  release(): Promise<void>;
}
interface Terms {
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
export const takeLease = async (database: Database, time: Time, terms: Terms): Promise<HeldLease | null> => {
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
const tryLease = async (database: Database, time: Time, { name, lifeMs }: Terms): Promise<HeldLease | null> => {
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
