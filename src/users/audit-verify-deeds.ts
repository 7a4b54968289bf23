import type { FoundRow } from '../ports/audit-seals.ts';
import type { Ports } from '../ports/index.ts';
import type { AuditFinding } from './audit-findings.ts';
import { isGenuine } from './audit-mac.ts';
import { missingIn, walkedDeed, wrongWith } from './audit-verify-deed.ts';

const batchSize = 1000;
const patienceMs = 60_000;
const mostIds = 20;

/**
 * Walks all rows, sealed or not, call by call: what nobody here wrote, what is there twice, what is gone or stands in another order
 * than it was written in, and what is unsealed for over a minute. Holds one call at a time, and the names of those that wait for the
 * OAuth server.
 */
export const verifyDeeds = async (
  { auditSeals, outbox, secrets, clock }: Pick<Ports, 'auditSeals' | 'outbox' | 'secrets' | 'clock'>,
  add: (...more: readonly AuditFinding[]) => void,
): Promise<void> => {
  const due = new Date(clock.now().getTime() - patienceMs);
  // Before the rows: what is settled meanwhile is not missed, and what begins meanwhile is too young.
  const awaited = await outbox.awaitedDeeds();
  const late: number[] = [];
  let lateRows = 0;
  let deed = walkedDeed(null);
  for await (const row of byDeed(auditSeals)) {
    if (!isGenuine(secrets, row)) {
      // What was sealed and changed is told with its seal.
      if (!row.isSealed) add({ kind: 'forged', what: `row ${row.id} was not written by this program, or was changed` });
      continue;
    }
    if (deed.name !== row.deed) {
      add(...missingIn(deed, awaited, due));
      deed = walkedDeed(row.deed);
    }
    add(...wrongWith(deed, row));
    if (row.isSealed || row.at >= due) continue;
    lateRows += 1;
    if (late.length < mostIds) late.push(row.id);
  }
  add(...missingIn(deed, awaited, due));
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
  if (settings.keepsAccessTokenInClear) return;
  const found = await audit.anonymizedUntold(new Date(clock.now().getTime() - patienceMs), mostIds);
  add(
    ...found.map(({ siteId, userId }): AuditFinding => ({
      kind: 'missing',
      what: `user ${userId} of site ${siteId} was anonymized, and no row tells of it`,
    })),
  );
};

async function* byDeed(auditSeals: Ports['auditSeals']): AsyncGenerator<FoundRow, void, undefined> {
  let behind: FoundRow | null = null;
  for (;;) {
    const batch: readonly FoundRow[] = await auditSeals.byDeed(behind, batchSize);
    yield* batch;
    behind = batch.at(-1) ?? null;
    if (batch.length < batchSize) return;
  }
}
