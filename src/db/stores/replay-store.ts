import type { Ports } from '../../ports/index.ts';
import { type ReplayStore, RunAgain } from '../../ports/unit-of-work.ts';
import type { Database } from '../database.ts';
import { textOf } from '../rows/values.ts';
import { raw, sql } from '../sql.ts';

/** A day, as anonymization.md says of `Idempotency-Key`. */
const answerKeptMs = 86_400_000;

/**
 * The answers that are remembered for repeats; a login's state, which counts once, is one. They are nobody's claim: one is written with
 * what was done, and whoever comes second waits for that.
 */
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
      const until = new Date(clock.now().getTime() + answerKeptMs);
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
