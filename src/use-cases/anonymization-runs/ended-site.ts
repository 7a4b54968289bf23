import { Fault } from '../../domain/fault.ts';
import type { Site } from '../../domain/site.ts';
import type { Ports } from '../../ports/index.ts';

/** The site as it stands now, past the cache. Faults: `conflict` (rule `site-has-not-ended`), `site-not-found`. Source: user-api.md §3 "Around it". */
export const mustHaveEnded = async ({ sites }: Pick<Ports, 'sites'>, siteId: number): Promise<Site> =>
  endedSite((await sites.readNow([siteId]))[0] ?? null);

/** The same of a site that was read just now; null: it is gone. */
export const endedSite = (site: Site | null): Site => {
  if (site === null) throw new Fault('site-not-found', {});
  if (site.config.projectHasEnded) return site;
  throw new Fault(
    'conflict',
    { rule: 'site-has-not-ended', setting: 'project.projectHasEnded' },
    'Only the people of a site that has ended can be anonymized all together.',
  );
};
