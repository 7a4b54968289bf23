import type { Role } from '../../domain/actor.ts';
import type { Json } from '../../domain/json.ts';
import { unseenNickName } from '../../domain/users/personal-text.ts';
import { ruleOf, type UserField } from '../../domain/users/user-fields.ts';
import {
  isStandIn,
  leadingWords,
  namesIds,
  rowsSeen,
  saidFor,
  type Naming,
} from '../../domain/users/user-visibility.ts';
import { isDay, type Condition, type ListQuery, type Position, type Search } from '../../ports/user-store.ts';
import type { Dialect } from '../dialects/dialect.ts';
import { userMeanings } from '../rows/user-row.ts';
import { expressionOf } from '../rows/values.ts';
import { allOf, anyOf, listOf, raw, sql, type Sql, type Value, joined } from '../sql.ts';

/** What a list asks of each row, beside who may see it. Values are bound; one that does not fit its field equals nothing. */
export const conditionsOf = (query: ListQuery, dialect: Dialect): readonly Sql[] => [
  ...query.conditions.map((condition) =>
    conditionOf(condition, fieldExpression(condition.field, query, dialect), dialect),
  ),
  ...searchConditions(query, dialect),
];

const conditionOf = ({ field, is, values }: Condition, expression: Sql, dialect: Dialect): Sql => {
  switch (is) {
    case 'equal':
    case 'one-of':
      return amongst(expression, field, values);
    case 'different':
      return isNotAmongst(expression, field, values);
    case 'containing':
      return anyOf(values.map((value) => contains(expression, value, dialect)));
  }
};

const amongst = (expression: Sql, field: UserField, values: readonly Json[]): Sql =>
  anyOf([...saidAmongst(expression, field, values), ...(values.includes(null) ? [sql`${expression} IS NULL`] : [])]);

/** Null is different from every value. */
const isNotAmongst = (expression: Sql, field: UserField, values: readonly Json[]): Sql => {
  const said = saidAmongst(expression, field, values);
  const differs = said.length === 0 ? raw('1 = 1') : sql`NOT ${anyOf(said)}`;
  return values.includes(null)
    ? sql`(${expression} IS NOT NULL AND ${differs})`
    : sql`(${expression} IS NULL OR ${differs})`;
};

/** Values one by one, each once, as a list repeats them in every branch; and days from their first moment on. */
const saidAmongst = (expression: Sql, field: UserField, values: readonly Json[]): readonly Sql[] => {
  const fitting = [...new Set(fittingValues(field, values))];
  const days = values.filter(isDay).map(({ from, before }) => [fittingDate(from), fittingDate(before)] as const);
  return [
    ...(fitting.length === 0 ? [] : [sql`${expression} IN ${listOf(fitting)}`]),
    ...days.flatMap(([from, before]) =>
      from === undefined || before === undefined ? [] : [sql`(${expression} >= ${from} AND ${expression} < ${before})`],
    ),
  ];
};

const longestText = 10_000;
const contains = (expression: Sql, value: Json, dialect: Dialect): Sql => {
  if (typeof value !== 'string' && typeof value !== 'number') return raw('1 = 0');
  // SQLite's LIKE reads as far as there: `%\0` would be in every text.
  if (String(value).includes('\0')) return raw('1 = 0');
  // Nor does it take a pattern of more than 50,000 bytes. No field is that long.
  if (String(value).length > longestText) return raw('1 = 0');
  const pattern = `%${String(value).replace(/[%_!]/g, '!$&')}%`;
  return dialect.name === 'mysql'
    ? sql`CAST(${expression} AS CHAR) LIKE ${pattern} ESCAPE '!'`
    : sql`${expression} LIKE ${pattern} ESCAPE '!'`;
};

/** What a list is sorted by, and the tie: what tells rows apart that are equal in that. It runs the same way, and is of one row only. */
interface SortColumns {
  readonly sorted: Sql;
  readonly tie: Sql;
}
export const sortColumns = (query: ListQuery, dialect: Dialect): SortColumns => ({
  sorted: fieldExpression(query.sort.field, query, dialect),
  tie: raw('u.id'),
});

/** The order of a list, and of what was selected of it under other names; `behind` goes on in the same. */
export const orderOf = ({ sort: { field, direction } }: ListQuery, { sorted, tie }: SortColumns): Sql =>
  field === 'id' ? sql`${tie} ${raw(direction)}` : sql`${sorted} ${raw(direction)}, ${tie} ${raw(direction)}`;

