import { Fault } from '../../domain/fault.ts';
import type { Site } from '../../domain/sites/site.ts';
import type { Ports } from '../../ports/index.ts';
import type { AnonymizationRun } from '../../ports/runs.ts';

type Needs = Pick<Ports, 'runs' | 'log'>;

/**
 * A run that this program did not write, or that was changed: whoever writes the database would have people anonymized in an
 * admin's name. It goes on no more, and is called out. Source: SECURITY.md "Who writes the database".
 */
export const disown = async ({ runs, log }: Needs, { id, siteId }: AnonymizationRun): Promise<void> => {
  await runs.disown(id);
  log.error(
    { runId: id, siteId },
    'the anonymization of a site was not asked for here, or was changed: nobody more is anonymized for it',
  );
};

/** The run that is not done at a site, if it is ours. */
export const ownOpenRun = async (ports: Needs, siteId: number): Promise<AnonymizationRun | null> => {
  const open = await ports.runs.openAt(siteId);
  if (open === null || open.isOurs) return open;
  await disown(ports, open);
  return null;
};

/** Fault `conflict` (rule `not-written-by-us`). */
export const mustBeOurs = async (ports: Needs, run: AnonymizationRun): Promise<void> => {
  if (run.isOurs) return;
  await disown(ports, run);
  throw new Fault(
    'conflict',
    { rule: 'not-written-by-us' },
    'This anonymization was not asked for here, or was changed in the database: begin another.',
  );
};

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
