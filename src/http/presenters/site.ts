import { roleAt, type Actor } from '../../domain/actor.ts';
import { exactText } from '../../domain/exact-json.ts';
import { maskedConfig } from '../../domain/masked-config.ts';
import { atLeast } from '../../domain/role.ts';
import { siteSummary, type Site } from '../../domain/site.ts';
import type { Answer } from '../answer.ts';
import { isAmongTags, type EntityTags } from '../requests/conditional.ts';
import { quoted, tagOfJson } from './entity-tag.ts';

/** A site as this actor may see it, as JSON: its config for editors and above only, without secrets. Source: user-api.md §3 "Around it". */
export const siteText = (actor: Actor, site: Site): string => {
  const summary = JSON.stringify(siteSummary(site));
  if (!atLeast(roleAt(actor, site.id), 'editor')) return summary;
  return `${summary.slice(0, -1)},"config":${exactText(maskedConfig(site.rawConfig), site.rawConfig)}}`;
};

/** The tag of a site as this actor sees it. */
export const siteTagFor =
  (actor: Actor) =>
  (site: Site): string =>
    tagOfJson(siteText(actor, site));

export const siteAnswer = (actor: Actor, site: Site, status: 200 | 201): Answer => {
  const json = siteText(actor, site);
  const location = status === 201 ? { Location: `/api/site/${site.id}` } : {};
  return { status, headers: { ETag: quoted(tagOfJson(json)), ...location }, json };
};

/** The same for a view: 304 for whom has it already. */
export const foundSiteAnswer = (actor: Actor, site: Site, ifNoneMatch: EntityTags | undefined): Answer => {
  const full = siteAnswer(actor, site, 200);
  const has = ifNoneMatch !== undefined && isAmongTags(ifNoneMatch, siteTagFor(actor)(site));
  return has ? { status: 304, headers: full.headers ?? {} } : full;
};
