import { hash } from 'node:crypto';
import { isModeratorEverywhere, owns, type Actor } from '../../domain/actor.ts';
import { type Site, siteSummary } from '../../domain/sites/site.ts';
import type { User } from '../../domain/users/user.ts';
import type { AtSite } from '../../use-cases/commands.ts';
import type { FoundUser } from '../../use-cases/users/commands.ts';
import type { Answer } from '../route.ts';
import { isAmongTags, type EntityTags } from '../requests/headers.ts';
import { exactText, isJsonObject } from '../../domain/json.ts';
import { tellVisible } from '../../domain/users/user-visibility.ts';
import { nextTurn } from '../../platform/clock.ts';
import { byActivity, type ActivityPlural } from '../../activity-types/index.ts';
import type { ActivityRow, ActivityType } from '../../activity-types/definition.ts';

/** A user as this actor may see them, with the site, as JSON: every answer with a user in it has it from here. */
export const userText = (actor: Actor, user: User, site: Site | null): string => {
  let text = '';
  tellVisible(actor, user, site, (name, value) => {
    text += `,"${name}":${name === 'extraData' && isJsonObject(value) ? exactText(value, user.extraData) : valueText(value)}`;
  });
  return `{${text.slice(1)}${site === null ? '' : `,"site":${siteText(site)}`}}`;
};

/** Written once for each site as it was read: a page holds the same one twenty times. */
const siteText = (site: Site): string => {
  const known = siteTexts.get(site);
  if (known !== undefined) return known;
  const text = JSON.stringify(siteSummary(site));
  siteTexts.set(site, text);
  return text;
};
const siteTexts = new WeakMap<Site, string>();

/** A user as this actor may see them, with the tag of exactly that. */
export const userAnswer = ({ actor, site }: AtSite, user: User, status: 200 | 201): Answer => {
  const json = userText(actor, user, site);
  const location = status === 201 ? { Location: `/api/site/${site.id}/user/${user.id}` } : {};
  return { status, headers: { ETag: quoted(tagOfJson(json)), ...location }, json };
};

/** The answer of a view: 304 for whom has it already, and how fresh it is for whom that tells of no other site. Source: user-api.md §3 "View". */
export const foundUserAnswer = (site: Site, found: FoundUser, ifNoneMatch: EntityTags | undefined): Answer => {
  const shownTo = { actor: found.actor, site };
  const full = userAnswer(shownTo, found.user, 200);
  const headers = { ...full.headers, ...freshness(found) };
  const has = ifNoneMatch !== undefined && isAmongTags(ifNoneMatch, tagFor(shownTo)(found.user));
  return has ? { status: 304, headers } : { ...full, headers };
};

/** The tag of a user as this actor sees them. */
export const tagFor =
  ({ actor, site }: AtSite) =>
  (user: User): string =>
    tagOfJson(userText(actor, user, site));

/**
 * A look at any site makes the person fresh at all: to who is moderator here only, freshness would say which row elsewhere was
 * looked at. They are told of what they just fetched themselves. See docs/reference/neighbours.md.
 */
const freshness = ({ actor, user, cache, ageSeconds }: FoundUser): Readonly<Record<string, string>> => {
  // Only moderators and the owner can fetch.
  if (cache !== 'MISS' && !owns(actor, user) && !isModeratorEverywhere(actor)) return {};
  return {
    ...(ageSeconds === null ? {} : { Age: String(Math.max(0, Math.floor(ageSeconds))) }),
    ...(cache === null ? {} : { 'X-Cache': cache }),
  };
};

/** The tag (without quotes) of a representation: what this actor sees, as JSON. Source: user-api.md §3 "View". */
export const tagOfJson = (json: string): string => hash('sha256', json, 'base64url');

export const quoted = (tag: string): string => `"${tag}"`;

/** A contribution as JSON: the columns that its kind says are shown, and its idea (JSON) where one is given. */
export const contributionText = (type: Kind, row: ActivityRow, idea: string | null = null): string => {
  let text = '';
  for (const { name, before } of shownColumns[type.plural]) text += before + valueText(row[name]);
  return `{${text.slice(1)}${idea === null ? '' : `,"idea":${idea}`}}`;
};

type Kind = ActivityType<string, ActivityPlural>;

/** Looked up once, as lists hold hundreds. */
const shownColumns = byActivity((type) =>
  Object.entries<ActivityType['columns'][string]>(type.columns).flatMap(([name, column]) =>
    column.shown ? [{ name, before: `,${JSON.stringify(name)}:` }] : [],
  ),
);

/**
 * JSON written piece by piece, the same bytes as JSON.stringify's: for lists of hundreds, where what stands in each item is
 * written once and dates, which JSON.stringify asks for a text one by one, cost a quarter.
 */
export const valueText = (value: unknown): string => {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'string') return quotedText(value);
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (value instanceof Date) return dateText(value);
  return JSON.stringify(value);
};

export const listText = (items: readonly string[]): string => `[${items.join(',')}]`;

/** Only what JSON has to escape goes the long way. */
const quotedText = (text: string): string => (escaped.test(text) ? JSON.stringify(text) : `"${text}"`);
/** Quotes, backslashes, control characters and (as half of one is escaped) surrogates. */
const escaped = /[^ !#-[\]-\ud7ff\ue000-\uffff]/;

/** ISO 8601 as `toJSON` writes it, in a quarter of its time. */
const dateText = (date: Date): string => {
  const year = date.getUTCFullYear();
  // Years that take a sign, and no dates at all.
  if (!(year >= 1000 && year <= 9999)) return JSON.stringify(date);
  const day = `${year}-${two(date.getUTCMonth() + 1)}-${two(date.getUTCDate())}`;
  const time = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`;
  return `"${day}T${time}.${String(date.getUTCMilliseconds()).padStart(3, '0')}Z"`;
};

const twoDigits = Array.from({ length: 100 }, (_none, number) => String(number).padStart(2, '0'));
const two = (number: number): string => twoDigits[number] ?? '';

/** How long the loop is held at a time, in ms. */
const sliceMs = 1;
/** So many characters leave together at most, or the item that has more. */
const pieceLength = 64_000;

/** A JSON array in pieces: of each batch a millisecond's work at a time, with others' turns in between. */
export async function* jsonArray<T>(
  batches: AsyncIterable<readonly T[]> | Iterable<readonly T[]>,
  textOf: (item: T) => string,
): AsyncGenerator<string, void, undefined> {
  let before = '[';
  for await (const batch of batches) {
    let piece = '';
    let until = 0;
    for (const item of batch) {
      if (performance.now() >= until) {
        if (piece !== '') yield piece;
        piece = '';
        // Also before the first: reading the batch was a piece of work, too.
        await nextTurn();
        until = performance.now() + sliceMs;
      }
      const text = before + textOf(item);
      if (piece.length + text.length > pieceLength && piece !== '') {
        yield piece;
        piece = '';
      }
      piece += text;
      before = ',';
    }
    // Nothing is kept for the next batch: whoever has hung up by now is not read for any more.
    if (piece !== '') yield piece;
  }
  yield before === '[' ? '[]' : ']';
}

/** A JSON list as one text, for what was read in one go: only what is long is written in several turns. */
export const jsonList = async <T>(items: readonly T[], textOf: (item: T) => string): Promise<string> => {
  const texts: string[] = [];
  let until = performance.now() + sliceMs;
  for (const item of items) {
    if (performance.now() >= until) {
      await nextTurn();
      until = performance.now() + sliceMs;
    }
    texts.push(textOf(item));
  }
  return listText(texts);
};
