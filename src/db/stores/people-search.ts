import { roles, type Actor, type Role } from '../../domain/actor.ts';
import type { Sight } from '../../domain/people/sight.ts';
import type { Naming } from '../../domain/users/user-visibility.ts';
import { decimalId, type User } from '../../domain/users/user.ts';
import type { Candidate, FewPeople, PeopleSearch, SearchAsked, WordPosition } from '../../ports/people.ts';
import type { Database } from '../database.ts';
import type { Dialect } from '../dialects/dialect.ts';
import { addressColumns, entryColumns, userMeanings, userOf } from '../rows/user-row.ts';
import { expressionOf, isLiveRow, numberOf, textOf } from '../rows/values.ts';
import { allOf, anyOf, joined, listOf, raw, sql, type Sql } from '../sql.ts';
import {
  begins,
  countingEntry,
  endsBefore,
  hasNoNickName,
  isOwn,
  keysFor,
  shown,
  showsDetailsTo,
} from '../users/conditions.ts';
import { listableBy } from '../users/write-users.ts';

export const peopleSearch = (database: Database): PeopleSearch => ({
  ...words(database),
  ...rows(database),
});

const words = ({ select, dialect }: Database): Pick<PeopleSearch, 'countWords' | 'candidates'> => ({
  countWords: async (sight, { words, isWhole }, most) => {
    if (words.length === 0 || sight.seen.size === 0) return words.map(() => 0);
    // Which word leads is a question of cost only: of hundreds of sites some say it for all.
    const at =
      sight.reach === 'everywhere' ? raw('1 = 1') : sql`w.siteId IN ${listOf(siteIdsOf(sight).slice(0, atOnce))}`;
    const counts = words.map(
      (word, index) =>
        sql`(SELECT COUNT(*) FROM (SELECT 1 FROM ${wordsOf(sight, dialect)} WHERE ${at} AND ${bears(word, isWhole)}
             LIMIT ${String(most)}) ${raw(`begun${index}`)}) AS ${raw(`n${index}`)}`,
    );
    const [row] = await select(sql`SELECT ${joined(counts, ', ')}`);
    return words.map((_word, index) => numberOf(row?.[`n${index}`]) ?? 0);
  },

  candidates: async ({ actor, sight }, asked, { after, limit, maxSeconds }) => {
    if (sight.seen.size === 0) return [];
    const parts: Candidate[][] = [];
    for (const siteIds of siteGroupsOf(sight)) {
      const bearers = bearersOf(
        siteIds.map((siteId) => ({ siteId, from: wordsOf(sight, dialect) })),
        asked,
        { after, limit },
        dialect,
      );
      const rows = await select(judged(bearers, { actor, sight, asked, dialect, limit }), { maxSeconds });
      parts.push(
        rows.map((row) => ({
          word: textOf(row['word']) ?? '',
          userId: numberOf(row['userId']) ?? 0,
          personId: numberOf(row['personId']),
          isFirst: numberOf(row['isFirst']) === 1,
        })),
      );
    }
    const [only = []] = parts;
    return parts.length === 1 ? only : parts.flat().sort(inOrder).slice(0, limit);
  },
});

const rows = ({ select }: Database): Pick<PeopleSearch, 'rowsOf' | 'addressesOf' | 'byExternalId'> => {
  /** The live rows of the sight among those whose ids a statement gives. */
  const among = async (sight: Sight, ids: Sql, columns: Sql, ending = raw('')): Promise<readonly User[]> => {
    const found = await select(
      sql`SELECT ${columns} FROM (${ids}) chosen
          CROSS JOIN users u ON u.id = chosen.id LEFT JOIN civitas_persons p ON p.id = u.personId
          WHERE ${isLiveRow('u')} AND ${isAtSeenSite(sight)} ORDER BY u.id ${ending}`,
    );
    return found.map(userOf);
  };
  const chosen = async (sight: Sight, { personIds, ids }: FewPeople, columns: Sql): Promise<readonly User[]> =>
    ids.length + personIds.length === 0
      ? []
      : among(
          sight,
          sql`SELECT id FROM users WHERE id IN ${listOf(ids)} UNION SELECT id FROM users WHERE personId IN ${listOf(personIds)}`,
          columns,
        );
  return {
    rowsOf: (sight, few) => chosen(sight, few, entryColumns),
    addressesOf: (sight, few) => chosen(sight, few, addressColumns),
    byExternalId: async (sight, issuers, externalId) => {
      if (sight.seen.size === 0) return [];
      const ofPeople = sql`SELECT o.id FROM civitas_persons x JOIN users o ON o.personId = x.id
                           WHERE x.issuer IN ${listOf(issuers)} AND x.externalId = ${externalId}`;
      const number = decimalId(externalId);
      const ofNobody = sql`SELECT id FROM users WHERE personId IS NULL AND externalUserId = ${number}`;
      return among(
        sight,
        number === null ? ofPeople : sql`${ofPeople} UNION ${ofNobody}`,
        addressColumns,
        raw('LIMIT 1000'),
      );
    },
  };
};

