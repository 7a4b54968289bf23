import { owns, atLeast } from '../../../src/domain/actor.ts';
import type { Json } from '../../../src/domain/json.ts';
import { searchWords, wordsIn } from '../../../src/domain/users/personal-text.ts';
import { siteConfigOf } from '../../../src/domain/sites/site.ts';
import { ruleOf, type UserField } from '../../../src/domain/users/user-fields.ts';
import { displayName, seesDetails } from '../../../src/domain/users/user-visibility.ts';
import { isLive, type User } from '../../../src/domain/users/user.ts';
import {
  isDay,
  type Condition,
  type Day,
  type ListQuery,
  type Position,
  type Search,
} from '../../../src/ports/user-store.ts';

/** Lists as the port says: filter, sort with NULLs first, then the page after a position. */
export const pageOf = (users: readonly User[], query: ListQuery): readonly User[] => {
  const sorted = found(users, query).sort((one, other) =>
    order(positionOf(one, query), positionOf(other, query), query),
  );
  const { after, offset = 0, limit } = query;
  const rest = after === undefined ? sorted : sorted.filter((user) => order(positionOf(user, query), after, query) > 0);
  return rest.slice(offset, offset + limit);
};

export const countOf = (users: readonly User[], query: ListQuery): number => found(users, query).length;
export const listedCount = (users: readonly User[], query: ListQuery): number =>
  users.filter((user) => isListed(user, query)).length;

/** Each word of each field, shown to anybody or not. */
export const wordCounts = (
  users: readonly User[],
  siteId: number,
  words: readonly string[],
  most: number,
): readonly number[] => {
  const kept = users.filter((user) => user.siteId === siteId).flatMap((user) => searchWords(user));
  return words.map((asked) => Math.min(most, kept.filter(({ word }) => word.startsWith(asked)).length));
};

export const positionOf = (user: User, query: ListQuery): Position => ({
  value: shownValue(user, query.sort.field, query),
  id: user.id,
});

const found = (users: readonly User[], query: ListQuery): User[] =>
  users.filter(
    (user) =>
      isListed(user, query) &&
      query.conditions.every((condition) => meets(user, condition, query)) &&
      (query.search === undefined || isSought(user, query.search, query)),
  );

/** What is seen of somebody is what they are found by. */
const isSought = (user: User, { words, naming }: Search, { actor }: ListQuery): boolean => {
  if (user.anonymizedAt !== null) return false;
  const details = seesDetails(actor, user) ? [user.firstName, user.lastName, user.email] : [];
  const seen = [displayName(user, configs[naming]), ...details].flatMap((text) => wordsIn(text ?? ''));
  return words.every((word) => seen.some((one) => one.startsWith(word)));
};
const configs = {
  'full-name': siteConfigOf({}),
  'nick-name-or-full-name': siteConfigOf({ users: { allowUseOfNicknames: true } }),
  'nick-name': siteConfigOf({ users: { displayName: 'nick' } }),
} as const satisfies Record<Search['naming'], unknown>;

const isListed = (user: User, { siteId, actor, role, onlyOwn }: ListQuery): boolean =>
  user.siteId === siteId &&
  isLive(user) &&
  (owns(actor, user) || (onlyOwn !== true && atLeast(role, user.listableByRole ?? 'moderator')));

/** What the actor may not see counts as null. */
const shownValue = (user: User, field: UserField, { actor }: ListQuery): Json => {
  if (ruleOf(field).view === 'details' && !seesDetails(actor, user)) return null;
  if (field === 'externalUserId' && user.profileWithheld) return null;
  if (field === 'externalUserId') return user.person?.externalId ?? user.externalUserId?.toString() ?? null;
  const value = user[field];
  return value instanceof Date ? value.toISOString() : value;
};

const meets = (user: User, { field, is, values }: Condition, query: ListQuery): boolean => {
  const value = comparable(shownValue(user, field, query), field);
  const asked = values.map((one) => comparable(one, field));
  const isAsked = asked.includes(value) || values.filter(isDay).some((day) => isIn(day, value));
  switch (is) {
    case 'equal':
    case 'one-of':
      return isAsked;
    case 'different':
      return !isAsked;
    case 'containing':
      return typeof value === 'string' && asked.some((part) => typeof part === 'string' && value.includes(part));
  }
};

const isIn = ({ from, before }: Day, value: Json): boolean =>
  typeof value === 'string' && value >= from && value < before;

/** Text is compared without case; dates as instants; an external id as text. */
const comparable = (value: Json, field: UserField): Json => {
  if (value === null) return null;
  if (ruleOf(field).shape.kind === 'date' && typeof value === 'string') return new Date(value).toISOString();
  if (field === 'externalUserId' && typeof value === 'number') return String(value);
  return typeof value === 'string' ? value.toLowerCase() : value;
};

const order = (one: Position, other: Position, { sort: { field, direction } }: ListQuery): number => {
  const sign = direction === 'ASC' ? 1 : -1;
  return sign * (byValue(comparable(one.value, field), comparable(other.value, field)) || one.id - other.id);
};

const byValue = (one: Json, other: Json): number => {
  if (one === other) return 0;
  if (one === null) return -1;
  if (other === null) return 1;
  return one < other ? -1 : 1;
};
