import Joi from 'joi';
import { roleAt, type Actor } from '../../domain/actor.ts';
import { atLeast } from '../../domain/role.ts';
import type { Site } from '../../domain/site.ts';
import type { Condition, Sort } from '../../ports/user-store.ts';
import { malformed } from './malformed.ts';
import { filterOf } from './filter.ts';
import { pageNumber, pageSizeNumber } from './page-numbers.ts';
import { maxSearchLength, soughtWords } from './search.ts';
import { sortOf } from './sort.ts';

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
  sort: Joi.string().max(200).description('`["lastName","DESC"]` or `lastName_desc`; default `id`.'),
  filter: Joi.string()
    .max(8192)
    .description(
      'JSON: `{"role":"moderator"}`, `{"role":{"!=":"member"}}`, `{"lastName":{"substring":"an"}}`, `{"id":[1,2]}`; at most 31 days a list.',
    ),
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
export const pagingOf = ({ page, pageSize = '20', cursor }: ListParameters, actor: Actor, site: Site): Paging => {
  const size = Number(pageSize);
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

/** What to list and in which order; dates without an offset are read in `timeZone`. Fault `malformed-request` naming what is unknown, or not this actor's to ask by. */
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
