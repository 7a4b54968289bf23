import type { Actor } from '../../domain/actor.ts';
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
import { atOnce } from '../commands.ts';
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
    const planned = change.config === undefined ? null : await plannedAhead(ports, command);
    const unit = () => changeOnce(ports, command, planned);
    const { domain } = change;
    // Its own it has already, and no other can take it.
    const done = await (domain === undefined || domain === site.domain
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

/**
 * What a config comes to is worked out before the site is locked, as others have their turn meanwhile; what it would hold as it stands
 * now is tried then, too, so that no other machine is asked under the lock. Under it the plan counts where the site is the same still.
 */
const plannedAhead = async (ports: SiteNeeds, command: UpdateSiteCommand): Promise<Planned> => {
  const { site, inTurn = atOnce } = command;
  // In turn for this alone: whatever is waited for besides, nobody else is to wait for.
  const planned = await inTurn(async () => {
    const [before] = await ports.sites.readNow([site.id]);
    if (before === undefined) throw new Fault('site-not-found', {});
    // The body may have come slowly, and the turn late: what does not fit is told of what the site holds.
    const actor = await actorNow(ports, command.actor);
    mustBeEditor(actor, site.id);
    return planOf(ports, before, { ...command, actor }, () => ports.clock.nextTurn());
  });
  await tryCredentials(ports, planned.credentials);
  return planned;
};

const changeOnce = async (
  ports: SiteNeeds,
  command: UpdateSiteCommand,
  planned: Planned | null,
): Promise<{ readonly site: Site; readonly changed: readonly string[] }> => {
  const { sites, clock } = ports;
  const { id } = command.site;
  const before = await sites.locked(id);
  if (before === null) throw new Fault('site-not-found', {});
  const actor = await actorNow(ports, command.actor);
  mustBeEditor(actor, id);
  if (command.change.domain === command.site.domain && command.change.domain !== before.domain) throw movedMeanwhile();
  // The same object: the store reads what is stored unchanged as the site that it gave before (`siteReader`), so that nothing was saved
  // since. Were it another one, all would be planned anew under the lock, which is slower, and as right.
  const isPlanned = planned?.before === before;
  const { values, changed, credentials } = isPlanned
    ? planned
    : await planOf(ports, before, { ...command, actor }, () => Promise.resolve());
  if (isPlanned) mayChange(actor, id, changed);
  if (command.stillMatches?.(before) === false)
    throw new Fault('precondition-failed', {}, 'The site is not what you saw: look again.');
  mustHaveBeenTried(credentials, planned?.credentials ?? []);
  if (changed.length === 0) return { site: before, changed };
  if (changed.includes(forPlatformAdmins)) await mustKeepPlatformApart(ports, id, values);
  await sites.save(id, values, clock.now());
  const [after] = await sites.readNow([id]);
  return { site: after ?? before, changed };
};

const movedMeanwhile = (): Fault<'busy'> =>
  new Fault('busy', { retryAfterSeconds: 1 }, 'The domain of this site changed meanwhile.');

interface Planned {
  readonly before: Site;
  readonly values: SiteValues;
  readonly changed: readonly string[];
  /** Those that are new. */
  readonly credentials: readonly NamedClient[];
}

/** What the site would hold; who may not change what differs is refused. */
const planOf = async (
  { settings }: SiteNeeds,
  before: Site,
  { actor, change, configErrors }: UpdateSiteCommand,
  between: () => Promise<void>,
): Promise<Planned> => {
  const { values, changed, mustBeRight } = await mergedSite({ settings, between }, before, change, configErrors);
  // Before its values are looked at: what that costs is for whoever may change them.
  if (changed.includes(forPlatformAdmins)) mustBePlatformAdmin(actor, forPlatformAdmins);
  await mustBeRight();
  mayChange(actor, before.id, changed);
  if (!changed.includes(forPlatformAdmins)) return { before, values, changed, credentials: [] };
  const credentials = newCredentials(before.rawConfig, values.config, settings.globalOauthClient);
  return { before, values, changed, credentials };
};

const mayChange = (actor: Actor, siteId: number, changed: readonly string[]): void => {
  if (changed.includes(forPlatformAdmins)) mustBePlatformAdmin(actor, forPlatformAdmins);
  for (const field of forAdmins) if (changed.includes(field)) mustBeSiteAdmin(actor, siteId, field);
};
