import { isPlatformAdmin, type Actor } from '../../domain/actor.ts';
import { Fault } from '../../domain/fault.ts';
import { isJsonObject } from '../../domain/json.ts';
import { mustBeAdmin } from '../../domain/refusals.ts';
import type { AuditRow } from '../../ports/audit.ts';
import type { Ports } from '../../ports/index.ts';
import type { AnonymizationRun, ListedRun, OutcomeCount, PersonRecord, SiteRun } from '../../ports/runs.ts';
import { actorNow, type ActorNowNeeds } from '../actor-now.ts';
import { readRows } from '../audit/read-operation.ts';
import { toldOf } from '../audit/status.ts';
import { isOwnRun, seenRun } from './asker.ts';
import type { NamedRun, PeoplePage, RunStatus, RunStatusCommand, ToldPerson } from './commands.ts';

type Needs = Pick<Ports, 'runs' | 'audit' | 'secrets' | 'clock' | 'log'>;

/** How far the anonymization of a site is, and page by page what came of each person. Faults: `forbidden`, `not-found`. */
export const runStatus =
  (ports: Needs & ActorNowNeeds) =>
  async ({ actor: asking, site, runId, people }: RunStatusCommand): Promise<RunStatus> => {
    // They may have waited for their turn.
    const actor = await actorNow(ports, asking);
    mustBeAdmin(actor, site.id);
    return statusOf(ports, actor, await theRun(ports, site.id, runId), people);
  };

/** How far a run of either kind is, by the name that addresses give it. */
export const namedRunStatus =
  (ports: Needs & ActorNowNeeds) =>
  async ({ actor: asking, name, people }: NamedRun & PeoplePage): Promise<RunStatus> => {
    const actor = await actorNow(ports, asking);
    return statusOf(ports, actor, await seenRun(ports, actor, name), people);
  };

/** The run of this site. Fault `not-found`. */
export const theRun = async ({ runs }: Pick<Ports, 'runs'>, siteId: number, runId: number): Promise<SiteRun> => {
  const run = await runs.find(siteId, runId);
  if (run === null) throw new Fault('not-found', {}, 'There is no such anonymization of this site.');
  return run;
};

/** As of now, and as this actor is told. */
export const statusOf = async (
  ports: Needs,
  actor: Actor,
  run: AnonymizationRun,
  people?: PeoplePage['people'],
): Promise<RunStatus> => {
  const { runs, clock } = ports;
  const counts = await runs.counts(run);
  const done = total(counts, (one) => (one.outcome === 'planned' ? 0 : one.people - one.waiting));
  const isOver = run.state === 'done' || run.state === 'cancelled';
  const found = total(counts, (one) => one.people);
  const progress = { done, total: isOver ? done : Math.max(run.planned, found) };
  const isOwn = isOwnRun(actor, run);
  const { digest, ...shared } = run.plan;
  return {
    run,
    counts,
    progress,
    estimate: estimateOf(run, progress, clock.now()),
    awaitingRemoval: await runs.awaitingRemoval(run.id, isPlatformAdmin(actor) ? 'all' : 'told'),
    peopleKeptUntil: peopleKeptUntil(run),
    plan: isOwn && digest !== undefined ? { digest, ...shared } : shared,
    isOwn,
    people: people === undefined ? null : await pageOf(ports, actor, run, counts, people),
  };
};

const pageOf = async (
  ports: Needs,
  actor: Actor,
  run: AnonymizationRun,
  counts: readonly OutcomeCount[],
  { page, pageSize, outcome }: NonNullable<PeoplePage['people']>,
): Promise<RunStatus['people']> => {
  const part = { offset: page * pageSize, limit: pageSize, ...(outcome === undefined ? {} : { outcome }) };
  const records = await ports.runs.people(run, part);
  const all = total(counts, (one) => (outcome === undefined || one.outcome === outcome ? one.people : 0));
  const totalCount = run.keptCounts === null ? all : await ports.runs.countPeople(run.id, outcome);
  return { page, pageSize, totalCount, forgotten: all - totalCount, records: await told(ports, actor, records) };
};

/** What came of each call at the OAuth server, by what the audit authenticates; of one that is not whole nothing is told. */
const told = async (ports: Needs, actor: Actor, records: readonly PersonRecord[]): Promise<readonly ToldPerson[]> => {
  const names = new Set(records.flatMap(({ operation }) => operation ?? []));
  const rows = new Map<string, AuditRow[]>([...names].map((name) => [name, []]));
  for (const row of await ports.audit.ofOperations([...names])) rows.get(row.operation)?.push(row);
  return records.map((record) => {
    const found = record.operation === null ? null : readRows(ports, rows.get(record.operation) ?? []);
    if (found === null || found === 'not-whole') return { ...record, operation: null, oauth: null };
    const { isAll, progress } = toldOf(actor, found);
    return { ...record, operation: isAll ? record.operation : null, oauth: progress };
  });
};

