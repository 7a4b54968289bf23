import { mustBeAdmin } from '../../domain/refusals.ts';
import type { Ports } from '../../ports/index.ts';
import { actorNow } from '../actor-now.ts';
import { mustHaveEnded } from './disowned-run.ts';
import type { AtSite } from '../commands.ts';
import type { SiteSummary } from './commands.ts';
import { planSite } from './site-plan.ts';

type Needs = Pick<
  Ports,
  | 'users'
  | 'clients'
  | 'activities'
  | 'sideTables'
  | 'sites'
  | 'settings'
  | 'clock'
  | 'startDigest'
  | 'identity'
  | 'inOneSnapshot'
>;

/** What anonymizing everybody at an ended site would do, as of one moment. Changes nothing. Faults: `forbidden`, `conflict`. */
export const previewSite =
  (ports: Needs) =>
  async ({ actor: asked, site }: AtSite): Promise<SiteSummary> => {
    // A body may have come slowly: what its sender might when it began proves nothing.
    const actor = await actorNow(ports, asked);
    mustBeAdmin(actor, site.id);
    const now = await mustHaveEnded(ports, site.id);
    return ports.inOneSnapshot(() => planSite(ports, { actor, site: now }));
  };
