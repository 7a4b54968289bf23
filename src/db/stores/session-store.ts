import type { Session } from '../../domain/session.ts';
import type { Ports } from '../../ports/index.ts';
import { mostSessions, type ListedSession, type SessionStore } from '../../ports/credentials.ts';
import { type ReplayStore, RunAgain } from '../../ports/unit-of-work.ts';
import type { Database, RawRow } from '../database.ts';
import { dateOf, isLiveRow, numberOf, textOf } from '../rows/values.ts';
import { isId, joined, listOf, raw, sql, type Sql } from '../sql.ts';

const listedColumns = 'jti, userId, provider, createdAt, expiresAt, personId, loginSiteId';
const columns = raw(`${listedColumns}, accessToken, accessTokenExpiresAt, sid, checkedAt`);

export const sessionStore = (
  { select, change }: Database,
  { clock, secrets }: Pick<Ports, 'clock' | 'secrets'>,
): SessionStore => {
  const keepOfPersons: SessionStore['keepOfPersons'] = async (userIds) => {
    const wanted = userIds.filter(isId);
    if (wanted.length === 0) return;
    await change(
      sql`UPDATE civitas_sessions SET userId = (SELECT MIN(u.id) ${others(wanted)})
          WHERE userId IN ${listOf(wanted)} AND personId IS NOT NULL AND EXISTS (SELECT 1 ${others(wanted)})`,
    );
  };
  return {
    open: async (session) => {
      const { jti, userId, provider, accessToken, accessTokenExpiresAt, sid, checkedAt, createdAt, expiresAt } =
        session;
      const sealed = accessToken === null ? null : secrets.seal('session', accessToken);
      const { personId = null, siteId = null } = session.console ?? {};
      await change(
        sql`INSERT INTO civitas_sessions (${columns}) VALUES (${jti}, ${userId}, ${provider}, ${createdAt}, ${expiresAt}, ${personId}, ${siteId},
          ${sealed}, ${accessTokenExpiresAt}, ${sid}, ${checkedAt})`,
      );
      // Looked up before: a DELETE that looks for itself would lock whatever it goes through.
      const beyond = await select(
        sql`SELECT jti FROM civitas_sessions WHERE userId = ${userId} ORDER BY createdAt DESC, jti DESC
          LIMIT 100 OFFSET ${raw(String(mostSessions))}`,
      );
      if (beyond.length > 0)
        await change(sql`DELETE FROM civitas_sessions WHERE jti IN ${listOf(beyond.map((row) => textOf(row['jti'])))}`);
    },
    find: async (jti) => {
      const [row] = await select(
        sql`SELECT ${columns} FROM civitas_sessions WHERE jti = ${jti} AND expiresAt > ${clock.now()}`,
        { current: true },
      );
      return row === undefined ? null : sessionOf(row, secrets);
    },
    setCheckedAt: async (jti, checkedAt) => {
      await change(sql`UPDATE civitas_sessions SET checkedAt = ${checkedAt} WHERE jti = ${jti}`);
    },
    end: async (jti) => {
      await change(sql`DELETE FROM civitas_sessions WHERE jti = ${jti}`);
    },
    keepOfPersons,
    endOfUsers: async (userIds) => {
      const wanted = userIds.filter(isId);
      if (wanted.length === 0) return;
      await keepOfPersons(wanted);
      await change(sql`DELETE FROM civitas_sessions WHERE userId IN ${listOf(wanted)}`);
    },
    endOfPerson: async (personId) => {
      await change(
        sql`DELETE FROM civitas_sessions WHERE userId IN (SELECT id FROM users WHERE personId = ${personId})`,
      );
    },
    endOfSid: async (sid) => {
      await change(sql`DELETE FROM civitas_sessions WHERE sid = ${sid}`);
    },
    reseal: async (limit) => {
      const isOld = sql`accessToken IS NOT NULL AND SUBSTR(accessToken, 1, ${raw(String(secrets.sealMark.length))}) <> ${secrets.sealMark}`;
      const rows = await select(
        sql`SELECT jti, accessToken FROM civitas_sessions WHERE ${isOld} LIMIT ${raw(String(limit))}`,
      );
      if (rows.length === 0) return 0;
      const cases = rows.map(({ jti, accessToken }) => {
        const opened = secrets.open('session', textOf(accessToken) ?? '');
        return sql`WHEN ${textOf(jti)} THEN ${opened === null ? null : secrets.seal('session', opened)}`;
      });
      // Another instance may have been quicker, or a session may have got another token.
      await change(
        sql`UPDATE civitas_sessions SET accessToken = CASE jti ${joined(cases, ' ')} END
          WHERE jti IN ${listOf(rows.map(({ jti }) => textOf(jti)))} AND ${isOld}`,
      );
      return rows.length;
    },
    ofUsers: async (userIds, { after, limit }) => {
      const wanted = userIds.filter(isId);
      if (wanted.length === 0) return [];
      const behind =
        after === null
          ? raw('1 = 1')
          : sql`(createdAt > ${after.createdAt} OR (createdAt = ${after.createdAt} AND jti > ${after.jti}))`;
      const rows = await select(
        sql`SELECT ${raw(listedColumns)} FROM civitas_sessions
          WHERE userId IN ${listOf(wanted)} AND ${behind} ORDER BY createdAt, jti LIMIT ${raw(String(limit))}`,
      );
      return rows.map(listedSessionOf);
    },
    countsOf: async (userIds, now) => {
      const wanted = userIds.filter(isId);
      if (wanted.length === 0) return [];
      const rows = await select(
        sql`SELECT userId, COUNT(*) AS n, MAX(createdAt) AS last FROM civitas_sessions
          WHERE userId IN ${listOf(wanted)} AND expiresAt > ${now} AND personId IS NULL GROUP BY userId`,
      );
      return rows.map((row) => ({
        userId: numberOf(row['userId']) ?? 0,
        n: numberOf(row['n']) ?? 0,
        last: dateOf(row['last']) ?? new Date(0),
      }));
    },
    forgetExpired: async (now) => {
      await change(sql`DELETE FROM civitas_sessions WHERE expiresAt < ${now}`);
    },
  };
};

