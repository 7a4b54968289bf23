import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
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
  /** How long to wait for another holder; measured in pauses, so that a clock that stands still ends it too. */
  readonly patienceMs: number;
}
type Time = Pick<Clock, 'now' | 'spread'>;

/** Takes a lease by a conditional write, asking again every 25–100 ms; null when it stays taken. */
export const takeLease = async (database: Database, time: Time, terms: Terms): Promise<HeldLease | null> => {
  for (let waited = 0; ;) {
    const held = await tryLease(database, time, terms);
    if (held !== null || waited >= terms.patienceMs) return held;
    const wait = 25 + time.spread() * 75;
    await pause(wait);
    waited += wait;
  }
};

const tryLease = async (database: Database, time: Time, { name, lifeMs }: Terms): Promise<HeldLease | null> => {
  const token = randomUUID();
  const end = (): Date => new Date(time.now().getTime() + lifeMs);
  const added = await database.change(
    sql`${raw(database.dialect.insertUnlessThere)} civitas_leases (\`name\`, \`token\`, \`expiresAt\`) VALUES (${name}, ${token}, ${end()})`,
  );
  const taken =
    added > 0
      ? added
      : await database.change(
          sql`UPDATE civitas_leases SET \`token\` = ${token}, \`expiresAt\` = ${end()} WHERE \`name\` = ${name} AND \`expiresAt\` <= ${time.now()}`,
        );
  if (taken === 0) return null;
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
