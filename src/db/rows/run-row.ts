import type {
  AnonymizationRun,
  ListedRun,
  OutcomeCount,
  PeopleRun,
  PersonOutcome,
  PersonRecord,
  PlannedPerson,
  RunAsker,
  RunState,
} from '../../ports/runs.ts';
import type { Secrets } from '../../ports/platform.ts';
import type { RawRow } from '../database.ts';
import { raw, type Sql } from '../sql.ts';
import { dateOf, flagOf, jsonOf, numberOf, objectOf, textOf } from './values.ts';

/** Runs and their people as they are stored, and what authenticates them: who writes the database asks for nothing. */

const listedColumns =
  'id, kind, publicId, siteId, forSiteId, siteIds, extent, actorId, everywhere, operator, atConsole, consoleSiteIds, planner, statedReason, state, reason, planned, lastUserId, workedMs, plannedAt, startedAt, finishedAt, forgivenAt, cancelled';
export const listedRunColumns: Sql = raw(listedColumns);
export const runColumns: Sql = raw(`${listedColumns}, plan, counts, mac`);

/** A running one over a list is stored as `going`: an older process, which would visit a whole site, does not know that word. */
export const storedState = (kind: ListedRun['kind'], state: RunState): StoredState =>
  kind === 'people' && state === 'running' ? 'going' : state;
export type StoredState = RunState | 'going';
export const isRunning: Sql = raw("state IN ('running', 'going')");

// Only our own store writes these words.
export const listedRunOf = (row: RawRow): ListedRun => {
  const id = numberOf(row['id']) ?? 0;
  const state = textOf(row['state']) ?? 'paused';
  const common = {
    id,
    actorId: numberOf(row['actorId']) ?? 0,
    everywhere: flagOf(row['everywhere']) ?? false,
    operator: textOf(row['operator']),
    ...asConsole(row['atConsole'], row['consoleSiteIds']),
    statedReason: textOf(row['statedReason']),
    state: (state === 'going' ? 'running' : state) as RunState,
    reason: textOf(row['reason']) as ListedRun['reason'],
    planned: numberOf(row['planned']) ?? 0,
    lastUserId: numberOf(row['lastUserId']) ?? 0,
    workedMs: numberOf(row['workedMs']) ?? 0,
    startedAt: dateOf(row['startedAt']) ?? new Date(0),
    finishedAt: dateOf(row['finishedAt']),
    forgivenAt: dateOf(row['forgivenAt']),
  };
  if (textOf(row['kind']) !== 'people')
    return { ...common, kind: 'site', name: String(id), siteId: numberOf(row['siteId']) ?? 0 };
  return {
    ...common,
    kind: 'people',
    name: textOf(row['publicId']) ?? '',
    forSiteId: numberOf(row['forSiteId']),
    siteIds: siteIdsOf(row['siteIds']),
    extent: textOf(row['extent']) === 'all-sites' ? 'all-sites' : 'this-site',
    plannedAt: dateOf(row['plannedAt']) ?? new Date(0),
    planner: plannerOf(row['planner']),
    cancelled: numberOf(row['cancelled']),
  };
};

/** As it is stored: a form that is always the same, as it is authenticated. */
export const plannerText = ({ actorId, everywhere, operator, atConsole }: RunAsker): string =>
  JSON.stringify({ actorId, everywhere, operator, ...(atConsole === undefined ? {} : { atConsole }) });

/** Whether at the console, and the ids of the sites that were reached (null: all). */
const asConsole = (is: unknown, siteIds: unknown): Pick<RunAsker, 'atConsole'> => {
  if (flagOf(is) !== true) return {};
  return { atConsole: (siteIds ?? null) === null ? true : idsOf(jsonOf(siteIds)) };
};
/** The columns of it. */
export const consoleColumns = ({ atConsole }: Pick<RunAsker, 'atConsole'>): readonly [true | null, string | null] => [
  atConsole === undefined ? null : true,
  typeof atConsole === 'object' ? JSON.stringify(atConsole) : null,
];

const plannerOf = (value: unknown): RunAsker => {
  const { actorId, everywhere, operator, atConsole } = objectOf(value);
  return {
    actorId: numberOf(actorId) ?? 0,
    everywhere: flagOf(everywhere) ?? false,
    operator: textOf(operator),
    ...(Array.isArray(atConsole) ? { atConsole: idsOf(atConsole) } : asConsole(atConsole, null)),
  };
};

const siteIdsOf = (value: unknown): PeopleRun['siteIds'] => {
  const ids = jsonOf(value);
  if (ids === 'all') return 'all';
  return idsOf(ids);
};
const idsOf = (value: unknown): readonly number[] =>
  Array.isArray(value) ? value.flatMap((id) => numberOf(id) ?? []) : [];

