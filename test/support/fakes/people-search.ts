import { roleAt } from '../../../src/domain/actor.ts';
import { isListedIn, joins, seenSiteOf, type Sight } from '../../../src/domain/people/sight.ts';
import type { Actor } from '../../../src/domain/actor.ts';
import { searchWords, wordsIn } from '../../../src/domain/users/personal-text.ts';
import { fullName, seesDetails, displayName } from '../../../src/domain/users/user-visibility.ts';
import { decimalId, isLive, type User } from '../../../src/domain/users/user.ts';
import type { Candidate, FewPeople, PeopleSearch, SearchAsked, WordPosition } from '../../../src/ports/people.ts';
import type { FakeDatabase } from './state.ts';

/** What is shown of a row decides: nothing here is written as in SQL. */
export const fakePeopleSearch = (database: FakeDatabase): PeopleSearch => {
  const rowsIn = (sight: Sight): readonly User[] =>
    [...database.state.users.values()]
      .map((row): User => ({ ...row, person: database.state.persons.get(row.personId ?? 0) ?? null }))
      .filter((row) => isLive(row) && seenSiteOf(sight, row) !== null);
  const chosen = (sight: Sight, { personIds, ids }: FewPeople): readonly User[] =>
    rowsIn(sight).filter((row) => ids.includes(row.id) || personIds.includes(row.personId ?? 0));
  return {
    countWords: async (sight, { words, isWhole }, most) => {
      const kept = rowsIn(sight).flatMap((row) => searchWords(row));
      return words.map((asked) =>
        Math.min(most, kept.filter(({ word }) => (isWhole ? word === asked : word.startsWith(asked))).length),
      );
    },
    candidates: async ({ actor, sight }, asked, { after, limit }) =>
      judgedIn(rowsIn(sight), { actor, sight }, asked)
        .filter((one) => after === null || inOrder(one, after) > 0)
        .slice(0, limit),
    rowsOf: async (sight, few) => chosen(sight, few),
    addressesOf: async (sight, few) => chosen(sight, few),
    byExternalId: async (sight, issuers, externalId) =>
      rowsIn(sight).filter(({ person, personId, externalUserId }) =>
        person === null
          ? personId === null && externalUserId !== null && externalUserId === decimalId(externalId)
          : issuers.includes(person.issuer) && person.externalId === externalId,
      ),
  };
};

interface Asking {
  readonly actor: Actor;
  readonly sight: Sight;
}

const judgedIn = (rows: readonly User[], asking: Asking, asked: SearchAsked): readonly Candidate[] => {
  const meets = (word: string, wanted: string): boolean => (asked.isWhole ? word === wanted : word.startsWith(wanted));
  const taken = new Set<number>();
  const entries = rows
    .flatMap((row) =>
      [...new Set(searchWords(row).map(({ word }) => word))].map((word) => ({ word, userId: row.id, row })),
    )
    .filter(({ word }) => meets(word, asked.lead))
    .sort(inOrder);
  return entries.map(({ word, userId, row }) => {
    const told = toldWords(row, asking, asked);
    const fits =
      isListedIn(asking.sight, asking.actor, row) &&
      told.includes(word) &&
      asked.words.every((wanted) => told.some((one) => meets(one, wanted)));
    const personId = joins(asking.sight, asking.actor, row) ? row.personId : null;
    // Ids of people and of rows that stand alone are told apart by their sign.
    const whose = personId ?? -userId;
    const isFirst = fits && !taken.has(whose);
    if (fits) taken.add(whose);
    return { word, userId, personId, isFirst };
  });
};

/** The words of a row that this actor is shown; the address alone where words are whole. "Deelnemer" is nobody's. */
const toldWords = (row: User, { actor, sight }: Asking, { isWhole }: SearchAsked): readonly string[] => {
  const seen = seenSiteOf(sight, row);
  if (seen === null || row.anonymizedAt !== null) return [];
  const details = seesDetails(actor, row, roleAt(actor, row.siteId));
  if (isWhole) return details ? wordsIn(row.email ?? '') : [];
  const shown = displayName(row, seen.site.config);
  const isStandIn = seen.naming === 'nick-name' && !wordsIn(row.nickName ?? '').some((word) => word === 'deelnemer');
  const texts = [isStandIn && shown === 'Deelnemer' ? null : shown, ...(details ? [fullName(row), row.email] : [])];
  return texts.flatMap((text) => wordsIn(text ?? ''));
};

const inOrder = (one: WordPosition, other: WordPosition): number =>
  Buffer.compare(Buffer.from(one.word), Buffer.from(other.word)) || one.userId - other.userId;
