import { hash } from 'node:crypto';
import { isModeratorEverywhere, owns, type Actor } from '../../domain/actor.ts';
import { type Site, siteSummary } from '../../domain/sites/site.ts';
import type { User } from '../../domain/users/user.ts';
import type { FoundUser } from '../../use-cases/users/commands.ts';
import type { Answer } from '../route.ts';
import { isAmongTags, type EntityTags } from '../requests/headers.ts';
import { exactText, isJsonObject } from '../../domain/json.ts';
import { tellVisible } from '../../domain/users/user-visibility.ts';
import { valueText } from './json-text.ts';

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

interface Sight {
  readonly actor: Actor;
  readonly site: Site;
}

/** A user as this actor may see them, with the tag of exactly that. */
export const userAnswer = ({ actor, site }: Sight, user: User, status: 200 | 201): Answer => {
  const json = userText(actor, user, site);
  const location = status === 201 ? { Location: `/api/site/${site.id}/user/${user.id}` } : {};
  return { status, headers: { ETag: quoted(tagOfJson(json)), ...location }, json };
};

/** The same for a view: 304 for whom has it already, and how fresh it is for whom that tells of no other site. Source: user-api.md §3 "View". */
export const foundUserAnswer = (sight: Sight, found: FoundUser, ifNoneMatch: EntityTags | undefined): Answer => {
  const full = userAnswer(sight, found.user, 200);
  const headers = { ...full.headers, ...freshness(sight, found) };
  const has = ifNoneMatch !== undefined && isAmongTags(ifNoneMatch, tagFor(sight)(found.user));
  return has ? { status: 304, headers } : { ...full, headers };
};

/** The tag of a user as this actor sees them. */
export const tagFor =
  ({ actor, site }: Sight) =>
  (user: User): string =>
    tagOfJson(userText(actor, user, site));

/**
 * A look at any site makes the person fresh at all: to who is moderator here only, freshness would say which row elsewhere was
 * looked at. They are told of what they just fetched themselves. See docs/reference/neighbours.md.
 */
const freshness = ({ actor }: Sight, { user, cache, ageSeconds }: FoundUser): Readonly<Record<string, string>> => {
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
