import { Fault } from '../../domain/fault.ts';
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
