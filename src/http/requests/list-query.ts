import Joi from 'joi';
import { roleAt, type Actor, atLeast } from '../../domain/actor.ts';
import { askedWords, maxWordLength } from '../../domain/users/personal-text.ts';
import type { Site } from '../../domain/sites/site.ts';
import type { UserField } from '../../domain/users/user-fields.ts';
import type { Condition, Sort } from '../../ports/user-store.ts';
import { filterOf, queryableField } from './filter.ts';
import { malformed } from './validate.ts';
import { asJson, reference, type Schema } from '../openapi/schema.ts';

/** Text, documented as what stands in it. */
const documented = (text: Joi.StringSchema, swagger: Schema): Joi.StringSchema =>
  text.meta({ swagger, swaggerOverride: true });
const number = (description: string, minimum: number, schema: Schema = {}): Joi.StringSchema =>
  documented(Joi.string(), { type: 'integer', minimum, description, ...schema });

export const pageNumber = (description: string): Joi.StringSchema =>
  number(description, 0)
    .pattern(/^\d{1,9}$/)
    .messages({ 'string.pattern.base': 'must be a number from 0', 'string.empty': 'must be a number from 0' });

/** How many a page has where nobody says it: lists, drift, the people of a run. */
export const defaultPageSize = 20;

/** How many of something: a thousand at most. */
export const howMany = (description: string, schema: Schema = {}): Joi.StringSchema =>
  number(description, 1, { maximum: 1000, ...schema })
    .pattern(/^(?:[1-9]\d{0,2}|1000)$/)
    .messages({
      'string.pattern.base': 'must be a number from 1 to 1000',
      'string.empty': 'must be a number from 1 to 1000',
    });

export const pageSizeNumber: Joi.StringSchema = howMany('How many a page.', { default: defaultPageSize });

const maxWords = 10;
/** Characters of a whole question. */
const maxSearchLength = 1000;

/** As it stands in the address. Source: user-api.md §3 "List". */
export interface ListParameters {
  readonly page?: string;
  readonly pageSize?: string;
  readonly cursor?: string;
  readonly sort?: string;
  readonly filter?: string;
  readonly q?: string;
}
export const listParameters = Joi.object<ListParameters>({
  page: pageNumber(
    'From 0. Without it (and without `cursor`) the answer is an array of everybody. Below moderator, a page ends at the 10,000th at most: further on goes `cursor`.',
  ),
  pageSize: pageSizeNumber,
  cursor: Joi.string().max(4096).description('From `metadata.cursor`: goes on where that page ended, however deep.'),
  sort: documented(Joi.string().max(200), {
    ...reference('UserSort'),
    description: '`["lastName","DESC"]` or `lastName_desc`; default `id`.',
  }),
  filter: documented(Joi.string().max(8192), {
    ...asJson(reference('UserFilter')),
    maxLength: 8192,
    description:
      'JSON: `{"role":"moderator"}`, `{"role":{"!=":"member"}}`, `{"lastName":{"substring":"an"}}`, `{"id":[1,2]}`; at most 31 days a list.',
  }),
  q: Joi.string()
    .allow('')
    .max(maxSearchLength)
    .description(
      'Search: every word must begin a word of the displayName, for moderators also of first name, last name or email; case and accents do not count. At most 10 words of 64 letters; below moderator one of two letters at least, and none that too many begin with. Also as `filter={"q":"…"}`. Nobody who was anonymized is found.',
    ),
});

export type Paging =
  | { readonly by: 'everybody' }
  | { readonly by: 'page'; readonly page: number; readonly pageSize: number }
  | { readonly by: 'cursor'; readonly cursor: string; readonly pageSize: number };

/**
 * Which part of the list. A cursor goes before a page number: it says more. Fault `malformed-request` for a page that is too deep for
 * this actor: all before it are counted off each time.
 */
export const pagingOf = ({ page, pageSize, cursor }: ListParameters, actor: Actor, site: Site): Paging => {
  const size = Number(pageSize ?? defaultPageSize);
  if (cursor !== undefined) return { by: 'cursor', cursor, pageSize: size };
  if (page === undefined) return { by: 'everybody' };
  if (Number(page) > deepestPage(size, actor, site))
    throw malformed(
      'page',
      `ends beyond the ${maxNumbered}th: go on with cursor, from metadata.cursor of the page before`,
    );
  return { by: 'page', page: Number(page), pageSize: size };
};

