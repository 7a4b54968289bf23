import { invalidValues } from '../../domain/fault.ts';
import { platformFault, type PlatformFault } from '../../domain/sites/platform-site.ts';
import { siteConfigOf, type Site, type SiteValues } from '../../domain/sites/site.ts';
import type { Ports } from '../../ports/index.ts';

type Needs = Pick<Ports, 'sites' | 'settings'>;

/**
 * The platform's own site, as long as its OAuth client serves no other; null: nobody is platform admin at the console. Looked through
 * once for each list of sites as it was read. Source: docs/adr/0027.
 */
export const platformSiteNow = ({ sites, settings }: Needs): (() => Promise<number | null>) => {
  const { platformSiteId, globalOauthClient } = settings;
  let last: { readonly of: readonly Site[]; readonly fault: PlatformFault | null } | null = null;
  return async () => {
    if (platformSiteId === null) return null;
    const all = await sites.all();
    if (last?.of !== all) last = { of: all, fault: platformFault(platformSiteId, all, globalOauthClient) };
    return last.fault === null ? platformSiteId : null;
  };
};

/** At the start: says as an error what keeps the setting from counting. */
export const checkPlatformSite =
  ({ sites, settings, log }: Needs & Pick<Ports, 'log'>) =>
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
  { sites, settings }: Needs,
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
