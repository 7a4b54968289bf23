import { follow, type Following } from './across-sites.ts';
import type { CallOptions, Calls, Input, OneOf } from './calls.ts';
import { randomName } from './plan.ts';
import { CivitasProblem } from './problem.ts';
import type { PlanChangedProblem, Run, RunPlan, Runs as RunList } from './types.gen.ts';
import { walk, type PageSize } from './users.ts';

type QueryOf<N extends 'listAnonymizationRuns' | 'readAnonymizationRun'> = NonNullable<Input<N>['query']>;
type PlanBody = NonNullable<Input<'planAnonymizationRun'>['body']>;
/** Whom a run is to be over: `users`, or `siteId` and `filter`; and `everywhere`, `reason` (the number of a ticket). */
export type Whom = OneOf<PlanBody, 'users', 'siteId' | 'filter'> | OneOf<PlanBody, 'siteId' | 'filter', 'users'>;

/** A run that somebody has seen. */
export type PlannedRun = OneRun & { seen: Run };

export interface Started {
  readonly started: true;
  readonly run: Run;
}
/** Nobody is anonymized: it would not be what was planned. Plan another one. */
export interface NotStarted {
  readonly started: false;
  /** What would be done now. */
  readonly current: RunPlan;
}

/** Anonymizations of several people, one after the other in the background. */
export class Runs {
  readonly #calls: Calls;
  constructor(calls: Calls) {
    this.#calls = calls;
  }

  /** Writes down whom it is to be over; `seen` of what is answered tells what it would do. Nobody is anonymized before `start`. */
  async plan(whom: Whom, options: CallOptions = {}): Promise<PlannedRun> {
    const headers = { 'Idempotency-Key': randomName() };
    const seen = await this.#calls.call('planAnonymizationRun', { ...options, body: whom, headers });
    return Object.assign(new OneRun(this.#calls, seen.id), { seen });
  }

  /** All that one sees, newest first, page by page while they are read. */
  all(
    { pageSize = 100, ...filter }: Pick<QueryOf<'listAnonymizationRuns'>, 'state'> & PageSize = {},
    options: CallOptions = {},
  ): AsyncGenerator<RunList['records'][number], void> {
    return walk((cursor) =>
      this.#calls.call('listAnonymizationRuns', { ...options, query: { ...filter, pageSize, cursor } }),
    );
  }
}

/** One of them, over a list of people or over a whole site. */
export class OneRun {
  /** What addresses call it. */
  readonly name: string;
  /** As it was planned, or read last by `get` or `progress`; null: not yet. */
  seen: Run | null = null;
  readonly #calls: Calls;
  readonly #path: { readonly run: string };

  constructor(calls: Calls, name: string) {
    this.name = name;
    this.#calls = calls;
    this.#path = { run: name };
  }

  async get(options: CallOptions = {}): Promise<Run> {
    return (this.seen = await this.#calls.call('readAnonymizationRun', { ...options, path: this.#path }));
  }

  /** Starts exactly what was planned and `seen`, or nothing: that is an answer. TypeError where nobody has seen it. */
  async start(options: CallOptions = {}): Promise<Started | NotStarted> {
    try {
      const bound = { ...options, ...this.#calls.ifStill(this.seen ?? {}), path: this.#path };
      return { started: true, run: await this.#calls.call('startAnonymizationRun', bound) };
    } catch (error) {
      if (!(error instanceof CivitasProblem) || error.problem.type !== '/problems/plan-changed') throw error;
      const { current } = error.problem;
      if (!isOfRun(current)) throw error;
      return { started: false, current };
    }
  }

  /** How far it is, again and again, until it stands, or is done and everybody is removed at the OAuth server. */
  progress(options: Following = {}): AsyncGenerator<Run, void> {
    return follow(
      () => this.get(options),
      ({ state, awaitingRemoval }) => state !== 'running' && (state !== 'done' || awaitingRemoval === 0),
      options,
    );
  }

  /** What came of each person, page by page while it is read; 30 days after its end (`peopleKeptUntil`) nobody is told any more. */
  async *people(
    query: Pick<QueryOf<'readAnonymizationRun'>, 'outcome'> = {},
    options: CallOptions = {},
  ): AsyncGenerator<NonNullable<Run['people']>['records'][number], void> {
    for (let page = 0, pages = 1; page < pages; page += 1) {
      const { people } = await this.#calls.call('readAnonymizationRun', {
        ...options,
        path: this.#path,
        query: { ...query, page, pageSize: 100 },
      });
      yield* people?.records ?? [];
      pages = people?.metadata.pageCount ?? 0;
    }
  }

  /** From now on nobody more is anonymized by it. */
  pause(options: CallOptions = {}): Promise<Run> {
    return this.#calls.call('pauseAnonymizationRun', { ...options, path: this.#path });
  }

  /** Goes on where it stood, from now on in the name of whoever resumes it. */
  resume(options: CallOptions = {}): Promise<Run> {
    return this.#calls.call('resumeAnonymizationRun', { ...options, path: this.#path });
  }

  /** Ends it for good; what was planned only is gone. */
  cancel(options: CallOptions = {}): Promise<Run> {
    return this.#calls.call('cancelAnonymizationRun', { ...options, path: this.#path });
  }
}

/** A plan of a list names the first of its sites. */
const isOfRun = (plan: PlanChangedProblem['current']): plan is RunPlan => !Array.isArray(plan.sites);