export const runOf = (row: RawRow, secrets: Pick<Secrets, 'macKey'>): AnonymizationRun => {
  const whole = { plan: objectOf(row['plan']), isOurs: isOurs(row, secrets), keptCounts: keptCountsOf(row['counts']) };
  return { ...listedRunOf(row), ...whole };
};

const keptCountsOf = (value: unknown): AnonymizationRun['keptCounts'] => {
  const counts = jsonOf(value);
  return Array.isArray(counts) ? counts.map((one) => outcomeCountOf(objectOf(one))) : null;
};

/** What is authenticated of a run: who asked for what, and the state, as they are stored. */
export type Authentic = Pick<
  AnonymizationRun,
  'id' | 'kind' | keyof RunAsker | 'statedReason' | 'planned' | 'lastUserId' | 'startedAt' | 'forgivenAt'
> &
  Partial<Pick<PeopleRun, 'name' | 'forSiteId' | 'siteIds' | 'extent' | 'planner'>> & {
    readonly siteId: number;
    readonly state: StoredState;
    /** As text. */
    readonly plan: string;
  };

export const authenticOf = (row: RawRow): Authentic => ({
  ...listedRunOf(row),
  siteId: numberOf(row['siteId']) ?? 0,
  state: (textOf(row['state']) ?? 'paused') as StoredState,
  plan: textOf(row['plan']) ?? '',
});

export const runMac = ({ mac }: Pick<Secrets, 'mac'>, run: Authentic): string =>
  run.kind === 'site' ? mac('site run', siteRunText(run)) : mac('people run', peopleRunText(run));

const isOurs = (row: RawRow, { macKey }: Pick<Secrets, 'macKey'>): boolean => {
  const run = authenticOf(row);
  const known = textOf(row['mac']) ?? '';
  return run.kind === 'site'
    ? macKey('site run', siteRunText(run), known) !== null
    : macKey('people run', peopleRunText(run), known) !== null;
};

/**
 * The id is in it, so that a copy is none of ours; as JSON, no two runs come to the same text. Older processes write and read the same,
 * but of a run that was asked for at the console: to them it is not ours, as they would not know in whose right it goes on.
 */
const siteRunText = (run: Authentic): string =>
  JSON.stringify([
    ...['1', run.id, run.siteId, run.actorId, run.everywhere, run.statedReason, run.state],
    ...[run.plan, run.planned, run.lastUserId, run.startedAt.toISOString(), ...byConsole(run)],
  ]);
const byConsole = ({ atConsole }: RunAsker): readonly (string | readonly number[])[] => {
  if (atConsole === undefined) return [];
  return atConsole === true ? ['console'] : ['console', atConsole];
};

const peopleRunText = (run: Authentic): string =>
  JSON.stringify([
    ...['1', run.id, run.name, run.forSiteId, run.siteIds, run.extent, run.actorId, run.everywhere, run.operator],
    ...[run.statedReason, run.state, run.plan, run.planned, run.lastUserId, run.startedAt.toISOString()],
    ...[run.planner === undefined ? null : plannerText(run.planner), run.forgivenAt?.toISOString() ?? null],
    ...byConsole(run),
  ]);

/** Somebody on the list of a run, with the rank that they have there (column `place`). */
export type RankedPerson = Pick<PlannedPerson, 'userId' | 'siteId' | 'digest'> & { readonly rank: number };

/** By the run's random name: nobody is put into a list, and nobody's entry into another list. */
export const rankedPersonText = (runName: string, { rank, siteId, userId, digest }: RankedPerson): string =>
  JSON.stringify(['1', runName, rank, siteId, userId, digest]);

export const rankedPersonOf = (row: RawRow): RankedPerson => ({
  rank: numberOf(row['place']) ?? 0,
  userId: numberOf(row['userId']) ?? 0,
  siteId: numberOf(row['siteId']) ?? 0,
  digest: textOf(row['digest']) ?? '',
});

export const personRecordOf = (row: RawRow): PersonRecord => ({
  userId: numberOf(row['userId']) ?? 0,
  ...outcomeOf(row),
  attempts: numberOf(row['attempts']) ?? 0,
  at: dateOf(row['at']) ?? new Date(0),
  operation: textOf(row['operation']),
});

export const outcomeCountOf = (row: RawRow): OutcomeCount => ({
  ...outcomeOf(row),
  people: numberOf(row['people']) ?? 0,
  cameAfter: numberOf(row['cameAfter']) ?? 0,
  waiting: numberOf(row['waiting']) ?? 0,
});

const outcomeOf = (row: RawRow): Pick<PersonRecord, 'outcome' | 'reason'> => ({
  outcome: (textOf(row['outcome']) ?? 'failed') as PersonOutcome,
  reason: textOf(row['reason']),
});