/** Rows of the session's person, beside these, that count. */
const others = (ids: readonly number[]): Sql =>
  sql`FROM users u WHERE u.personId = civitas_sessions.personId AND ${isLiveRow('u')} AND u.anonymizedAt IS NULL AND u.id NOT IN ${listOf(ids)}`;

const listedSessionOf = (row: RawRow): ListedSession => {
  const personId = numberOf(row['personId']);
  return {
    jti: textOf(row['jti']) ?? '',
    userId: numberOf(row['userId']) ?? 0,
    provider: textOf(row['provider']) ?? 'default',
    createdAt: dateOf(row['createdAt']) ?? new Date(0),
    expiresAt: dateOf(row['expiresAt']) ?? new Date(0),
    ...(personId === null ? {} : { console: { personId, siteId: numberOf(row['loginSiteId']) } }),
  };
};

const sessionOf = (row: RawRow, secrets: Pick<Ports['secrets'], 'open'>): Session => {
  const sealed = textOf(row['accessToken']);
  return {
    ...listedSessionOf(row),
    accessToken: sealed === null ? null : secrets.open('session', sealed),
    accessTokenExpiresAt: dateOf(row['accessTokenExpiresAt']),
    sid: textOf(row['sid']),
    checkedAt: dateOf(row['checkedAt']) ?? new Date(0),
  };
};

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
    rememberEnding: async (scope) => {
      const until = new Date(clock.now().getTime() + answerKeptMs);
      await change(
        sql`INSERT INTO civitas_idempotency_keys (scope, bodyDigest, summary, expiresAt) VALUES (${scope}, '', '', ${until})
            ${raw(dialect.onConflictUpdate(['scope']))} expiresAt = ${raw(dialect.brought('expiresAt'))}`,
      );
    },
    forgetExpired: async (now) => {
      await change(sql`DELETE FROM civitas_idempotency_keys WHERE expiresAt < ${now}`);
    },
  };
};