/** As much time for each person as until now; who was left out when a list was planned took none. */
const estimateOf = (run: AnonymizationRun, { done, total: all }: RunStatus['progress'], now: Date): Date | null => {
  const visited = done - (run.kind === 'people' ? leftOutAtOnce(run) : 0);
  if (run.state !== 'running' || visited <= 0) return null;
  return new Date(now.getTime() + Math.round((run.workedMs / visited) * (all - done)));
};

const leftOutAtOnce = ({ plan }: AnonymizationRun): number => {
  const leftOut = plan['leftOut'] ?? null;
  const people = isJsonObject(leftOut) ? Object.values(leftOut) : [];
  return people.reduce<number>((sum, some) => sum + (typeof some === 'number' ? some : 0), 0);
};

const total = (counts: readonly OutcomeCount[], of: (count: OutcomeCount) => number): number =>
  counts.reduce((sum, one) => sum + of(one), 0);

/** What a plan is bound to; null in what was not written by us. */
export const digestOf = ({ plan }: Pick<AnonymizationRun, 'plan'>): string | null =>
  typeof plan['digest'] === 'string' ? plan['digest'] : null;

type DisownNeeds = Pick<Ports, 'runs' | 'log'>;

/** What the log says of a run. */
export const factsOf = (run: ListedRun): Readonly<Record<string, unknown>> => ({
  runId: run.id,
  siteId: run.kind === 'site' ? run.siteId : run.forSiteId,
});

/**
 * A run that this program did not write, or that was changed: whoever writes the database would have people anonymized in an
 * admin's name. It goes on no more, and is called out. Source: SECURITY.md "Who writes the database".
 */
export const disown = async ({ runs, log }: DisownNeeds, run: AnonymizationRun): Promise<void> => {
  await runs.disown(run.id);
  const what = run.kind === 'site' ? 'a site' : 'a list of people';
  log.error(
    factsOf(run),
    `the anonymization of ${what} was not asked for here, or was changed: nobody more is anonymized for it`,
  );
};

/** The run that is not done at a site, if it is ours. */
export const ownOpenRun = async (ports: DisownNeeds, siteId: number): Promise<SiteRun | null> => {
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

/** Faults `conflict` (rules `run-is-done`, `run-is-cancelled`). */
export const mustNotBeOver = ({ state }: Pick<AnonymizationRun, 'state'>): void => {
  if (state === 'done') throw new Fault('conflict', { rule: 'run-is-done' }, 'This anonymization is done.');
  if (state === 'cancelled')
    throw new Fault('conflict', { rule: 'run-is-cancelled' }, 'This anonymization was cancelled: plan another.');
};

/** Lists are not carried on for ever: who stands on one was judged when it was started. */
const maxDays = 30;
export const isTooOld = ({ clock }: Pick<Ports, 'clock'>, run: ListedRun): boolean =>
  run.kind === 'people' && clock.now().getTime() - run.startedAt.getTime() > maxDays * 86_400_000;

/** How long it is told what a run came to of each person, counted from its end. Source: people.md §1. */
const keptMs = 30 * 86_400_000;
/** Until when a run's people are told one by one; null: it is not over. What nobody asked for here has no end, so its beginning counts. */
export const peopleKeptUntil = ({ reason, startedAt, finishedAt }: ListedRun): Date | null => {
  const from = reason === 'not-written-by-us' ? startedAt : finishedAt;
  return from === null ? null : new Date(from.getTime() + keptMs);
};

type ForgetNeeds = Pick<Ports, 'runs' | 'clock' | 'log' | 'inOneTransaction'>;

const runsAtOnce = 100;

/**
 * Forgets who the people of runs were that ended a while ago, and keeps how many came to what; of whom the removal at the OAuth server is
 * waited for, later. Lists that are too old to be carried on end by that, as else their people would stand there for ever.
 */
export const forgetPeople = async (ports: ForgetNeeds, stopping: () => boolean): Promise<void> => {
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

const end = async ({ runs, log, inOneTransaction }: ForgetNeeds, run: ListedRun): Promise<void> => {
  if (await inOneTransaction(() => runs.cancel(run.id)))
    log.warn(factsOf(run), 'a list of people that was too old to be carried on was cancelled');
};

const forgetWhereDue = async (
  { runs, clock, log, inOneTransaction }: ForgetNeeds,
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