const maxNumbered = 10_000;

/** The last page that this actor may ask for by its number. */
export const deepestPage = (pageSize: number, actor: Actor, site: Site): number =>
  atLeast(roleAt(actor, site.id), 'moderator') ? Infinity : Math.floor(maxNumbered / pageSize) - 1;

/**
 * What to list and in which order; dates without an offset are read in `timeZone`. Fault `malformed-request` naming what is
 * unknown, or not this actor's to ask by.
 */
export const selectionOf = (
  { filter, sort, q }: ListParameters,
  actor: Actor,
  site: Site,
  timeZone: string,
): { readonly conditions: readonly Condition[]; readonly words: readonly string[]; readonly sort: Sort } => {
  const filtered = filterOf(filter, actor, site, timeZone);
  return {
    conditions: filtered.conditions,
    words: soughtWords(q, filtered.q, atLeast(roleAt(actor, site.id), 'moderator')),
    sort: sortOf(sort, actor, site),
  };
};

/** `["lastName","DESC"]` or `lastName_desc`; by id where nothing is said. Fault `malformed-request`. Source: user-api.md §3. */
const sortOf = (text: string | undefined, actor: Actor, site: Site): Sort => {
  if (text === undefined) return { field: 'id', direction: 'ASC' };
  const [name, direction] = text.trimStart().startsWith('[')
    ? pairOf(text)
    : [text.replace(/_[^_]*$/, ''), text.replace(/^.*_/, '')];
  const field = queryableField(otherNames.get(name) ?? name, actor, site, 'sort');
  switch (direction.toUpperCase()) {
    case 'ASC':
      return { field, direction: 'ASC' };
    case 'DESC':
      return { field, direction: 'DESC' };
    default:
      throw malformed('sort', 'needs a direction, asc or desc');
  }
};

/** As OpenStad's clients sort every kind of list. Source: user-api.md §5. */
const otherNames: ReadonlyMap<string, UserField> = new Map([['createdate', 'createdAt']]);

const pairOf = (text: string): readonly [string, string] => {
  const pair = listOf(text);
  const [name, direction] = pair;
  if (pair.length !== 2 || typeof name !== 'string' || typeof direction !== 'string') {
    throw malformed('sort', 'must be a field and a direction');
  }
  return [name, direction];
};

const listOf = (text: string): readonly unknown[] => {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : [];
  } catch {
    throw malformed('sort', 'is not JSON');
  }
};

/**
 * What `q` and the filter's `q` ask for, word by word; empty where they are absent or blank. Fault `malformed-request` naming
 * `q` when they differ, hold no letter or digit, or too many or too long words, or nothing but single letters where
 * those are not the actor's to ask by: too many people bear them. Source: user-api.md §3 "List".
 */
export const soughtWords = (
  q: string | undefined,
  filtered: string | undefined,
  mayUseLetters: boolean,
): readonly string[] => {
  if (q !== undefined && filtered !== undefined && q !== filtered)
    throw malformed('q', 'differs from the q of the filter');
  const text = q ?? filtered ?? '';
  if (text.length > maxSearchLength) throw malformed('q', `is longer than ${maxSearchLength} characters`);
  const words = askedWords(text);
  if (words.length === 0 && text.trim() !== '') throw malformed('q', 'holds no letter and no digit');
  if (words.length > maxWords) throw malformed('q', `holds more than ${maxWords} words`);
  if (words.some((word) => Array.from(word).length > maxWordLength))
    throw malformed('q', `holds a word of more than ${maxWordLength} letters`);
  if (words.length > 0 && !mayUseLetters && words.every(isLetter))
    throw malformed('q', 'must hold a word of at least two letters');
  return words;
};

/** A single letter. A Han or Kana character counts as a word. */
const isLetter = (word: string): boolean =>
  Array.from(word).length === 1 && !/\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}/u.test(word);
