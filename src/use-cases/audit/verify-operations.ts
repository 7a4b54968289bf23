import type { FoundRow } from '../../ports/audit.ts';
import type { Ports } from '../../ports/index.ts';
import { isGenuine, isListedAsWritten } from './entries.ts';
import { isLate } from './read-operation.ts';

export interface AuditFinding {
  readonly kind:
    'changed' | 'forged' | 'copied' | 'missing' | 'removed' | 'reordered' | 'unsealed' | 'cut-off' | 'former-key';
  readonly what: string;
}
const batchSize = 1000;
const timeoutMs = 60_000;
const maxIds = 20;

/**
 * Walks all rows, sealed or not, call by call: what nobody here wrote, what is there twice, what is gone or stands in another order
 * than it was written in, and what is unsealed for over a minute. Holds one call at a time, and the names of those that wait for the
 * OAuth server.
 */
export const verifyOperations = async (
  { auditSeals, outbox, secrets, clock }: Pick<Ports, 'auditSeals' | 'outbox' | 'secrets' | 'clock'>,
  add: (...more: readonly AuditFinding[]) => void,
): Promise<void> => {
  const due = new Date(clock.now().getTime() - timeoutMs);
  // Before the rows: what is settled meanwhile is not missed, and what begins meanwhile is too young.
  const awaited = await outbox.awaitedOperations();
  const late: number[] = [];
  let lateRows = 0;
  let operation = walkedOperation(null);
  for await (const row of byOperation(auditSeals)) {
    if (!isGenuine(secrets, row)) {
      // What was sealed and changed is told with its seal.
      if (!row.isSealed) add({ kind: 'forged', what: `row ${row.id} was not written by this program, or was changed` });
      continue;
    }
    if (operation.name !== row.operation) {
      add(...missingIn(operation, awaited, due));
      operation = walkedOperation(row.operation);
    }
    add(...wrongWith(operation, row));
    if (!isListedAsWritten(row))
      add({ kind: 'changed', what: `row ${row.id} is listed at another moment than it was written for` });
    if (row.isSealed || row.at >= due) continue;
    lateRows += 1;
    if (late.length < maxIds) late.push(row.id);
  }
  add(...missingIn(operation, awaited, due));
  if (lateRows > 0) {
    const named = `${late.join(', ')}${lateRows > late.length ? ' …' : ''}`;
    add({ kind: 'unsealed', what: `${lateRows} row(s) older than a minute have no seal: ${named}` });
  }
};

/** Users that a call of ours made anonymous, and of whom no row tells: their whole call was removed. */
export const verifyUsers = async (
  { audit, settings, clock }: Pick<Ports, 'audit' | 'settings' | 'clock'>,
  add: (...more: readonly AuditFinding[]) => void,
): Promise<void> => {
  // An OpenStad API beside us anonymizes, and writes no audit.
  if (settings.isBesideOpenstad) return;
  const found = await audit.anonymizedUntold(new Date(clock.now().getTime() - timeoutMs), maxIds);
  add(
    ...found.map(({ siteId, userId }): AuditFinding => ({
      kind: 'missing',
      what: `user ${userId} of site ${siteId} was anonymized, and no row tells of it`,
    })),
  );
};

async function* byOperation(auditSeals: Ports['auditSeals']): AsyncGenerator<FoundRow, void, undefined> {
  let behind: FoundRow | null = null;
  for (;;) {
    const batch: readonly FoundRow[] = await auditSeals.byOperation(behind, batchSize);
    yield* batch;
    behind = batch.at(-1) ?? null;
    if (batch.length < batchSize) return;
  }
}

/** What was seen of the call that is walked; only rows that we wrote. */
interface WalkedOperation {
  /** null: the walk has not begun. */
  readonly name: string | null;
  readonly macs: Set<string | null>;
  /** What came of it at the OAuth server, by kind. */
  readonly outcomes: Map<string, string | null>;
  /** The first of its rows; null: none was seen. */
  first: FoundRow | null;
  /** How many user rows it tells of, done to or looked at. */
  found: number;
  /** The rank of the row before; outcomes stand behind all. */
  last: number;
}

const walkedOperation = (name: string | null): WalkedOperation => ({
  ...{ name, macs: new Set(), outcomes: new Map() },
  ...{ first: null, found: 0, last: 0 },
});

/** Takes a row into the call. */
const wrongWith = (operation: WalkedOperation, row: FoundRow): readonly AuditFinding[] => {
  if (operation.macs.has(row.mac)) return [{ kind: 'copied', what: `row ${row.id} is the copy of another` }];
  operation.macs.add(row.mac);
  const rank = row.rank ?? Infinity;
  const isBefore = rank < operation.last;
  operation.last = rank;
  if (row.rank !== null) {
    operation.first ??= row;
    operation.found += 1;
  } else if (!isLate(row)) {
    if (operation.outcomes.has(row.call))
      return [{ kind: 'copied', what: `row ${row.id} says again what came of operation ${row.operation}` }];
    operation.outcomes.set(row.call, row.oauth);
  }
  return isBefore ? [{ kind: 'reordered', what: `row ${row.id} was written before the one that it follows` }] : [];
};

/** At its end: rows that are gone, and an outcome that is, as nothing waits for one. Younger calls than `due` are not asked for that. */
const missingIn = (
  { name, first, found, outcomes }: WalkedOperation,
  awaited: ReadonlySet<string>,
  due: Date,
): readonly AuditFinding[] => {
  if (name === null) return [];
  const rowCount = first?.rowCount ?? null;
  if (first === null || found !== rowCount)
    return [
      { kind: 'missing', what: `of the ${rowCount ?? 'user'} rows of operation ${name} ${found} are left as written` },
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