/** The rows behind a position in the walk. NULLs come first upwards and last downwards. */
export const behind = (query: ListQuery, { value, id }: Position, dialect: Dialect): Sql => {
  const { field, direction } = query.sort;
  const { sorted: expression, tie } = sortColumns(query, dialect);
  const beyond = raw(direction === 'ASC' ? '>' : '<');
  const furtherId = sql`${tie} ${beyond} ${id}`;
  if (field === 'id') return furtherId;
  const [bound] = fittingValues(field, [value]);
  if (bound === undefined) {
    const sameNull = sql`(${expression} IS NULL AND ${furtherId})`;
    return direction === 'ASC' ? anyOf([sameNull, sql`${expression} IS NOT NULL`]) : sameNull;
  }
  return anyOf([
    sql`${expression} ${beyond} ${bound}`,
    allOf([sql`${expression} = ${bound}`, furtherId]),
    ...(direction === 'DESC' ? [sql`${expression} IS NULL`] : []),
  ]);
};

const fittingValues = (field: UserField, values: readonly Json[]): readonly Value[] =>
  values.map((value) => fitting(field, value)).filter((value) => value !== undefined);

/** A JSON value as its column holds it; undefined where it is none of that kind. */
const fitting = (field: UserField, value: Json): Value | undefined => {
  if (value === null || typeof value === 'object') return undefined;
  const { kind } = ruleOf(field).shape;
  if (field === 'externalUserId') return String(value);
  if (kind === 'number') return typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined;
  if (kind === 'flag') return typeof value === 'boolean' ? value : undefined;
  return kind === 'date' ? (typeof value === 'string' ? fittingDate(value) : undefined) : String(value);
};

/** Databases hold years of four digits. */
const fittingDate = (text: string): Date | undefined => {
  const date = new Date(text);
  const year = date.getUTCFullYear();
  return year >= 1 && year <= 9999 ? date : undefined;
};

/**
 * The rows `u` that may be what is searched for, as what stands behind FROM: whoever bears the word of the question that
 * leads. `searchConditions` decide about each. Null where there is no search, or none that leads anywhere but through the site, and
 * where ids lead.
 */
export const candidates = ({ siteId, search, conditions, sort, after }: ListQuery): Sql | null => {
  const word = namesIds(conditions) ? undefined : leadingWord(search);
  if (word === undefined) return null;
  // A walk through what many bear: what lies behind is not looked up again for each page.
  const behind = sort.field === 'id' && after !== undefined ? afterId(sort.direction, after.id) : raw('');
  // SQLite keeps the order of a cross join.
  return sql`(SELECT DISTINCT userId FROM civitas_user_words w WHERE w.siteId = ${siteId} AND ${begins(word)}${behind}) bearing
             CROSS JOIN users u ON u.id = bearing.userId`;
};

/** What must be so of the row `u`: that each word begins one that the actor may know of. Source: docs/adr/0014. */
const searchConditions = ({ search, actor, role }: ListQuery, dialect: Dialect): readonly Sql[] => {
  if (search === undefined) return [];
  const details = role === 'admin' ? raw('1 = 1') : seesDetails({ actor, role }, dialect);
  const noNickName = hasNoNickName(dialect);
  const counts = countingEntry(shown(search.naming, noNickName), details);
  return search.words.map((word) => {
    // One row of words at most, and no join: who has many words that fit would be multiplied by them.
    const bears = sql`(SELECT 1 FROM civitas_user_words w WHERE w.userId = u.id AND ${begins(word)} AND ${counts} LIMIT 1) = 1`;
    return isStandIn(word, search.naming) ? anyOf([bears, sql`(${noNickName} AND u.anonymizedAt IS NULL)`]) : bears;
  });
};

/**
 * Whether nothing of a nick name can be seen. By length, as MySQL holds a name of blanks to be equal to an empty one; whether one that
 * has a length is nothing but blanks, code has said when it wrote the words.
 */
export const hasNoNickName = (dialect: Dialect, table = 'u'): Sql => {
  const nickName = raw(expressionOf(userMeanings.nickName, `${table}.nickName`, dialect));
  const { source, word } = unseenNickName;
  return sql`(COALESCE(LENGTH(${nickName}), 0) = 0 OR (SELECT 1 FROM civitas_user_words n
              WHERE n.siteId = ${raw(table)}.siteId AND n.word = ${word} AND n.userId = ${raw(table)}.id AND n.source = ${source} LIMIT 1) = 1)`;
};

/** Whether somebody is found by the word `w`: as one of the name that is shown to them, or of what is theirs to see. */
export const countingEntry = (isShown: Sql, details: Sql): Sql =>
  sql`(${isShown} OR (w.source IN ('firstName', 'lastName', 'email') AND ${details}))`;

/** Words of the display name: `displayName` of domain/users/user-visibility.ts, as a condition on the word `w` of a row. */
export const shown = (naming: Naming, noNickName: Sql): Sql => {
  switch (naming) {
    case 'full-name':
      return sql`w.source IN ('firstName', 'lastName')`;
    case 'nick-name-or-full-name':
      return sql`(w.source = 'nickName' OR (w.source IN ('firstName', 'lastName') AND ${noNickName}))`;
    case 'nick-name':
      return sql`w.source = 'nickName'`;
  }
};

