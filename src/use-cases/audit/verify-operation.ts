import type { FoundRow } from '../../ports/audit-seals.ts';
import type { AuditFinding } from './findings.ts';
import { isTouch } from './progress.ts';

/** What was seen of the call that is walked; only rows that we wrote. */
export interface WalkedOperation {
  /** null: the walk has not begun. */
  readonly name: string | null;
  readonly macs: Set<string | null>;
  /** What came of it at the OAuth server, by kind. */
  readonly outcomes: Map<string, string | null>;
  /** The first of its rows; null: none was seen. */
  first: FoundRow | null;
  /** How many user rows it tells of. */
  found: number;
  /** The place of the row before; outcomes stand behind all places. */
  last: number;
}

export const walkedOperation = (name: string | null): WalkedOperation => ({
  ...{ name, macs: new Set(), outcomes: new Map() },
  ...{ first: null, found: 0, last: 0 },
});

/** Takes a row into the call. */
export const wrongWith = (operation: WalkedOperation, row: FoundRow): readonly AuditFinding[] => {
  if (operation.macs.has(row.mac)) return [{ kind: 'copied', what: `row ${row.id} is the copy of another` }];
  operation.macs.add(row.mac);
  const place = isTouch(row) ? (row.place ?? 0) : Infinity;
  const isBefore = place < operation.last;
  operation.last = place;
  if (isTouch(row)) {
    operation.first ??= row;
    operation.found += 1;
  } else {
    if (operation.outcomes.has(row.call))
      return [{ kind: 'copied', what: `row ${row.id} says again what came of operation ${row.operation}` }];
    operation.outcomes.set(row.call, row.oauth);
  }
  return isBefore ? [{ kind: 'reordered', what: `row ${row.id} was written before the one that it follows` }] : [];
};

/** At its end: rows that are gone, and an outcome that is, as nothing waits for one. Younger calls than `due` are not asked for that. */
export const missingIn = (
  { name, first, found, outcomes }: WalkedOperation,
  awaited: ReadonlySet<string>,
  due: Date,
): readonly AuditFinding[] => {
  if (name === null) return [];
  const places = first?.places ?? null;
  if (first === null || found !== places)
    return [
      { kind: 'missing', what: `of the ${places ?? 'user'} rows of operation ${name} ${found} are left as written` },
    ];
  if (isSettled(first.oauth, outcomes) || first.at >= due || awaited.has(name)) return [];
  return [
    { kind: 'missing', what: `what came of operation ${name} at the OAuth server is gone, and nothing waits for it` },
  ];
};

const isSettled = (wish: string | null, outcomes: ReadonlyMap<string, string | null>): boolean => {
  if (wish === 'nothing') return true;
  const removal = outcomes.get('oauth-removal');
  const isKept = wish === 'withdraw' || removal?.startsWith('kept') === true;
  return isKept ? outcomes.has('oauth-values') : removal !== undefined;
};
