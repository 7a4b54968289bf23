import type { Reach } from '../../domain/actor.ts';
import { invalidValues } from '../../domain/fault.ts';
import {
  oauthClientOf,
  platformFault,
  sitesOfLogin,
  type ConsoleLoginThrough,
  type PlatformFault,
} from '../../domain/sites/oauth-client.ts';
import { siteConfigOf, type Site, type SiteValues } from '../../domain/sites/site.ts';
import type { Ports } from '../../ports/index.ts';

type SiteNeeds = Pick<Ports, 'sites' | 'settings'>;

/**
 * The id of the platform's own site among these, as long as its OAuth client serves no other; null: nobody is platform admin at the
 * console. Looked through once for each list of sites as it was read. Source: docs/adr/0027.
 */
const platformSiteAmong = ({ settings }: SiteNeeds): ((all: readonly Site[]) => number | null) => {
  const { platformSiteId, globalOauthClient } = settings;
  let last: { readonly of: readonly Site[]; readonly fault: PlatformFault | null } | null = null;
  return (all) => {
    if (platformSiteId === null) return null;
    if (last?.of !== all) last = { of: all, fault: platformFault(platformSiteId, all, globalOauthClient) };
    return last.fault === null ? platformSiteId : null;
  };
};

/** How far a login at the console reaches, by whose OAuth settings it went through. */
export type ReachOfLogin = (login: ConsoleLoginThrough) => Reach;

/** As of this moment; kept for each list of sites as it was read. */
export const consoleReachNow = (ports: SiteNeeds): (() => Promise<ReachOfLogin>) => {
  const platformSite = platformSiteAmong(ports);
  let kept: { readonly of: readonly Site[]; readonly reaches: Map<string, Reach> } | null = null;
  return async () => {
    const all = await ports.sites.all();
    if (kept?.of !== all) kept = { of: all, reaches: new Map() };
    const { reaches } = kept;
    return (login) => {
      const key = JSON.stringify([login.siteId, login.provider]);
      const known = reaches.get(key);
      if (known !== undefined) return known;
      const platformSiteId = platformSite(all);
      const siteIds = sitesOfLogin(login, platformSiteId, all, ports.settings.globalOauthClient);
      const reach = { kind: 'rows', platformSiteId, siteIds } as const;
      reaches.set(key, reach);
      return reach;
    };
  };
};

/** Of work in the background, which has no session any more: as far as that reached (absent: everywhere). */
export const reachInBackground = async (ports: SiteNeeds, siteIds?: readonly number[]): Promise<ReachOfLogin> => {
  const platformSiteId = platformSiteAmong(ports)(await ports.sites.all());
  const reach = { kind: 'rows', platformSiteId, siteIds: siteIds === undefined ? null : new Set(siteIds) } as const;
  return () => reach;
};

/**
 * Through which site's OAuth settings a login at the console goes where none is asked for: the platform's own, which reaches every site,
 * where its people are those of the global OAuth server; null: the global ones.
 */
export const consoleLoginSite = (ports: SiteNeeds): (() => Promise<Site | null>) => {
  const platformSite = platformSiteAmong(ports);
  return async () => {
    const all = await ports.sites.all();
    const platformSiteId = platformSite(all);
    const site = all.find(({ id }) => id === platformSiteId);
    const { globalOauthClient } = ports.settings;
    const client = site === undefined ? null : oauthClientOf(site, 'default', globalOauthClient);
    const isOfAll = client !== null && (globalOauthClient === null || globalOauthClient.issuer === client.issuer);
    return isOfAll ? (site ?? null) : null;
  };
};

/** At the start: says as an error what keeps the setting from counting. */
export const checkPlatformSite =
  ({ sites, settings, log }: SiteNeeds & Pick<Ports, 'log'>) =>
  async (): Promise<void> => {
    const { platformSiteId, globalOauthClient } = settings;
    if (platformSiteId === null) return;
    const fault = platformFault(platformSiteId, await sites.all(), globalOauthClient);
    if (fault !== null) log.error({ platformSiteId, ...fault }, sentences[fault.kind]);
  };

const sentences = {
  'no-such-site':
    'there is no site with the id of authorization.platformSiteId: nobody is platform admin at the console',
  'no-client': 'the site of authorization.platformSiteId has no OAuth client: nobody is platform admin at the console',
  shared:
    'the OAuth client of the site of authorization.platformSiteId serves another site, too, whose admins could make platform admins: until it does not, nobody is one at the console',
} as const satisfies Record<PlatformFault['kind'], string>;

/**
 * Before a site is kept as it would be: it does not share the client of the platform's own, nor that one theirs. Fault `invalid-values`.
 * `id` null: it is new. Two statements; none where no such site is set.
 */
export const mustKeepPlatformApart = async (
  { sites, settings }: SiteNeeds,
  id: number | null,
  { config }: Pick<SiteValues, 'config'>,
): Promise<void> => {
  const { platformSiteId, globalOauthClient } = settings;
  if (platformSiteId === null) return;
  const { all } = await sites.allNow();
  // No row has the id 0.
  const changed = { id: id ?? 0, config: siteConfigOf(config) };
  const others = all.filter((site) => site.id !== id && (id === platformSiteId || site.id === platformSiteId));
  if (platformFault(platformSiteId, [...others, changed], globalOauthClient)?.kind !== 'shared') return;
  const detail = 'would share an OAuth client with the platform’s own site, at which platform admins are made';
  throw invalidValues([{ pointer: '/config/oauth', detail }]);
};
