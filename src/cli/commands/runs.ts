import { setTimeout as pause } from 'node:timers/promises';
import { summaryTotals } from '../../activity-types/index.ts';
import type { Container } from '../../container.ts';
import { isFault } from '../../domain/fault.ts';
import { isJsonObject, type Json, type JsonObject } from '../../domain/json.ts';
import { listedRuns, namedRunAnswer } from '../../http/presenters/run.ts';
import { parsePlan } from '../../http/requests/run-body.ts';
import { restAsLong } from '../../jobs/jobs.ts';
import type { PersonOutcome, RunState } from '../../ports/runs.ts';
import type { RunStatus } from '../../use-cases/anonymization-runs/commands.ts';
import { workOnRuns } from '../../use-cases/anonymization-runs/work-on-runs.ts';
import { CommandFailed, type Ending } from '../endings.ts';
import { jsonText, mustAgree, mustBeAbleToAsk, type Agreement, type Io } from '../io.ts';
import { operatorHere } from '../operator.ts';
import { progressAt } from '../progress.ts';
import { factsText, tableText, type Cell } from '../table.ts';
import { withContainer } from '../with-container.ts';

export interface PlanOptions {
  readonly users?: readonly number[];
  readonly site?: number;
  readonly filter?: JsonObject;
  readonly everywhere?: boolean;
  readonly reason?: string;
}
export interface StartOptions extends Agreement {
  readonly wait?: boolean;
}
export interface ShowOptions {
  readonly people?: boolean;
  readonly outcome?: PersonOutcome;
  readonly page: number;
}

/** Writes down whom a run is to be over, and shows what it would do. Nobody is anonymized. */
export const planRun = (io: Io, { users, site, filter, everywhere = false, reason }: PlanOptions): Promise<Ending> =>
  withContainer(async ({ useCases, ports }, { timeZone }) => {
    const actor = operatorHere();
    const body = {
      ...(users === undefined ? {} : { users }),
      ...(site === undefined ? {} : { siteId: site }),
      ...(filter === undefined ? {} : { filter }),
      ...{ everywhere, ...(reason === undefined ? {} : { reason }) },
    };
    io.interrupts.onEnd('Stopped. Nobody was anonymized; a plan that was made is forgotten after a day.');
    const asked = await parsePlan(body, { actor, sites: ports.sites, timeZone });
    const { status } = await useCases.planRun({ actor, ...asked });
    await printStatus(io, status);
    io.tell(
      `Nobody is anonymized yet: \`civitas run start ${status.run.name}\` begins it. It is forgotten after a day.`,
    );
    return 'done';
  });

/** Shows the plan, asks, and begins exactly that plan; with `wait` carries it on here too, until it stands or is done. */
export const startRun = (io: Io, name: string, options: StartOptions): Promise<Ending> => {
  mustBeAbleToAsk(io, options, true);
  return withContainer(async (container) => {
    const { useCases } = container;
    const actor = operatorHere();
    const before = await useCases.namedRunStatus({ actor, name });
    const digest = before.plan['digest'];
    if (!io.json) await io.print(statusText(io, before));
    if (options.ifMatch !== undefined && options.ifMatch !== digest) throw planChanged();
    const persons = before.plan['persons'];
    await mustAgree(io, `Anonymize ${planNumber(persons)} people? There is no way back.`, options);
    const stillMatches = (present: string): boolean => present === digest;
    const begun = await io.interrupts.finishing(async () => {
      try {
        return await useCases.startRun({ actor, name, stillMatches });
      } catch (error) {
        throw isFault(error, 'plan-changed') ? planChanged(error) : error;
      }
    });
    io.tell('Started.', 'green');
    if (options.wait === true) return carryOn(io, container, name);
    if (io.json) await io.print(jsonText(namedRunAnswer(begun).body));
    return goesOn(io, name);
  }, whoFailedIsTold);
};

const goesOn = (io: Io, name: string): Ending => {
  io.tell(`Any instance that runs carries it on: \`civitas run show ${name}\` says how far it is.`);
  return 'done';
};
/** The run's own people say who failed, and why. */
const whoFailedIsTold = 'silent';

const planChanged = (cause?: unknown): CommandFailed =>
  new CommandFailed(
    'Refused: what would be done is not what was planned. Nothing was done: plan another run, and decide anew.',
    'refused',
    { cause },
  );