const siteIdsOf = ({ seen }: Sight): readonly number[] => [...seen.keys()];

/** Sites that one statement asks about in branches of their own. */
const atOnce = 60;

/** Where entries stand: at each site by itself, or everywhere (null). */
const siteGroupsOf = (sight: Sight): readonly (readonly (number | null)[])[] => {
  if (sight.reach === 'everywhere') return [[null]];
  const ids = siteIdsOf(sight);
  return Array.from({ length: Math.ceil(ids.length / atOnce) }, (_none, at) =>
    ids.slice(at * atOnce, (at + 1) * atOnce),
  );
};

/** Over all sites, entries are read in an index of their own; at one site, in that of its words. */
const wordsOf = ({ reach }: Sight, dialect: Dialect): Sql =>
  reach === 'everywhere'
    ? raw(`civitas_user_words w${dialect.forceIndex('civitas_user_words_word_userId_siteId_source')}`)
    : raw('civitas_user_words w');

const bears = (word: string, isWhole: boolean): Sql => (isWhole ? sql`w.word = ${word}` : begins(word));

/**
 * Who bears the word that leads, each once for each word, in order: what begins behind a position in two ranges that follow each other, and no
 * OR, for which MySQL would read a common word from its beginning for each page, and SQLite sort it.
 */
const bearersOf = (
  sites: readonly { readonly siteId: number | null; readonly from: Sql }[],
  { lead, isWhole }: SearchAsked,
  { after, limit }: { readonly after: WordPosition | null; readonly limit: number },
  { part: [before, behind] }: Dialect,
): Sql => {
  const walk = (range: Sql, order: string): Walk => ({ range, order: raw(order) });
  const ofOneWord = (word: string): Walk =>
    walk(sql`w.word = ${word} AND w.userId > ${after?.userId ?? 0}`, 'w.userId');
  // One lower bound: of two, SQLite might begin at the lower one.
  const further = after === null ? begins(lead) : sql`w.word > ${after.word} AND ${endsBefore(lead)}`;
  const walks = isWhole
    ? [ofOneWord(lead)]
    : [...(after === null ? [] : [ofOneWord(after.word)]), walk(further, 'w.word, w.userId')];
  const branches = sites.flatMap(({ siteId, from }) =>
    walks.map(({ range, order }) => {
      const at = siteId === null ? range : sql`w.siteId = ${siteId} AND ${range}`;
      return sql`${raw(before)}SELECT DISTINCT w.word, w.userId FROM ${from} WHERE ${at} ORDER BY ${order} LIMIT ${String(limit)}${raw(behind)}`;
    }),
  );
  return sql`SELECT word, userId FROM (${joined(branches, ' UNION ALL ')}) every ORDER BY word, userId LIMIT ${String(limit)}`;
};

interface Walk {
  readonly range: Sql;
  readonly order: Sql;
}

const othersOf = ({ words, lead }: SearchAsked): readonly string[] => words.filter((word) => word !== lead);

interface Judging {
  readonly actor: Actor;
  readonly sight: Sight;
  readonly asked: SearchAsked;
  readonly dialect: Dialect;
  /** How many are judged. */
  readonly limit: number;
}

/**
 * Of each, whether its row fits and no other of its person does that stands before it. The outer joins keep the order of work, and whoever
 * bears not all of the words is told by them alone: of two common ones nearly all are, and no row is read for that.
 */
