import { decimalId, type User, isLive } from '../../domain/users/user.ts';
import type { Clock } from '../../ports/platform.ts';
import type { Ports } from '../../ports/index.ts';
import { RunAgain } from '../../ports/unit-of-work.ts';
import type { PersonRows, LockMode, Locking, UserStore, ActorRows } from '../../ports/user-store.ts';
import { batched, type Database, type RawRow } from '../database.ts';
import { changedUnder } from '../leases.ts';
import {
  ownColumns,
  userColumns,
  userOf,
  userRowOf,
  actorColumns,
  actorRowOf,
  linkedPerson,
  isUnlinked,
  placeRowOf,
} from '../rows/user-row.ts';
import { isLiveRow, flagOf, numberOf, dateOf, textOf } from '../rows/values.ts';
import { isId, joined, listOf, raw, sql, type Sql } from '../sql.ts';

/** Gives all rows with this external id their person, if any waits for one, and answers whether one was linked. */
export type LinkForeignRows = (externalUserId: number) => Promise<boolean>;

/** Whole rows that are read together: each may be what its site filled it with, and a statement's rows are read in one piece. */
const rowsAtOnce = 16;

type Which = 'live' | 'hidden';
interface SiteAndId {
  readonly siteId: number;
  readonly id: number;
}
type Reads = Pick<UserStore, 'find' | 'actorRows' | 'placeRows' | 'rowsOfConsole' | 'personOf' | 'person'>;

export const readUsers = (database: Database, { clock }: Pick<Ports, 'clock'>, link: LinkForeignRows): Reads => {
  const { select, dialect } = database;
  const forUpdate = raw(dialect.forUpdate);
  const users = async (rest: Sql): Promise<readonly User[]> =>
    (await select(sql`SELECT ${userColumns} ${rest}`)).map(userOf);

  /** By id, which is whose row it is; that it is of this site is asked of each by itself. */
  const findTogether = batched(async (wanted: readonly SiteAndId[]) => {
    const siteIds = [...new Set(wanted.map(({ siteId }) => siteId))];
    const found = await users(
      sql`${withPersons} WHERE u.id IN ${listOf(wanted.map(({ id }) => id))} AND u.siteId IN ${listOf(siteIds)} AND ${isLiveRow('u')}`,
    );
    const byId = new Map(found.map((user) => [user.id, user]));
    return wanted.map(({ siteId, id }) => {
      const user = byId.get(id);
      return user?.siteId === siteId ? user : null;
    });
  }, rowsAtOnce);
  const find: Reads['find'] = async (siteId, id) => {
    if (!isId(siteId) || !isId(id)) return null;
    const user = await findTogether({ siteId, id });
    const isLinkedNow = user !== null && isUnlinked(user) && (await link(user.externalUserId));
    return isLinkedNow ? findTogether({ siteId, id }) : user;
  };

  const plainPersonOf = async (siteId: number, id: number, which: Which): Promise<ReadPerson | null> => {
    const target = sql`t.id = ${id} AND t.siteId = ${siteId} AND ${isAsked('t', which)}`;
    const found = await select(
      sql`SELECT ${userColumns}, ${isAwaited} FROM (${sameHuman(target)}) same JOIN users u ON u.id = same.id
          LEFT JOIN civitas_persons p ON p.id = u.personId ORDER BY u.id`,
    );
    const rows = found.map(userOf);
    return rows.length === 0 ? null : { person: rows[0]?.person ?? null, rows, isAwaited: isAwaitedIn(found) };
  };

  /**
   * Person first, by writing it, then its rows: everybody locks in this order. The join looks at no other person: what a locking
   * read looks at, it locks.
   */
  const lockedPerson = async (personId: number, locking?: Locking): Promise<ReadPerson | null> =>
    (await lockedByWriting(database, sql`id = ${personId}`, locking)) ? personWithRows(personId, forUpdate) : null;
  const personWithRows = (personId: number, ending: Sql): Promise<ReadPerson | null> =>
    readPerson(database, sql`p.id = ${personId}`, ending);
  const lockedAlone = async (id: number): Promise<ReadPerson> => {
    const rows = await select(sql`SELECT ${ownColumns} FROM users u WHERE u.id = ${id}${forUpdate}`);
    return { person: null, rows: rows.map((row) => ({ ...userRowOf(row), person: null })), isAwaited: true };
  };

  const lockedPersonOf = async (siteId: number, id: number, which: Which): Promise<ReadPerson | null> => {
    const [before] = await select(
      sql`SELECT t.personId FROM users t WHERE t.id = ${id} AND t.siteId = ${siteId} AND ${isAsked('t', which)}`,
    );
    if (before === undefined) return null;
    const personId = numberOf(before['personId']);
    const locked = personId === null ? await lockedAlone(id) : await lockedPerson(personId);
    const target = locked?.rows.find((row) => row.id === id);
    const isThere = target?.siteId === siteId && (which === 'hidden' || target.deletedAt === null);
    if (locked === null || target?.personId !== personId || !isThere)
      throw new RunAgain('the row changed hands before it was locked');
    return locked;
  };

  const plainPerson = (personId: number): Promise<ReadPerson | null> => personWithRows(personId, raw(''));

  /** What is done with a person is done with all their rows, those too that wait to be linked. */
  const withWaiting = async (read: () => Promise<ReadPerson | null>): Promise<PersonRows | null> => {
    const found = await read();
    const waiting = found?.isAwaited === true ? externalUserIdOf(found) : null;
    const whole = waiting !== null && (await link(waiting)) ? await read() : found;
    if (whole === null) return null;
    return personRowsOf(whole);
  };

  return {
    find,
    ...readActors(database, clock, link),
    rowsOfConsole: readConsole(database, clock),
    personOf: async (siteId, id, lockMode, which = 'live') => {
      if (!isId(siteId) || !isId(id)) return null;
      return withWaiting(() => byLockMode(lockMode, plainPersonOf, lockedPersonOf)(siteId, id, which));
    },
    person: async (personId, lockMode, locking) =>
      isId(personId) ? withWaiting(() => byLockMode(lockMode, plainPerson, lockedPerson)(personId, locking)) : null,
  };
};

