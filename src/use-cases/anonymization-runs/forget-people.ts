import type { Ports } from '../../ports/index.ts';
import type { ListedRun } from '../../ports/runs.ts';
import { factsOf, isTooOld, peopleKeptUntil } from './run-status.ts';

type Needs = Pick<Ports, 'runs' | 'clock' | 'log' | 'inOneTransaction'>;

const runsAtOnce = 100;

/**
 * Forgets who the people of runs were that ended a while ago, and keeps how many came to what; of whom the removal at the OAuth server is
 * waited for, later. Lists that are too old to be carried on end by that, as else their people would stand there for ever.
 */
export const forgetPeople = async (ports: Needs, stopping: () => boolean): Promise<void> => {
  for (let after = 0; !stopping();) {
    const runs = await ports.runs.remembered(after, runsAtOnce);
    for (const run of runs) {
      if (stopping()) return;
      if (run.state === 'paused' && isTooOld(ports, run)) await end(ports, run);
      await forgetWhereDue(ports, run, stopping);
    }
    const last = runs.at(-1);
    if (last === undefined || runs.length < runsAtOnce) return;
    after = last.id;
  }
};

const end = async ({ runs, log, inOneTransaction }: Needs, run: ListedRun): Promise<void> => {
  if (await inOneTransaction(() => runs.cancel(run.id)))
    log.warn(factsOf(run), 'a list of people that was too old to be carried on was cancelled');
};

const forgetWhereDue = async (
  { runs, clock, log, inOneTransaction }: Needs,
  run: ListedRun,
  stopping: () => boolean,
): Promise<void> => {
  const until = peopleKeptUntil(run);
  if (until === null || until > clock.now()) return;
  await inOneTransaction(() => runs.keepCounts(run));
  let forgotten = 0;
  while (!stopping()) {
    const some = await inOneTransaction(() => runs.forgetPeople(run.id));
    if (some === 0) break;
    forgotten += some;
  }
  if (forgotten > 0)
    log.info({ ...factsOf(run), people: forgotten }, 'the people of a run that is over were forgotten');
};
