import type { Actor } from '../../domain/actor.ts';
import type { JsonObject } from '../../domain/json.ts';
import { mustBeAdmin } from '../../domain/refusals.ts';
import type { Ports } from '../../ports/index.ts';
import type { SiteRun } from '../../ports/runs.ts';
import { actorNow } from '../actor-now.ts';
import { shownTotals } from '../anonymization/view.ts';
import { replayOf } from '../anonymization/anonymize-user.ts';
import { assertPrecondition, mustSayPreview } from '../anonymization/execute-plan.ts';
import { userAsking } from './asker.ts';
import { ownOpenRun, statusOf, theRun } from './run-status.ts';
import { mustHaveEnded, planSite } from './preview-site.ts';
import type { AnonymizeSiteCommand, BegunRun, SiteSummary } from './commands.ts';

type Needs = Pick<
  Ports,
  | 'users'
  | 'clients'
  | 'activities'
  | 'sideTables'
  | 'sites'
  | 'runs'
  | 'replays'
  | 'settings'
  | 'secrets'
  | 'log'
  | 'clock'
  | 'startDigest'
  | 'audit'
  | 'identity'
  | 'inOneSnapshot'
  | 'inOneTransaction'
>;

/**
 * Begins anonymizing everybody at an ended site; a job does it, one person a transaction. Where it was begun already and is not
 * done, that run is answered, whatever plan was seen. Faults: `forbidden`, `conflict` (site-has-not-ended, incomplete),
 * `plan-changed`, `preview-required`. Source: user-api.md §3 "Around it", docs/adr/0007.
 */
export const beginRun =
  (ports: Needs) =>
  async (command: AnonymizeSiteCommand): Promise<BegunRun> => {
    const { site } = command;
    // A body may have come slowly, and planning takes long: asked before anything is told, and again before it is done.
    const stillAdmin = async (): Promise<Actor> => {
      const actor = await actorNow(ports, command.actor);
      mustBeAdmin(actor, site.id);
      return actor;
    };
    const actor = await stillAdmin();
    const replay = replayOf(ports, command);
    const answered = async (run: SiteRun, replayed: boolean): Promise<BegunRun> => ({
      status: await statusOf(ports, actor, run),
      replayed,
    });
    const remembered = async (): Promise<SiteRun | null> => {
      const before = await replay.find();
      return before === null ? null : theRun(ports, site.id, Number(before.summary['run']));
    };
    const before = await remembered();
    if (before !== null) return answered(before, true);
    const open = await ownOpenRun(ports, site.id);
    const wanted = open ?? (await newRun(ports, { ...command, actor }));
    return ports.inOneTransaction(async () => {
      await stillAdmin();
      // The same call may have been executed meanwhile.
      const meanwhile = await remembered();
      if (meanwhile !== null) return answered(meanwhile, true);
      const run = open ?? (await ports.runs.begin(wanted));
      await replay.remember({ run: run.id });
      return answered(run, false);
    });
  };

type NewRun = Parameters<Ports['runs']['begin']>[0];

const newRun = async (ports: Needs, { actor, site, stillMatches, reason }: AnonymizeSiteCommand): Promise<NewRun> => {
  const now = await mustHaveEnded(ports, site.id);
  mustSayPreview(stillMatches, [now]);
  const summary = await ports.inOneSnapshot(() => planSite(ports, { actor, site: now }), { hadTurn: true });
  const plan = shownSiteSummary(summary);
  assertPrecondition(stillMatches, summary.digest, [now], () => plan);
  const leftOut = [...summary.leftOut.values()].reduce((sum, people) => sum + people, 0);
  const { lastUserId } = summary;
  const asked = { siteId: site.id, ...userAsking(actor), statedReason: reason ?? null };
  return { ...asked, plan, planned: summary.persons + leftOut, lastUserId };
};

/** A summary as answers show it. */
export const shownSiteSummary = ({ digest, users, persons, leftOut, sites, oauth }: SiteSummary): JsonObject => ({
  digest,
  users,
  persons,
  leftOut: Object.fromEntries(leftOut),
  sites: shownTotals(sites),
  oauth,
});