/** `isAwaited`: a row may wait to be linked to them; one without a person may itself. */
export type ReadPerson = PersonRows & { readonly isAwaited: boolean };
export const personRowsOf = ({ person, rows, hasFacts, hasFindings }: ReadPerson): PersonRows =>
  hasFacts === undefined || hasFindings === undefined ? { person, rows } : { person, rows, hasFacts, hasFindings };

/** A person `p` with all rows; null when there is no such person. One statement; `ending` may lock, `more` is asked beside it. */
export const readPerson = async (
  { select }: Pick<Database, 'select'>,
  which: Sql,
  ending: Sql,
  more: Sql = raw(''),
): Promise<(ReadPerson & { readonly asked: RawRow }) | null> => {
  const rows = await select(
    sql`SELECT ${userColumns}, ${isAwaited},
        EXISTS (SELECT 1 FROM civitas_person_facts f WHERE f.personId = p.id) AS hasFacts,
        EXISTS (SELECT 1 FROM civitas_person_findings n WHERE n.personId = p.id AND n.kind <> 'differed') AS hasFindings${more}
        FROM civitas_persons p LEFT JOIN users u ON u.personId = p.id WHERE ${which} ORDER BY u.id${ending}`,
  );
  const [first] = rows;
  const person = first === undefined ? null : linkedPerson(first);
  if (first === undefined || person === null) return null;
  const has = { hasFacts: flagOf(first['hasFacts']) ?? false, hasFindings: flagOf(first['hasFindings']) ?? false };
  const own = rows.filter((row) => row['id'] !== null).map(userOf);
  return { person, rows: own, ...has, isAwaited: isAwaitedIn(rows), asked: first };
};

