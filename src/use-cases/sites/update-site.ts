import { Fault } from '../../domain/fault.ts';
import type { Site, SiteValues } from '../../domain/sites/site.ts';
import { mustBeEditor, mustBePlatformAdmin, mustBeSiteAdmin } from '../../domain/refusals.ts';
import { actorNow } from '../actor-now.ts';
import {
  mergedSite,
  mustHaveBeenTried,
  newCredentials,
  tryCredentials,
  takingDomain,
  type NamedClient,
} from './merged-site.ts';
import { mustKeepPlatformApart } from './platform-site.ts';
import type { UpdateSiteCommand, SiteNeeds } from './commands.ts';

/** What only an admin of the site may change: which pages may act for people, and where their logins come back to. */
const forAdmins = ['config.allowedDomains', 'domain'] as const;
/** A client's secret is a key to everybody at its OAuth server: not even an admin of the site has it to give. */
const forPlatformAdmins = 'config.oauth';

/**
 * Changes a site, merged under a lock, so that two changes at once lose nothing. A change that changes nothing writes nothing.
 * Credentials at OAuth servers are tried before. Faults: `forbidden`, `invalid-values`, those of the OAuth server,
 * `precondition-failed`, `conflict` (rule `domain-taken`), `site-not-found`, `busy`. Source: user-api.md §3 "Around it",
 * oauth-server.md §1, docs/adr/0011.
 */
export const updateSite =
  (ports: SiteNeeds) =>
  async (command: UpdateSiteCommand): Promise<Site> => {
    const { actor, site, change } = command;
    mustBeEditor(actor, site.id);
    // Before anybody is told whether another site has it, and before a server is asked: what is kept is asked about under the lock.
    if (change.domain !== undefined && change.domain !== site.domain) mustBeSiteAdmin(actor, site.id, 'domain');
    const tried = await triedCredentials(ports, command);
    const unit = () => changeOnce(ports, command, tried);
    const { domain } = change;
    const done = await (domain === undefined
      ? ports.inOneTransaction(unit)
      : takingDomain(ports, domain, site.id, unit));
    if (done.changed.length === 0) return done.site;
    await ports.changes.announce({ kind: 'site', id: site.id });
    // Keys of a config are names that we know or that a site gave itself; no value stands here.
    ports.log.info(
      { siteId: site.id, actorId: actor.userId, changed: done.changed.slice(0, 20).map((name) => name.slice(0, 64)) },
      'a site was changed',
    );
    return done.site;
  };

/** No other machine is asked while the site is locked: what it would hold as it stands now is tried before. */
const triedCredentials = async (ports: SiteNeeds, command: UpdateSiteCommand): Promise<readonly NamedClient[]> => {
  const { config } = command.change;
  if (config === undefined || !Object.hasOwn(config, 'oauth')) return [];
  const [before] = await ports.sites.readNow([command.site.id]);
  if (before === undefined) throw new Fault('site-not-found', {});
  const { credentials } = valuesOf(ports, before, command);
  await tryCredentials(ports, credentials);
  return credentials;
};

const changeOnce = async (
  ports: SiteNeeds,
  command: UpdateSiteCommand,
  tried: readonly NamedClient[],
): Promise<{ readonly site: Site; readonly changed: readonly string[] }> => {
  const { sites, clock } = ports;
  const { id } = command.site;
  const before = await sites.locked(id);
  if (before === null) throw new Fault('site-not-found', {});
  const actor = await actorNow(ports, command.actor);
  mustBeEditor(actor, id);
  const { values, changed, credentials } = valuesOf(ports, before, { ...command, actor });
  if (command.stillMatches?.(before) === false)
    throw new Fault('precondition-failed', {}, 'The site is not what you saw: look again.');
  mustHaveBeenTried(credentials, tried);
  if (changed.length === 0) return { site: before, changed };
  if (changed.includes(forPlatformAdmins)) await mustKeepPlatformApart(ports, id, values);
  await sites.save(id, values, clock.now());
  const [after] = await sites.readNow([id]);
  return { site: after ?? before, changed };
};

interface Planned {
  readonly values: SiteValues;
  readonly changed: readonly string[];
  /** Those that are new. */
  readonly credentials: readonly NamedClient[];
}

/** What the site would hold; who may not change what differs is refused. */
const valuesOf = (
  { settings }: SiteNeeds,
  before: Site,
  { actor, change, configErrors }: UpdateSiteCommand,
): Planned => {
  const { values, changed, mustBeRight } = mergedSite({ settings }, before, change, configErrors);
  // Before its values are looked at: what that costs is for whoever may change them.
  if (changed.includes(forPlatformAdmins)) mustBePlatformAdmin(actor, forPlatformAdmins);
  mustBeRight();
  for (const field of forAdmins) if (changed.includes(field)) mustBeSiteAdmin(actor, before.id, field);
  if (!changed.includes(forPlatformAdmins)) return { values, changed, credentials: [] };
  const credentials = newCredentials(before.rawConfig, values.config, settings.globalOauthClient);
  return { values, changed, credentials };
};
