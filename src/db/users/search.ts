import { unseenNickName } from '../../domain/users/personal-text.ts';
import { isStandIn, leadingWords, type Naming } from '../../domain/users/user-visibility.ts';
import type { ListQuery, Search } from '../../ports/user-store.ts';
import type { Dialect } from '../dialects/dialect.ts';
import { expressionOf } from '../rows/values.ts';
import { userMeanings } from '../rows/user-row.ts';
import { anyOf, joined, raw, sql, type Sql } from '../sql.ts';
import { seesDetails } from './field-expression.ts';

/**
 * The rows `u` that may be what is searched for, as what stands behind FROM: whoever bears the word of the question that
 * leads. `searchConditions` decide about each. Null where there is no search, or none that leads anywhere but through the site.
 */
export const candidates = ({ siteId, search, sort, after }: ListQuery): Sql | null => {
  const word = leadingWord(search);
  if (word === undefined) return null;
  // A walk through what many bear: what lies behind is not looked up again for each page.
  const behind = sort.field === 'id' && after !== undefined ? afterId(sort.direction, after.id) : raw('');
  // SQLite keeps the order of a cross join.
  return sql`(SELECT DISTINCT userId FROM civitas_user_words w WHERE w.siteId = ${siteId} AND ${begins(word)}${behind}) bearing
             CROSS JOIN users u ON u.id = bearing.userId`;
};

/** What must be so of the row `u`: that each word begins one that the actor may know of. Source: docs/adr/0014. */
export const searchConditions = ({ search, actor, role }: ListQuery, dialect: Dialect): readonly Sql[] => {
  if (search === undefined) return [];
  const details = role === 'admin' ? raw('1 = 1') : seesDetails({ actor, role }, dialect);
  const noNickName = hasNoNickName(dialect);
  const counts = sql`(${shown(search.naming, noNickName)} OR (w.source IN ('firstName', 'lastName', 'email') AND ${details}))`;
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
const hasNoNickName = (dialect: Dialect): Sql => {
  const nickName = raw(expressionOf(userMeanings.nickName, 'u.nickName', dialect));
  const { source, word } = unseenNickName;
  return sql`(COALESCE(LENGTH(${nickName}), 0) = 0 OR (SELECT 1 FROM civitas_user_words n
              WHERE n.siteId = u.siteId AND n.word = ${word} AND n.userId = u.id AND n.source = ${source} LIMIT 1) = 1)`;
};

/** Words of the display name: `displayName` of domain/users/user-visibility.ts, as a condition on the word `w` of the row `u`. */
const shown = (naming: Naming, noNickName: Sql): Sql => {
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
const begins = (word: string): Sql => sql`w.word >= ${word} AND w.word < ${`${word}\u{10FFFF}`}`;

const afterId = (direction: 'ASC' | 'DESC', id: number): Sql =>
  direction === 'ASC' ? sql` AND w.userId > ${id}` : sql` AND w.userId < ${id}`;
