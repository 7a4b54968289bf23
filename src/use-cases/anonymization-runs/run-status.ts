import { Fault } from '../../domain/fault.ts';
import { mustBeAdmin } from '../../domain/refusals.ts';
import type { Ports } from '../../ports/index.ts';
import type { OutcomeCount, AnonymizationRun } from '../../ports/runs.ts';
import type { RunStatus, RunStatusCommand } from './commands.ts';

type Needs = Pick<Ports, 'runs' | 'clock'>;

/** How far the anonymization of a site is, and page by page what came of each person. Faults: `forbidden`, `not-found`. */
export const runStatus =
  (ports: Needs) =>
  async ({ actor, site, runId, people }: RunStatusCommand): Promise<RunStatus> => {
    mustBeAdmin(actor, site.id);
    return statusOf(ports, await theRun(ports, site.id, runId), people);
  };

/** The run of this site. Fault `not-found`. */
export const theRun = async (
  { runs }: Pick<Ports, 'runs'>,
  siteId: number,
  runId: number,
): Promise<AnonymizationRun> => {
  const run = await runs.find(siteId, runId);
  if (run === null) throw new Fault('not-found', {}, 'There is no such anonymization of this site.');
  return run;
};

/** As of now. */
export const statusOf = async (
  { runs, clock }: Needs,
  run: AnonymizationRun,
  people?: RunStatusCommand['people'],
): Promise<RunStatus> => {
  const counts = await runs.counts(run);
  const done = total(counts, (one) => one.people - one.waiting);
  const progress = {
    done,
    total:
      run.state === 'done'
        ? done
        : Math.max(
            run.planned,
            total(counts, (one) => one.people),
          ),
  };
  return {
    run,
    counts,
    progress,
    estimate: estimateOf(run, progress, clock.now()),
    people: people === undefined ? null : await pageOf(runs, run, counts, people),
  };
};

const pageOf = async (
  runs: Ports['runs'],
  run: AnonymizationRun,
  counts: readonly OutcomeCount[],
  { page, pageSize, outcome }: NonNullable<RunStatusCommand['people']>,
): Promise<RunStatus['people']> => {
  const wanted = counts.filter((one) => outcome === undefined || one.outcome === outcome);
  const part = { offset: page * pageSize, limit: pageSize, ...(outcome === undefined ? {} : { outcome }) };
  return {
    page,
    pageSize,
    totalCount: total(wanted, (one) => one.people),
    records: await runs.people(run.id, part),
  };
};

/** As much time for each person as until now. */
const estimateOf = (
  { state, workedMs }: AnonymizationRun,
  { done, total: all }: RunStatus['progress'],
  now: Date,
): Date | null =>
  state !== 'running' || done === 0 ? null : new Date(now.getTime() + Math.round((workedMs / done) * (all - done)));

const total = (counts: readonly OutcomeCount[], of: (count: OutcomeCount) => number): number =>
  counts.reduce((sum, one) => sum + of(one), 0);

type DisownNeeds = Pick<Ports, 'runs' | 'log'>;

/**
 * A run that this program did not write, or that was changed: whoever writes the database would have people anonymized in an
 * admin's name. It goes on no more, and is called out. Source: SECURITY.md "Who writes the database".
 */
export const disown = async ({ runs, log }: DisownNeeds, { id, siteId }: AnonymizationRun): Promise<void> => {
  await runs.disown(id);
  log.error(
    { runId: id, siteId },
    'the anonymization of a site was not asked for here, or was changed: nobody more is anonymized for it',
  );
};

/** The run that is not done at a site, if it is ours. */
export const ownOpenRun = async (ports: DisownNeeds, siteId: number): Promise<AnonymizationRun | null> => {
  const open = await ports.runs.openAt(siteId);
  if (open === null || open.isOurs) return open;
  await disown(ports, open);
  return null;
};

/** Fault `conflict` (rule `not-written-by-us`). */
export const mustBeOurs = async (ports: DisownNeeds, run: AnonymizationRun): Promise<void> => {
  if (run.isOurs) return;
  await disown(ports, run);
  throw new Fault(
    'conflict',
    { rule: 'not-written-by-us' },
    'This anonymization was not asked for here, or was changed in the database: begin another.',
  );
};