/**
 * Locks a person by writing its `version`: on a cluster FOR UPDATE is local to a node, and only a write makes two units of one
 * person collide. False when there is no such person. Source: docs/adr/0002.
 */
export const lockedByWriting = (
  database: Pick<Database, 'change' | 'dialect'>,
  where: Sql,
  { lease, fetchedAt }: Locking = {},
  alsoSet: Sql = raw(''),
): Promise<boolean> =>
  changedUnder(database, lease, {
    table: raw('civitas_persons'),
    set: sql`version = version + 1${fetchedAt === undefined ? alsoSet : sql`, fetchedAt = ${fetchedAt}${alsoSet}`}`,
    where,
  });

/**
 * Whether rows of no person name `p`, or none is there: asked beside what is read anyway. What a locking statement asks of another table
 * like this, it does not lock. An id that is no number is a number here that may be somebody's: then another look finds nobody.
 */
const isAwaited = raw(
  `(p.id IS NULL OR EXISTS (SELECT 1 FROM users w WHERE w.personId IS NULL AND w.externalUserId = CAST(p.externalId AS SIGNED))) AS isAwaited`,
);
const isAwaitedIn = (rows: readonly RawRow[]): boolean => rows.some((row) => flagOf(row['isAwaited']) === true);

const externalUserIdOf = ({ person, rows }: PersonRows): number | null =>
  person === null ? (rows[0]?.externalUserId ?? null) : decimalId(person.externalId);

const isAsked = (table: string, which: Which): Sql => (which === 'live' ? isLiveRow(table) : raw('1 = 1'));

const byLockMode = <T>(lockMode: LockMode, plain: T, locked: T): T => (lockMode === 'locked' ? locked : plain);

const withPersons = raw('FROM users u LEFT JOIN civitas_persons p ON p.id = u.personId');

/** The ids of the row `t` and of all rows of its person: two look-ups by index, where an OR would read the table. */
const sameHuman = (target: Sql): Sql =>
  sql`SELECT t.id FROM users t WHERE ${target} UNION SELECT o.id FROM users t JOIN users o ON o.personId = t.personId WHERE ${target}`;

interface ActorQuestion {
  readonly userId: number;
  readonly jti: string | null;
}
interface PlaceQuestion {
  readonly personId: number;
}
type Question = ActorQuestion | PlaceQuestion;
const nobody: ActorRows = { person: null, rows: [], session: null };

/**
 * Who asks, of one request or of several at once: a statement without any derived table, as every request needs it. Where somebody is
 * may be asked in the same statement: whoever writes asks both anew before each write.
 */
const readActors = (
  database: Database,
  clock: Clock,
  link: LinkForeignRows,
): Pick<UserStore, 'actorRows' | 'placeRows'> => {
  const ask = batched(async (questions: readonly Question[]) => {
    const found = await database.select(statementFor(questions, clock.now()), { current: true });
    const groups = new Map<string, RawRow[]>();
    for (const row of found) {
      const ofPerson = numberOf(row['ofPerson']);
      const name = ofPerson === null ? `user ${numberOf(row['id'])}` : `person ${ofPerson}`;
      const those = groups.get(name);
      if (those === undefined) groups.set(name, [row]);
      else those.push(row);
    }
    const nameOf = (one: Question): string => ('personId' in one ? `person ${one.personId}` : `user ${one.userId}`);
    return questions.map((question): readonly RawRow[] => groups.get(nameOf(question)) ?? []);
  });
  return {
    actorRows: async (userId, jti) => {
      if (!isId(userId)) return nobody;
      const question = { userId, jti };
      const found = answerTo(question, await ask(question));
      const [own] = found.rows;
      const isLinkedNow = isUnlinked(own) && (await link(own.externalUserId));
      return isLinkedNow ? answerTo(question, await ask(question)) : found;
    },
    placeRows: async (personId) => {
      if (!isId(personId)) return [];
      const found = await ask({ personId });
      const waiting = isAwaitedIn(found) ? decimalId(linkedPerson(found[0] ?? {})?.externalId ?? null) : null;
      return (waiting !== null && (await link(waiting)) ? await ask({ personId }) : found).map(placeRowOf);
    },
  };
};

