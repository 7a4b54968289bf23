import { mustBePlatformAdmin } from '../../domain/refusals.ts';
import type { Site } from '../../domain/sites/site.ts';
import { actorNow } from '../actor-now.ts';
import { asSite, mergedSite, newCredentials, tryCredentials, takingDomain } from './merged-site.ts';
import { mustKeepPlatformApart } from './platform-site.ts';
import type { CreateSiteCommand, SiteNeeds } from './commands.ts';

/** As OpenStad calls a site that nobody named. */
const nothing = { name: 'Nieuwe site', title: 'Nieuwe site', domain: '', areaId: null, rawConfig: {} };

/**
 * Makes a site, once its OAuth servers have taken its credentials. Faults: `forbidden`, `invalid-values`, those of the OAuth
 * server, `conflict` (rule `domain-taken`), `busy`. Source: user-api.md §3 "Around it".
 */
export const createSite =
  (ports: SiteNeeds) =>
  async ({ actor, change, configErrors }: CreateSiteCommand): Promise<Site> => {
    mustBePlatformAdmin(actor);
    const merging = { settings: ports.settings, between: () => ports.clock.nextTurn() };
    const { values, mustBeRight } = await mergedSite(merging, nothing, change, configErrors);
    await mustBeRight();
    await tryCredentials(ports, newCredentials({}, values.config, ports.settings.globalOauthClient));
    const now = ports.clock.now();
    const id = await takingDomain(ports, values.domain, null, async () => {
      mustBePlatformAdmin(await actorNow(ports, actor));
      await mustKeepPlatformApart(ports, null, values);
      return ports.sites.insert(values, now);
    });
    await ports.changes.announce({ kind: 'site', id });
    ports.log.info({ siteId: id, actorId: actor.userId }, 'a site was made');
    await ports.clock.nextTurn();
    const [site] = await ports.sites.readNow([id]);
    return site ?? asSite(id, values, { createdAt: now, updatedAt: now });
  };