/** As an instance that runs does, and beside those: each run is held by one at a time. A signal ends it behind the person under way. */
const carryOn = async (io: Io, { useCases, ports, deliver }: Container, name: string): Promise<Ending> => {
  const { signal, finishing, onEnd } = io.interrupts;
  onEnd('Stopped. The run goes on with any instance that runs.');
  const progress = progressAt(io);
  const look = async (): Promise<RunStatus> => {
    const status = await useCases.namedRunStatus({ actor: operatorHere(), name });
    progress.tell({ work: 'anonymizing people', done: status.progress.done, of: status.progress.total });
    return status;
  };
  const work = workOnRuns(ports, async (tookMs) => {
    await look();
    await restAsLong(tookMs);
  });
  const status = await finishing(async () => {
    for (;;) {
      const present = await look();
      if (present.run.state !== 'running' || signal.aborted) {
        // What is due at the OAuth server is tried once.
        while (present.awaitingRemoval > 0 && !signal.aborted && (await deliver()) !== null);
        return look();
      }
      await work(() => signal.aborted);
      // Held by another instance, or somebody is waited for.
      await pause(500, undefined, { signal }).catch(() => undefined);
    }
  });
  progress.end();
  await printStatus(io, status);
  return endOfRun(io, status);
};

const endOfRun = (io: Io, { run, awaitingRemoval, counts }: RunStatus): Ending => {
  const failed = counts.filter(({ outcome }) => outcome === 'failed').reduce((sum, { people }) => sum + people, 0);
  if (run.state === 'running')
    throw new CommandFailed(
      `Stopped here. The run goes on with any instance that runs: \`civitas run pause ${run.name}\` stops it.`,
    );
  if (run.state !== 'done')
    throw new CommandFailed(`The run is ${run.state}${run.reason === null ? '' : ` (${run.reason})`}.`);
  if (failed > 0)
    throw new CommandFailed(`Done, and ${failed} failed: \`civitas run show ${run.name} --people\` says who.`);
  if (awaitingRemoval === 0) return 'done';
  io.tell(`Done here; ${awaitingRemoval} people are still to be removed at the OAuth server.`);
  return 'waiting';
};

export interface ListOptions {
  readonly state?: RunState;
  readonly limit: number;
  readonly cursor?: string;
}

export const listRuns = (io: Io, { state, limit, cursor }: ListOptions): Promise<Ending> =>
  withContainer(async ({ useCases }) => {
    const asked = { state: state ?? null, cursor: cursor ?? null, pageSize: limit };
    const listed = await useCases.listRuns({ actor: operatorHere(), ...asked });
    if (io.json) await io.print(jsonText(listedRuns(listed, { path: '', rawQuery: {}, pageSize: limit }).body));
    else if (listed.runs.length === 0) io.tell('There is no such run.');
    else {
      const rows = listed.runs.map((run): readonly Cell[] => {
        const siteId = run.kind === 'site' ? run.siteId : run.forSiteId;
        const startedAt = run.state === 'planned' ? null : run.startedAt;
        return [run.name, run.kind, siteId, run.state, run.reason, run.planned, startedAt, run.finishedAt];
      });
      await io.print(
        tableText(io.out, ['run', 'kind', 'site', 'state', 'reason', 'people', 'started', 'finished'], rows),
      );
    }
    if (listed.cursor !== null && !io.json) io.tell(`There is more: add --cursor ${listed.cursor}`);
    return 'done';
  });

const peopleAPage = 100;

export const showRun = (io: Io, name: string, { people = false, outcome, page }: ShowOptions): Promise<Ending> =>
  withContainer(async ({ useCases }) => {
    const wanted = { page: page - 1, pageSize: peopleAPage, ...(outcome === undefined ? {} : { outcome }) };
    const part = people || outcome !== undefined ? { people: wanted } : {};
    const status = await useCases.namedRunStatus({ actor: operatorHere(), name, ...part });
    await printStatus(io, status);
    const found = status.people;
    if (found === null || io.json) return 'done';
    const rows = found.records.map(
      ({ userId, outcome: came, reason, attempts, at, oauth, operation }): readonly Cell[] => {
        return [String(userId), came, reason, attempts, at, oauth?.removal ?? null, operation];
      },
    );
    await io.print(
      `\n${tableText(io.out, ['user', 'outcome', 'reason', 'tries', 'at', 'OAuth server', 'operation'], rows)}`,
    );
    if (found.totalCount > page * peopleAPage) io.tell(`There are ${found.totalCount}: add --page ${page + 1}`);
    return 'done';
  });

