import type { AuditRow, OperationEntry, NewAuditRow, OutcomeEntry } from '../../ports/audit.ts';
import type { Ports } from '../../ports/index.ts';

type Reading = Pick<Ports['secrets'], 'macKey'>;

/** Entries as the rows that are written: each authenticated, so that whoever has the database and no key can put in none. Source: anonymization.md §5. */
export const authenticated = (
  { mac }: Pick<Ports['secrets'], 'mac'>,
  entries: readonly (OperationEntry | OutcomeEntry)[],
): readonly NewAuditRow[] =>
  entries.map((entry) => {
    const row = 'userId' in entry ? { ...entry, counts: JSON.stringify(entry.counts) } : { ...blank, ...entry };
    return { ...row, mac: mac('audit row', textOf(row)) };
  });

/** Whether this row is one that we wrote, in every column. */
export const isGenuine = (secrets: Reading, row: AuditRow): boolean => keyOf(secrets, row) !== null;

/** Which of our keys it was written under, from the newest; null: we did not write it. */
export const keyOf = ({ macKey }: Reading, row: AuditRow): number | null =>
  row.mac === null ? null : macKey('audit row', textOf(row), row.mac);

/**
 * Every column but the id, which the database gives; as JSON, no two rows come to the same text. '1' is the first list that is
 * released, `shown` included: a column that comes after a release takes the next number, and rows of before are read by this list.
 */
const textOf = (row: Omit<NewAuditRow, 'mac'>): string =>
  JSON.stringify([
    ...['1', row.at.toISOString(), row.call, row.operation, row.actorId, row.actorKind, row.siteId, row.userId],
    ...[row.disposition, row.counts, row.digest, row.oauth, row.reason, row.withheld, row.told, row.shown],
    ...[row.place, row.places],
  ]);

const blank = {
  ...{ actorId: null, actorKind: null, siteId: null, userId: null, disposition: null, counts: null },
  ...{ digest: null, reason: null, withheld: null, told: null, shown: null, place: null, places: null },
} as const;