const judged = (bearers: Sql, judging: Judging): Sql => {
  const { sight, asked, dialect } = judging;
  const bearsOthers = othersOf(asked).map(
    (word) =>
      sql`(SELECT 1 FROM ${ofOneUser(dialect)} WHERE w.userId = few.userId AND ${bears(word, asked.isWhole)} LIMIT 1) = 1`,
  );
  const chosen = sql`CASE WHEN ${allOf(bearsOthers)} THEN few.userId END`;
  const limit = sql`LIMIT ${String(judging.limit)}`;
  const isFound = sql`seen.id IS NOT NULL AND ${bearsHere(judging)} AND ${fits(judging, 'u', 'seen')}`;
  const isFirst = allOf([isFound, ...comesFirst(judging)]);
  return sql`SELECT c.word AS word, c.userId AS userId, CASE WHEN ${joinsSql(judging, 'u')} THEN u.personId END AS personId,
                    CASE WHEN ${isFirst} THEN 1 ELSE 0 END AS isFirst
             FROM (SELECT few.word, few.userId, ${chosen} AS chosen FROM (${bearers}) few ${limit}) c
             LEFT JOIN users u ON u.id = c.chosen AND ${isLiveRow('u')} AND u.anonymizedAt IS NULL
             LEFT JOIN (${seenSites(sight)}) seen ON seen.id = u.siteId ORDER BY c.word, c.userId`;
};

/** The entry itself is one that counts. */
const bearsHere = (judging: Judging): Sql =>
  sql`(SELECT 1 FROM civitas_user_words w WHERE w.siteId = u.siteId AND w.word = c.word AND w.userId = u.id
       AND ${counts(judging, 'u', 'seen')} LIMIT 1) = 1`;

/** What is so of a row whatever entry led to it: that it is listed to the actor, and bears the other words. */
const fits = (judging: Judging, row: string, seen: string): Sql => {
  const { actor, asked, dialect } = judging;
  const isListed = anyOf([
    isOwn({ actor }, row),
    ofRoles(judging, seen, (role) => sql`${listableBy(row, dialect)} IN ${listOf(keysFor(role))}`),
  ]);
  return allOf([
    isListed,
    ...othersOf(asked).map(
      (word) =>
        sql`(SELECT 1 FROM ${ofOneUser(dialect)} WHERE w.userId = ${raw(row)}.id AND ${bears(word, asked.isWhole)}
             AND ${counts(judging, row, seen)} LIMIT 1) = 1`,
    ),
  ]);
};

/** Whether the entry `w` of a row is one that the actor may know of. */
const counts = (judging: Judging, row: string, seen: string): Sql => {
  const { actor, asked, sight, dialect } = judging;
  const details = anyOf([isOwn({ actor }, row), ofRoles(judging, seen, (role) => showsDetailsTo(role, dialect, row))]);
  if (asked.isWhole) return sql`(w.source = 'email' AND ${details})`;
  const noNickName = hasNoNickName(dialect, row);
  const there = [...new Set([...sight.seen.values()].map(({ naming }) => naming))];
  const isShown = anyOf(
    there.map((naming) => sql`(${raw(seen)}.naming = ${raw(numberOfNaming(naming))} AND ${shown(naming, noNickName)})`),
  );
  return countingEntry(isShown, details);
};

/** What is asked of a row by the actor's role at its site; of an admin, nothing. */
const ofRoles = ({ sight }: Judging, seen: string, condition: (role: Role) => Sql): Sql => {
  const there = [...new Set([...sight.seen.values()].map(({ role }) => role))];
  return anyOf(
    there.map((role) => {
      const isRole = sql`${raw(seen)}.roleRank = ${raw(numberOfRole(role))}`;
      return role === 'admin' ? isRole : sql`(${isRole} AND ${condition(role)})`;
    }),
  );
};

/** `joins` of domain/people/sight.ts. */
const joinsSql = ({ actor, sight, dialect }: Judging, row: string): Sql => {
  const withheld = expressionOf(userMeanings.profileWithheld, `${row}.profileWithheld`, dialect);
  return allOf([
    sql`${raw(row)}.personId IS NOT NULL`,
    ...(sight.joinsWithheld ? [] : [anyOf([sql`${raw(withheld)} = 0`, isOwn({ actor }, row)])]),
  ]);
};

