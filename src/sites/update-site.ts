import { Fault } from '../domain/fault.ts';
import { mustBeTrustedWithIssuers } from '../domain/oauth-trust.ts';
import type { Site } from '../domain/site.ts';
import { mustBeEditor, mustBeSiteAdmin } from '../domain/user-rules.ts';
import type { Ports } from '../ports/index.ts';
import { changedSite, differences } from './changed-site.ts';
import type { UpdateSiteCommand } from './commands.ts';
import { takingDomain } from './domains.ts';

type Needs = Pick<
  Ports,
  'sites' | 'changes' | 'secrets' | 'settings' | 'clock' | 'log' | 'withLease' | 'inOneTransaction'
>;
/** What only an admin of the site may change: who people are, which pages may act for them, and where their logins come back to. */
const forAdmins = ['config.oauth', 'config.allowedDomains', 'domain'] as const;

/**
 * Changes a site, merged under a lock, so that two changes at once lose nothing. A change that changes nothing writes nothing.
 * Faults: `forbidden`, `invalid-values`, `changed-meanwhile`, `conflict` (rule `domain-taken`), `site-not-found`, `busy`. Source:
 * user-api.md §3 "Around it", docs/adr/0011.
 */
export const updateSite =
  (ports: Needs) =>
  async (command: UpdateSiteCommand): Promise<Site> => {
    const { actor, site, change } = command;
    mustBeEditor(actor, site.id);
    const unit = () => changeOnce(ports, command);
    const { domain } = change;
    const done = await (domain === undefined
      ? ports.inOneTransaction(unit)
      : takingDomain(ports, domain, site.id, unit));
    if (done.changed.length === 0) return done.site;
    await ports.changes.announce({ kind: 'site', id: site.id });
    // Keys of a config are names that we know or that a site gave itself; no value stands here.
    ports.log.info(
      { siteId: site.id, actorId: actor.userId, changed: done.changed.slice(0, 20) },
      'a site was changed',
    );
    return done.site;
  };

const changeOnce = async (
  { sites, settings, clock }: Needs,
  { actor, site: { id }, change, configErrors, stillMatches }: UpdateSiteCommand,
): Promise<{ readonly site: Site; readonly changed: readonly string[] }> => {
  const before = await sites.locked(id);
  if (before === null) throw new Fault('site-not-found', {});
  if (stillMatches?.(before) === false)
    throw new Fault('changed-meanwhile', {}, 'The site is not what you saw: look again.');
  const values = changedSite({ settings }, before, change, configErrors);
  const changed = differences(before, values);
  for (const field of forAdmins) if (changed.includes(field)) mustBeSiteAdmin(actor, id, field);
  if (changed.includes('config.oauth')) {
    const wish = { actor, siteId: id, before: before.rawConfig, after: values.config };
    mustBeTrustedWithIssuers(wish, await sites.all(), settings.globalOauthClient);
  }
  if (changed.length === 0) return { site: before, changed };
  await sites.save(id, values, clock.now());
  const [after] = await sites.readNow([id]);
  return { site: after ?? before, changed };
};