/** `cancel` is for good, and `resume` goes on with what is, so they are asked first. */
export const steerRun = (
  io: Io,
  name: string,
  verb: 'pause' | 'resume' | 'cancel',
  { wait = false, ...agreement }: StartOptions = {},
): Promise<Ending> => {
  const question = steeringAsks[verb];
  if (question !== null) mustBeAbleToAsk(io, agreement);
  return withContainer(async (container) => {
    const { useCases } = container;
    const actor = operatorHere();
    if (question !== null) await mustAgree(io, question(name), agreement);
    const steer = { pause: useCases.pauseRun, resume: useCases.resumeRun, cancel: useCases.cancelRun }[verb];
    const status = await io.interrupts.finishing(() => steer({ actor, name }));
    if (wait) return carryOn(io, container, name);
    await printStatus(io, status);
    return verb === 'resume' ? goesOn(io, name) : 'done';
  }, whoFailedIsTold);
};

const steeringAsks = {
  pause: null,
  resume: (name: string) => `Resume the run ${name} in your name? There is no way back for whoever it visits.`,
  cancel: (name: string) => `Cancel the run ${name} for good?`,
} as const;

const printStatus = (io: Io, status: RunStatus): Promise<void> =>
  io.print(io.json ? jsonText(namedRunAnswer(status, { path: '', query: {} }).body) : statusText(io, status));

const statusText = ({ out }: Io, status: RunStatus): string => {
  const { run, progress, estimate, counts, awaitingRemoval, peopleKeptUntil, plan } = status;
  const told = counts.map(
    ({ outcome, reason, people }) => `${people} ${outcome}${reason === null ? '' : ` (${reason})`}`,
  );
  const leftOut = Object.entries(isJsonObject(plan['leftOut'] ?? null) ? (plan['leftOut'] as JsonObject) : {});
  const facts: readonly (readonly [string, Cell])[] = [
    ['run', run.name],
    ['state', run.reason === null ? run.state : `${run.state} (${run.reason})`],
    [
      'reach',
      run.kind === 'site'
        ? `everybody at site ${run.siteId}`
        : run.extent === 'all-sites'
          ? 'everywhere'
          : 'at the sites of their rows',
    ],
    ['reason', run.statedReason],
    ['people', `${progress.done} of ${progress.total}`],
    ['outcomes', told.length === 0 ? null : told.join(', ')],
    ['left out', leftOut.length === 0 ? null : leftOut.map(([rule, n]) => `${planNumber(n)} ${rule}`).join(', ')],
    ['started', run.state === 'planned' ? null : run.startedAt],
    ['finished', run.finishedAt],
    ['done by', estimate],
    ['to be removed at the OAuth server', awaitingRemoval],
    ['people are told until', peopleKeptUntil],
    ['digest', planText(plan['digest'])],
  ];
  const sites = sitesIn(plan);
  const heads = [
    'site',
    'title',
    'rows',
    ...summaryTotals.map(({ plural, of }) => `${plural} ${of === 'goes' ? 'go' : 'stay'}`),
  ];
  const rows = sites.map((site): readonly Cell[] => [
    ...[planText(site['id']), planText(site['title']), planNumber(site['users'])],
    ...summaryTotals.map(({ name }) => planNumber(site[name])),
  ]);
  return `${factsText(out, facts)}${rows.length === 0 ? '' : `\n${tableText(out, heads, rows)}`}`;
};

/** Of a plan as answers show it: of a whole site a list, of a list of people the first of them. */
const sitesIn = (plan: JsonObject): readonly JsonObject[] => {
  const sites = plan['sites'] ?? null;
  const list = isJsonObject(sites) ? (sites['first'] ?? null) : sites;
  return Array.isArray(list) ? (list as readonly Json[]).filter(isJsonObject) : [];
};
const planText = (value: Json | undefined): string | null =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : null;
const planNumber = (value: Json | undefined): number => (typeof value === 'number' ? value : 0);
