import { isLive } from '../../domain/user.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ActorRows, UserStore } from '../../ports/user-store.ts';
import { askedTogether } from '../asked-together.ts';
import type { Database, RawRow } from '../database.ts';
import { isId } from '../ids.ts';
import { actorColumns, actorRowOf, linkedPerson } from '../rows/user-row.ts';
import { dateOf, numberOf } from '../rows/values.ts';
import { listOf, raw, sql } from '../sql.ts';

interface Question {
  readonly userId: number;
  readonly jti: string | null;
}
const nobody: ActorRows = { person: null, rows: [], session: null };

/** Who asks, of one request or of several at once: a statement without any derived table, as every request needs it. */
export const readActors = (database: Database, clock: Clock): UserStore['actorRows'] => {
  const ask = askedTogether(async (questions: readonly Question[]) => {
    const found = await database.select(statementFor(questions, clock.now()));
    return questions.map((question) => answerTo(question, found));
  });
  return (userId, jti) => (isId(userId) ? ask({ userId, jti }) : Promise.resolve(nobody));
};

/** A row for each row of the person, beside the row that was asked for (`t`) and its session. */
const statementFor = (questions: readonly Question[], now: Date) => {
  const jtis = questions.flatMap(({ jti }) => (jti === null ? [] : [jti]));
  const session =
    jtis.length === 0
      ? raw('')
      : sql`LEFT JOIN sessions s ON s.userId = t.id AND s.jti IN ${listOf(jtis)} AND s.until > ${now}`;
  return sql`SELECT ${actorColumns}, ${raw(jtis.length === 0 ? 'NULL AS jti' : 's.jti AS jti, s.checkedAt AS checkedAt')}
    FROM users t LEFT JOIN persons p ON p.id = t.personId
    LEFT JOIN users o ON o.personId = t.personId AND o.deletedAt IS NULL ${session}
    WHERE t.id IN ${listOf(questions.map(({ userId }) => userId))} AND t.deletedAt IS NULL`;
};

const answerTo = ({ userId, jti }: Question, found: readonly RawRow[]): ActorRows => {
  const of = found.filter((row) => numberOf(row['id']) === userId);
  const [first] = of;
  const own = first === undefined ? null : actorRowOf(first, '');
  if (first === undefined || own === null || !isLive({ ...own, deletedAt: null })) return nobody;
  const others = new Map(
    of.flatMap((row) => {
      const other = actorRowOf(row, 'other_');
      return other.id === 0 || other.id === userId || !isLive({ ...other, deletedAt: null })
        ? []
        : [[other.id, other] as const];
    }),
  );
  const checkedAt = jti === null ? null : dateOf(of.find((row) => row['jti'] === jti)?.['checkedAt']);
  return {
    person: linkedPerson(first),
    rows: [own, ...[...others.values()].sort((one, other) => one.id - other.id)],
    session: checkedAt === null ? null : { checkedAt },
  };
};
