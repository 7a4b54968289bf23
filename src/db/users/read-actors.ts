import { isLive } from '../../domain/user.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ActorRows, UserStore } from '../../ports/user-store.ts';
import { batched } from '../batched.ts';
import type { Database, RawRow } from '../database.ts';
import { isId } from '../ids.ts';
import { isUnlinked, type LinkPastUs } from '../link-past-us.ts';
import { isLiveRow } from '../rows/meanings.ts';
import { actorColumns, actorRowOf, linkedPerson } from '../rows/user-row.ts';
import { dateOf } from '../rows/values.ts';
import { listOf, sql, type Sql } from '../sql.ts';

interface Question {
  readonly userId: number;
  readonly jti: string | null;
}
const nobody: ActorRows = { person: null, rows: [], session: null };

/** Who asks, of one request or of several at once: a statement without any derived table, as every request needs it. */
export const readActors = (database: Database, clock: Clock, link: LinkPastUs): UserStore['actorRows'] => {
  const ask = batched(async (questions: readonly Question[]) => {
    const found = await database.select(statementFor(questions, clock.now()));
    const byUser = new Map<unknown, RawRow[]>();
    for (const row of found) {
      const those = byUser.get(row['id']);
      if (those === undefined) byUser.set(row['id'], [row]);
      else those.push(row);
    }
    return questions.map((question) => answerTo(question, byUser.get(question.userId) ?? []));
  });
  return async (userId, jti) => {
    if (!isId(userId)) return nobody;
    const found = await ask({ userId, jti });
    const [own] = found.rows;
    const isLinkedNow = isUnlinked(own) && (await link(own.externalUserId));
    return isLinkedNow ? ask({ userId, jti }) : found;
  };
};

/** A row for each row of the person, beside the row that the token names (`t`): found by its id, or by the session. */
const statementFor = (questions: readonly Question[], now: Date): Sql => {
  const [ids, jtis] = [[] as number[], [] as string[]];
  for (const { userId, jti } of questions)
    if (jti === null) ids.push(userId);
    else jtis.push(jti);
  const byId = sql`SELECT ${actorColumns}, NULL AS jti, NULL AS checkedAt FROM users t ${others}
    WHERE t.id IN ${listOf(ids)} AND ${isLiveRow('t')}`;
  const bySession = sql`SELECT ${actorColumns}, s.jti AS jti, s.checkedAt AS checkedAt
    FROM civitas_sessions s JOIN users t ON t.id = s.userId ${others}
    WHERE s.jti IN ${listOf(jtis)} AND s.expiresAt > ${now} AND ${isLiveRow('t')}`;
  if (jtis.length === 0) return byId;
  return ids.length === 0 ? bySession : sql`${byId} UNION ALL ${bySession}`;
};

const others = sql`LEFT JOIN civitas_persons p ON p.id = t.personId
                   LEFT JOIN users o ON o.personId = t.personId AND ${isLiveRow('o')}`;

const answerTo = ({ userId, jti }: Question, found: readonly RawRow[]): ActorRows => {
  const of = found.filter((row) => row['jti'] === jti);
  const [first] = of;
  const own = first === undefined ? null : actorRowOf(first, '');
  if (first === undefined || own === null || !isLive({ ...own, deletedAt: null })) return nobody;
  const rest = of
    .filter((row) => row['other_id'] !== null && row['other_id'] !== userId)
    .map((row) => actorRowOf(row, 'other_'))
    .filter((other) => isLive({ ...other, deletedAt: null }));
  const checkedAt = dateOf(first['checkedAt']);
  return {
    person: linkedPerson(first),
    rows: [own, ...rest.sort((one, other) => one.id - other.id)],
    session: checkedAt === null ? null : { checkedAt },
  };
};
