import type { OutcomeCount, PauseReason, PersonOutcome, PersonRecord, AnonymizationRun } from '../../ports/runs.ts';
import type { Secrets } from '../../ports/secrets.ts';
import type { RawRow } from '../database.ts';
import { raw, type Sql } from '../sql.ts';
import { dateOf, flagOf, numberOf, objectOf, textOf } from './values.ts';

export const runColumns: Sql = raw(
  'id, siteId, actorId, everywhere, statedReason, state, reason, plan, planned, lastUserId, workedMs, startedAt, finishedAt, mac',
);

// Only our own store writes these words.
export const runOf = (row: RawRow, secrets: Pick<Secrets, 'macKey'>): AnonymizationRun => ({
  ...askedOf(row),
  reason: textOf(row['reason']) as PauseReason | null,
  plan: objectOf(row['plan']),
  workedMs: numberOf(row['workedMs']) ?? 0,
  finishedAt: dateOf(row['finishedAt']),
  isOurs: isOurs(row, secrets),
});

/** Who asked for what, and the state: what a run's MAC is over. */
export interface Asked extends Pick<
  AnonymizationRun,
  'id' | 'siteId' | 'actorId' | 'everywhere' | 'statedReason' | 'state' | 'planned' | 'lastUserId' | 'startedAt'
> {
  /** As it is stored. */
  readonly plan: string;
}

/** The id is in it, so that a copy is none of ours; as JSON, no two runs come to the same text. */
export const authenticText = (run: Asked): string =>
  JSON.stringify([
    ...['1', run.id, run.siteId, run.actorId, run.everywhere, run.statedReason, run.state],
    ...[run.plan, run.planned, run.lastUserId, run.startedAt.toISOString()],
  ]);

export const askedOf = (row: RawRow): Asked => ({
  id: numberOf(row['id']) ?? 0,
  siteId: numberOf(row['siteId']) ?? 0,
  actorId: numberOf(row['actorId']) ?? 0,
  everywhere: flagOf(row['everywhere']) ?? false,
  statedReason: textOf(row['statedReason']),
  state: (textOf(row['state']) ?? 'paused') as AnonymizationRun['state'],
  plan: textOf(row['plan']) ?? '',
  planned: numberOf(row['planned']) ?? 0,
  lastUserId: numberOf(row['lastUserId']) ?? 0,
  startedAt: dateOf(row['startedAt']) ?? new Date(0),
});

const isOurs = (row: RawRow, { macKey }: Pick<Secrets, 'macKey'>): boolean =>
  macKey('site run', authenticText(askedOf(row)), textOf(row['mac']) ?? '') !== null;

export const personRecordOf = (row: RawRow): PersonRecord => ({
  userId: numberOf(row['userId']) ?? 0,
  ...outcomeOf(row),
  attempts: numberOf(row['attempts']) ?? 0,
  at: dateOf(row['at']) ?? new Date(0),
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
