import { Fault } from '../../domain/fault.ts';
import { mustBeSiteAdmin } from '../../domain/refusals.ts';
import type { Ports } from '../../ports/index.ts';
import { actorNow } from '../actor-now.ts';
import type { DeleteSiteCommand } from './commands.ts';

type Needs = Pick<Ports, 'sites' | 'users' | 'clients' | 'changes' | 'clock' | 'log' | 'inOneTransaction'>;

/**
 * Deletes a site, softly: its contributions stay, and its OAuth client goes on removing people. Only one that has ended, and where
 * nobody is left who is not anonymized, soft-deleted rows included: they hold personal data, too. The lock on the site keeps
 * newcomers waiting (`users.insert` looks at it). Faults: `forbidden`, `site-not-found`, `conflict` (rules `site-has-not-ended`,
 * `site-has-people`). Source: user-api.md §3 "Around it".
 */
export const deleteSite =
  (ports: Needs) =>
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
