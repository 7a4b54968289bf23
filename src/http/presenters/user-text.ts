import type { Actor } from '../../domain/actor.ts';
import { exactText, isJsonObject } from '../../domain/json.ts';
import { siteSummary, type Site } from '../../domain/sites/site.ts';
import { tellVisible } from '../../domain/users/user-visibility.ts';
import type { User } from '../../domain/users/user.ts';
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
