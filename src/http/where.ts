import { Fault } from '../domain/fault.ts';
import type { Site } from '../domain/sites/site.ts';
import { nameSiteAsked } from '../platform/turns.ts';
import type { Parameters, Sites } from './route.ts';
import type { Actor } from '../domain/actor.ts';
import { mustBeCreator, mustBeOwnerOrModerator } from '../domain/users/user-rules.ts';
import {
  mustBeAdmin,
  mustBeEditor,
  mustBeModerator,
  mustBePlatformAdmin,
  mustBeSiteAdmin,
  sitesAsAdmin,
} from '../domain/refusals.ts';

/** What an address names, loaded, and who may there. What can be no id is not found: 404, whatever it looks like. Source: user-api.md §3. */

export interface SiteOfAddress {
  readonly site: Site;
}
export interface UserOfAddress extends SiteOfAddress {
  readonly userId: number;
}

export interface RunOfAddress extends SiteOfAddress {
  readonly runId: number;
}

export const nowhere = (): Promise<null> => Promise.resolve(null);

export const atSite = async (parameters: Parameters, sites: Sites): Promise<SiteOfAddress> => ({
  site: known(await sites.byId(siteIdOf(parameters['siteId'] ?? ''))),
});

export const ofUser = async (parameters: Parameters, sites: Sites): Promise<UserOfAddress> => {
  const there = await atSite(parameters, sites);
  return { ...there, userId: userIdOf(parameters['userId'] ?? '') };
};

/** A whole-site anonymization. What can be no id is not found. */
export const ofRun = async (parameters: Parameters, sites: Sites): Promise<RunOfAddress> => {
  const there = await atSite(parameters, sites);
  const runId = idOf(parameters['runId'] ?? '');
  if (runId === null) throw new Fault('not-found', {}, 'There is no such anonymization of this site.');
  return { ...there, runId };
};

/** A run of either kind: its number, or 22 random characters. What can be neither is not found. */
export const ofNamedRun = (parameters: Parameters): Promise<{ readonly name: string }> => {
  const name = parameters['run'] ?? '';
  if (idOf(name) === null && !/^[\w-]{22}$/.test(name))
    throw new Fault('not-found', {}, 'There is no such anonymization run.');
  return Promise.resolve({ name });
};

/** By id or by domain. */
export const atNamedSite = async (parameters: Parameters, sites: Sites): Promise<SiteOfAddress> => ({
  site: known(await siteNamed(parameters['siteId'] ?? '', sites)),
});

/** The site that an address means by its id or domain; null: none. */
export const siteNamed = async (name: string, sites: Pick<Sites, 'byId' | 'byDomain'>): Promise<Site | null> => {
  const id = idOf(name);
  if (id !== null) return sites.byId(id);
  return isDomain(name) && /[a-z]/i.test(name) ? sites.byDomain(name.toLowerCase()) : null;
};

const known = (site: Site | null): Site => {
  if (site === null) throw new Fault('site-not-found', {});
  nameSiteAsked(String(site.id));
  return site;
};

/** A positive safe integer in plain decimal (`007`, `1e3`, `+1` are none), or null. */
export const idOf = (text: string): number | null => {
  if (!/^[1-9]\d{0,15}$/.test(text)) return null;
  const id = Number(text);
  return Number.isSafeInteger(id) ? id : null;
};

/** The site's id in an address. Fault `site-not-found` for what can be none. Source: user-api.md §3. */
const siteIdOf = (text: string): number => {
  const id = idOf(text);
  if (id === null) throw new Fault('site-not-found', {});
  return id;
};

/** The user's id in an address. Fault `user-not-found` for what can be none. */
const userIdOf = (text: string): number => {
  const id = idOf(text);
  if (id === null) throw new Fault('user-not-found', {});
  return id;
};

/** A host, with or without port. */
export const isDomain = (text: string): boolean =>
  text.length <= 255 && /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::\d{1,5})?$/i.test(text);

/**
 * Who may, by role alone: the step between loading what an address names and reading query and body. Each refuses with the
 * domain's own rule. Source: user-api.md §1 "Order of refusals".
 */
export const platformAdmins =
  'Platform admins: a fixed token whose user is admin, or an admin of the platform’s own site at the console.';
export const byPlatformAdmins = (actor: Actor): void => {
  mustBePlatformAdmin(actor);
};
export const byAdminsOfASite = (actor: Actor): void => {
  sitesAsAdmin(actor);
};
export const bySiteAdmins = (actor: Actor, { site }: SiteOfAddress): void => {
  mustBeSiteAdmin(actor, site.id);
};
export const byAdmins = (actor: Actor, { site }: SiteOfAddress): void => {
  mustBeAdmin(actor, site.id);
};
export const byEditors = (actor: Actor, { site }: SiteOfAddress): void => {
  mustBeEditor(actor, site.id);
};
export const byModerators = (actor: Actor, { site }: SiteOfAddress): void => {
  mustBeModerator(actor, site.id);
};
export const byCreators = (actor: Actor, { site }: SiteOfAddress): void => {
  mustBeCreator(actor, site);
};
export const byOwnerOrModerators = (actor: Actor, { site, userId }: UserOfAddress): void => {
  mustBeOwnerOrModerator(actor, site.id, userId);
};
