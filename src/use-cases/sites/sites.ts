import { Fault } from '../../domain/fault.ts';
import { mustBePlatformAdmin, mustBeSiteAdmin } from '../../domain/refusals.ts';
import type { Site } from '../../domain/sites/site.ts';
import type { Ports } from '../../ports/index.ts';
import { actorNow } from '../actor-now.ts';
import { asSite, mergedSite, newCredentials, tryCredentials, takingDomain } from './merged-site.ts';
import { mustKeepPlatformApart } from './platform-site.ts';
import type { CreateSiteCommand, DeleteSiteCommand, SiteNeeds } from './commands.ts';

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

type DeletionNeeds = Pick<Ports, 'sites' | 'users' | 'clients' | 'changes' | 'clock' | 'log' | 'inOneTransaction'>;

/**
 * Deletes a site, softly: its contributions stay, and its OAuth client goes on removing people. Only one that has ended, and where
 * nobody is left who is not anonymized, soft-deleted rows included: they hold personal data, too. The lock on the site keeps
 * newcomers waiting (`users.insert` looks at it). Faults: `forbidden`, `site-not-found`, `conflict` (rules `site-has-not-ended`,
 * `site-has-people`). Source: user-api.md §3 "Around it".
 */
export const deleteSite =
  (ports: DeletionNeeds) =>
  async ({ actor, site: { id } }: DeleteSiteCommand): Promise<void> => {
    const { sites, users, changes, clock, log, inOneTransaction } = ports;
    await inOneTransaction(async () => {
      const site = await sites.locked(id);
      if (site === null) throw new Fault('site-not-found', {});
      mustBeSiteAdmin(await actorNow(ports, actor), id);
      if (!site.config.projectHasEnded)
        throw new Fault('conflict', { rule: 'site-has-not-ended' }, 'The project of this site has not ended.');
      if ((await users.peopleAt(id, 0, 1)).length > 0)
        throw new Fault('conflict', { rule: 'site-has-people' }, 'This site has users who are not anonymized.');
      await sites.remove(id, clock.now());
    });
    await changes.announce({ kind: 'site', id });
    log.info({ siteId: id, actorId: actor.userId }, 'a site was deleted');
  };