const leadingWord = (search: Search | undefined): string | undefined =>
  search === undefined
    ? undefined
    : (search.lead ?? [...leadingWords(search)].sort((one, other) => other.length - one.length)[0]);

/** How often words that begin so are kept at a site, up to `most`: of each no more is read of the index. */
export const wordCounts = (siteId: number, words: readonly string[], most: number): Sql => {
  const counts = words.map(
    (word, at) =>
      sql`(SELECT COUNT(*) FROM (SELECT 1 FROM civitas_user_words w WHERE w.siteId = ${siteId} AND ${begins(word)} LIMIT ${String(most)}) ${raw(`begun${at}`)}) AS ${raw(`n${at}`)}`,
  );
  return sql`SELECT ${joined(counts, ', ')}`;
};

/** Words are compared byte by byte, so this is a range of the index: what follows the last character there is begins no longer so. */
export const begins = (word: string): Sql => sql`w.word >= ${word} AND ${endsBefore(word)}`;
export const endsBefore = (word: string): Sql => sql`w.word < ${`${word}\u{10FFFF}`}`;

const afterId = (direction: 'ASC' | 'DESC', id: number): Sql =>
  direction === 'ASC' ? sql` AND w.userId > ${id}` : sql` AND w.userId < ${id}`;

type Asking = Pick<ListQuery, 'actor' | 'role'>;

/** A field as conditions and sort see it: null where the actor may not see it. */
export const fieldExpression = (field: UserField, asking: Asking, dialect: Dialect): Sql => {
  const column = meantColumn(field, dialect);
  switch (rowsSeen(field, asking.role)) {
    case 'every-row':
      return caseInsensitive(field, raw(column), dialect);
    case 'of-details':
      return caseInsensitive(field, sql`CASE WHEN ${seesDetails(asking, dialect)} THEN ${raw(column)} END`, dialect);
    case 'key-by-key':
    case 'no-row':
      return raw('NULL');
  }
};

/** Rows that are the actor's own: by id, and by person. None for a visitor. */
export const ownRows = ({ actor }: Pick<ListQuery, 'actor'>, table = 'u'): readonly Sql[] => [
  ...(actor.userId === null ? [] : [sql`${raw(table)}.id = ${actor.userId}`]),
  ...(actor.userId === null || actor.personId === null ? [] : [sql`${raw(table)}.personId = ${actor.personId}`]),
];
export const isOwn = (asking: Pick<ListQuery, 'actor'>, table = 'u'): Sql => anyOf(ownRows(asking, table));

/** `seesDetails` of domain/users/user-visibility.ts, as a condition on a row. */
const seesDetails = ({ actor, role }: Asking, dialect: Dialect): Sql =>
  anyOf([isOwn({ actor }), showsDetailsTo(role, dialect)]);
export const showsDetailsTo = (role: Role, dialect: Dialect, table = 'u'): Sql => {
  const said = expressionOf(userMeanings.detailsViewableByRole, `${table}.\`detailsViewableByRole\``, dialect);
  return sql`COALESCE(${raw(said)}, 'none') IN ${listOf(keysFor(role))}`;
};

/** What rows say that are for this role; `none` where they say nothing. */
export const keysFor = (role: Role): readonly string[] => saidFor(role).map((said) => said ?? 'none');

const meantColumn = (field: UserField, dialect: Dialect): string => {
  if (field === 'externalUserId') return externalId(dialect);
  const column = `u.\`${field}\``;
  return isMeant(field) ? expressionOf(userMeanings[field], column, dialect) : column;
};
const isMeant = (field: UserField): field is keyof typeof userMeanings => Object.hasOwn(userMeanings, field);

/** As `externalIdOf` of domain/users/user-visibility.ts tells it, but as a text, as most of them are none but digits. */
const externalId = (dialect: Dialect): string => {
  const own = expressionOf(userMeanings.externalUserId, 'u.`externalUserId`', dialect);
  const isWithheld = expressionOf(userMeanings.profileWithheld, 'u.`profileWithheld`', dialect);
  return `CASE WHEN ${isWithheld} = 1 THEN NULL ELSE COALESCE(p.externalId, CAST(${own} AS CHAR)) END`;
};

/** A CASE loses its column's collation on SQLite, so it is said again. */
const caseInsensitive = (field: UserField, expression: Sql, dialect: Dialect): Sql => {
  if (!isText(field)) return expression;
  const [before = '', after = ''] = dialect.caseInsensitive('\u0000').split('\u0000');
  return sql`${raw(before)}${expression}${raw(after)}`;
};

const isText = (field: UserField): boolean => ['text', 'name', 'email'].includes(ruleOf(field).shape.kind);