/** By no smaller word of the same row, and by no other row of the same person, is somebody found before the entry `c` of the row `u`. */
const comesFirst = (judging: Judging): readonly Sql[] => {
  const { asked, sight, dialect } = judging;
  const entries = ofOneUser(dialect);
  const sameRow = sql`(SELECT 1 FROM ${entries} WHERE w.userId = u.id AND ${begins(asked.lead)} AND w.word < c.word
                       AND ${counts(judging, 'u', 'seen')} LIMIT 1) IS NULL`;
  const before = asked.isWhole
    ? sql`w.word = c.word AND w.userId < c.userId`
    : sql`${begins(asked.lead)} AND (w.word < c.word OR (w.word = c.word AND w.userId < c.userId))`;
  const otherRow = sql`(SELECT 1 FROM users o${raw(dialect.forceIndex('users_personId_externalUserId'))} JOIN (${seenSites(sight)}) there ON there.id = o.siteId
                        JOIN ${entries} ON w.userId = o.id
                        WHERE o.personId = u.personId AND o.id <> u.id AND ${isLiveRow('o')} AND o.anonymizedAt IS NULL
                        AND ${joinsSql(judging, 'o')} AND ${before} AND ${counts(judging, 'o', 'there')}
                        AND ${fits(judging, 'o', 'there')} LIMIT 1) IS NULL`;
  return [...(asked.isWhole ? [] : [sameRow]), anyOf([sql`NOT ${joinsSql(judging, 'u')}`, otherRow])];
};

/** The words of one row: they are few, wherever the others stand that begin so. */
const ofOneUser = (dialect: Dialect): Sql =>
  raw(`civitas_user_words w${dialect.forceIndex('civitas_user_words_userId')}`);

/** The sites of a sight, with what the actor is there and which names are shown. */
const seenSites = (sight: Sight): Sql => {
  const roleRank = byGroups(sight, ({ role }) => numberOfRole(role));
  const naming = byGroups(sight, (one) => numberOfNaming(one.naming));
  return sql`SELECT sites.id AS id, ${roleRank} AS roleRank, ${naming} AS naming FROM sites
             WHERE ${isLiveRow('sites')} AND ${isSeen(sight, 'sites.id')}`;
};

const isSeen = ({ reach, seen, hidden }: Sight, column: string): Sql => {
  if (reach === 'sites') return sql`${raw(column)} IN ${listOf([...seen.keys()])}`;
  return hidden.length === 0 ? raw('1 = 1') : sql`${raw(column)} NOT IN ${listOf(hidden)}`;
};

/** Of rows that are looked up by themselves. The plus keeps SQLite from walking through the sites for them. */
const isAtSeenSite = (sight: Sight): Sql => isSeen(sight, '+u.siteId');

/** A value of each site: those that most have is said of all others. */
const byGroups = ({ seen }: Sight, valueOf: (one: { readonly role: Role; readonly naming: Naming }) => string): Sql => {
  const groups = new Map<string, number[]>();
  for (const [id, one] of seen) groups.set(valueOf(one), [...(groups.get(valueOf(one)) ?? []), id]);
  const [most = ['0', []], ...others] = [...groups].sort(([, one], [, other]) => other.length - one.length);
  if (others.length === 0) return raw(most[0]);
  const cases = others.map(([value, ids]) => sql`WHEN sites.id IN ${listOf(ids)} THEN ${raw(value)}`);
  return sql`CASE ${joined(cases, ' ')} ELSE ${raw(most[0])} END`;
};

const numberOfRole = (role: Role): string => String(roles.indexOf(role));
const namings = ['full-name', 'nick-name-or-full-name', 'nick-name'] as const satisfies readonly Naming[];
const numberOfNaming = (naming: Naming): string => String(namings.indexOf(naming));

/** As both databases order words: byte by byte in UTF-8. */
const inOrder = (one: WordPosition, other: WordPosition): number =>
  Buffer.compare(Buffer.from(one.word), Buffer.from(other.word)) || one.userId - other.userId;
