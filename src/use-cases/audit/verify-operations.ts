import type { FoundRow } from '../../ports/audit-seals.ts';
import type { Ports } from '../../ports/index.ts';
import type { AuditFinding } from './findings.ts';
import { isGenuine } from './mac.ts';
import { missingIn, walkedOperation, wrongWith } from './verify-operation.ts';

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
