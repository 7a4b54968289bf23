import { nameless, type Naming } from '../../domain/user-names.ts';
import type { ListQuery, Search } from '../../ports/user-store.ts';
import type { Dialect } from '../dialects/dialect.ts';
import { anyOf, raw, sql, type Sql } from '../sql.ts';
import { seesDetails } from './field-expression.ts';

/**
 * The rows `u` that may be what is searched for, as what stands behind FROM: whoever bears the longest word of the question, which
 * fewest do. `searchConditions` decide about each. Null where there is no search, or none that leads anywhere but through the site.
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
  const counts = sql`(${raw(shown[search.naming])} OR (w.source IN ('firstName', 'lastName', 'email') AND ${details}))`;
  return search.words.map((word) => {
    // One row of words at most, and no join: who has many words that fit would be multiplied by them.
    const bears = sql`(SELECT 1 FROM civitas_user_words w WHERE w.userId = u.id AND ${begins(word)} AND ${counts} LIMIT 1) = 1`;
    return isStandIn(word, search) ? anyOf([bears, raw(isNameless)]) : bears;
  });
};

/** By length, as MySQL holds a name of blanks to be equal to an empty one. */
const hasNoNickName = 'COALESCE(LENGTH(u.nickName), 0) = 0';

/** Words of the display name: `displayName` of domain/user-names.ts, as a condition on the word `w` of the row `u`. */
const shown: Readonly<Record<Naming, string>> = {
  'full-name': "w.source IN ('firstName', 'lastName')",
  'nick-name-or-full-name': `(w.source = 'nickName' OR (w.source IN ('firstName', 'lastName') AND ${hasNoNickName}))`,
  'nick-name': "w.source = 'nickName'",
};

/** Who is shown as nobody in particular is found by what stands there instead. */
const isNameless = `(${hasNoNickName} AND u.anonymizedAt IS NULL)`;
const isStandIn = (word: string, search: Search | undefined): boolean =>
  search?.naming === 'nick-name' && nameless.toLowerCase().startsWith(word);

const leadingWord = (search: Search | undefined): string | undefined =>
  [...(search?.words ?? [])]
    .filter((word) => !isStandIn(word, search))
    .sort((one, other) => other.length - one.length)[0];

/** Words are compared byte by byte, so this is a range of the index: what follows the last character there is begins no longer so. */
const begins = (word: string): Sql => sql`w.word >= ${word} AND w.word < ${`${word}\u{10FFFF}`}`;

const afterId = (direction: 'ASC' | 'DESC', id: number): Sql =>
  direction === 'ASC' ? sql` AND w.userId > ${id}` : sql` AND w.userId < ${id}`;
