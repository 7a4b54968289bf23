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
