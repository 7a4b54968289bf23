import { Fault } from '../domain/fault.ts';
import type { Site } from '../domain/sites/site.ts';
import { idOf, isDomain, siteIdOf, userIdOf } from './requests/ids.ts';
import type { Parameters, Sites } from './route.ts';

/** What an address names, loaded. What can be no id is not found: 404, whatever it looks like. Source: user-api.md §3. */

export interface AtSite {
  readonly site: Site;
}
export interface OfUser extends AtSite {
  readonly userId: number;
}

export interface OfRun extends AtSite {
  readonly runId: number;
}

export const nowhere = (): Promise<null> => Promise.resolve(null);

export const atSite = async (parameters: Parameters, sites: Sites): Promise<AtSite> => ({
  site: known(await sites.byId(siteIdOf(parameters['siteId'] ?? ''))),
});

export const ofUser = async (parameters: Parameters, sites: Sites): Promise<OfUser> => {
  const place = await atSite(parameters, sites);
  return { ...place, userId: userIdOf(parameters['userId'] ?? '') };
};

/** A whole-site anonymization. What can be no id is not found. */
export const ofRun = async (parameters: Parameters, sites: Sites): Promise<OfRun> => {
  const place = await atSite(parameters, sites);
  const runId = idOf(parameters['runId'] ?? '');
  if (runId === null) throw new Fault('not-found', {}, 'There is no such anonymization of this site.');
  return { ...place, runId };
};

/** By id or by domain. */
export const atNamedSite = async (parameters: Parameters, sites: Sites): Promise<AtSite> => {
  const name = parameters['siteId'] ?? '';
  const id = idOf(name);
  if (id !== null) return { site: known(await sites.byId(id)) };
  return { site: known(isDomain(name) && /[a-z]/i.test(name) ? await sites.byDomain(name.toLowerCase()) : null) };
};

const known = (site: Site | null): Site => {
  if (site === null) throw new Fault('site-not-found', {});
  return site;
};