/**
 * A row for each row of the person, beside the row that the token names (`t`): found by its id, or by the session. Where people are, a
 * row for each of theirs.
 */
const statementFor = (questions: readonly Question[], now: Date): Sql => {
  const [ids, jtis, personIds] = [[] as number[], [] as string[], [] as number[]];
  for (const question of questions)
    if ('personId' in question) personIds.push(question.personId);
    else if (question.jti === null) ids.push(question.userId);
    else jtis.push(question.jti);
  const noPlace = raw(personIds.length === 0 ? '' : ', NULL AS ofPerson, NULL AS deletedAt, NULL AS isAwaited');
  const byId = sql`SELECT ${actorColumns}, NULL AS jti, NULL AS checkedAt${noPlace} FROM users t ${others}
    WHERE t.id IN ${listOf(ids)} AND ${isLiveRow('t')}`;
  const bySession = sql`SELECT ${actorColumns}, s.jti AS jti, s.checkedAt AS checkedAt${noPlace}
    FROM civitas_sessions s JOIN users t ON t.id = s.userId ${others}
    WHERE s.jti IN ${listOf(jtis)} AND s.expiresAt > ${now} AND s.personId IS NULL AND ${isLiveRow('t')}`;
  const byPerson = sql`SELECT ${actorColumns}, NULL AS jti, NULL AS checkedAt, p.id AS ofPerson, t.deletedAt AS deletedAt, ${isAwaited}
    FROM civitas_persons p JOIN users t ON t.personId = p.id LEFT JOIN users o ON o.id = t.id WHERE p.id IN ${listOf(personIds)}`;
  const asked = [
    ...(ids.length === 0 ? [] : [byId]),
    ...(jtis.length === 0 ? [] : [bySession]),
    ...(personIds.length === 0 ? [] : [byPerson]),
  ];
  return joined(asked, ' UNION ALL ');
};

/** A row for each of the person's. The session says whose it is, and so must whoever asks. */
const readConsole =
  ({ select }: Database, clock: Clock): UserStore['rowsOfConsole'] =>
  async (personId, jti) => {
    if (!isId(personId)) return nobody;
    const found = await select(
      sql`SELECT ${actorColumns}, s.checkedAt AS checkedAt, s.loginSiteId AS loginSiteId, s.provider AS provider
          FROM civitas_sessions s JOIN users t ON t.personId = s.personId
          LEFT JOIN civitas_persons p ON p.id = t.personId LEFT JOIN users o ON o.id = t.id
          WHERE s.jti = ${jti} AND s.personId = ${personId} AND s.expiresAt > ${clock.now()} AND ${isLiveRow('t')} ORDER BY t.id`,
      { current: true },
    );
    const rows = found.map((row) => actorRowOf(row, '')).filter((row) => isLive({ ...row, deletedAt: null }));
    const [first] = found;
    const checkedAt = dateOf(first?.['checkedAt']);
    if (first === undefined || checkedAt === null || rows.length === 0) return nobody;
    const login = { siteId: numberOf(first['loginSiteId']), provider: textOf(first['provider']) ?? 'default' };
    return { person: linkedPerson(first), rows, session: { checkedAt, login } };
  };

const others = sql`LEFT JOIN civitas_persons p ON p.id = t.personId
                   LEFT JOIN users o ON o.personId = t.personId AND ${isLiveRow('o')}`;

const answerTo = ({ userId, jti }: ActorQuestion, found: readonly RawRow[]): ActorRows => {
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
