import type { Seal, SealedRow } from '../../ports/audit.ts';
import type { Ports } from '../../ports/index.ts';
import { noHash, rowHashOf, sealHashOf } from './seal.ts';
import { verifyOperations, verifyUsers, type AuditFinding } from './verify-operations.ts';
import { isGenuine, keyOf } from './entries.ts';

export interface AuditVerdict {
  /** Empty: all is well. At most a thousand are named. */
  readonly findings: readonly AuditFinding[];
  /** How many seals were walked. */
  readonly sealed: number;
  readonly head: Pick<Seal, 'seq' | 'hash'> | null;
}
const batchSize = 1000;

/**
 * Walks the whole chain, and then all rows call by call, in flat memory: names what was changed, put in, copied, removed or
 * reordered, sealed or not, and what is unsealed for over a minute. `knownHead`: a hash that was logged, or that stands in a
 * receipt; it must be in the chain, else its end was cut off. `tell`: how many seals were walked so far. Source: anonymization.md §5.
 */
export const verifyAudit =
  (ports: Pick<Ports, 'audit' | 'auditSeals' | 'outbox' | 'secrets' | 'settings' | 'clock'>) =>
  async (knownHead?: string, tell?: (sealed: number) => void): Promise<AuditVerdict> => {
    const findings = findingsKept();
    let last: SealedRow | null = null;
    let sealed = 0;
    let knowsHead = knownHead === undefined;
    const isLate = formerKeys(ports.secrets);
    for (;;) {
      const batch = await ports.auditSeals.after(last?.seq ?? 0, batchSize);
      for (const seal of batch) {
        findings.add(...wrongWith(ports.secrets, last, seal), ...isLate(seal));
        knowsHead ||= seal.hash === knownHead;
        last = seal;
      }
      sealed += batch.length;
      tell?.(sealed);
      if (batch.length < batchSize) break;
    }
    if (!knowsHead) findings.add({ kind: 'cut-off', what: 'the given head is not in the chain: its end was cut off' });
    await verifyOperations(ports, findings.add);
    await verifyUsers(ports, findings.add);
    return { findings: findings.all, sealed, head: last };
  };

const maxNamed = 1000;

/** Findings as they come; at most a thousand are kept, however much was spoiled. */
const findingsKept = (): {
  readonly all: readonly AuditFinding[];
  readonly add: (...more: readonly AuditFinding[]) => void;
} => {
  const all: AuditFinding[] = [];
  return {
    all,
    add: (...more) => {
      all.push(...more.slice(0, maxNamed - all.length));
    },
  };
};

const wrongWith = (
  secrets: Pick<Ports['secrets'], 'fingerprint' | 'macKey'>,
  before: Seal | null,
  seal: SealedRow,
): readonly AuditFinding[] => {
  const { seq, auditId, row } = seal;
  const expected = (before?.seq ?? 0) + 1;
  const findings: AuditFinding[] = [];
  // Behind a gap nobody can say what the hash should follow.
  if (seq !== expected)
    findings.push({ kind: 'removed', what: `seals ${expected} to ${seq - 1} are gone, with or without their rows` });
  else if (seal.hash !== sealHashOf(secrets, before?.hash ?? noHash, seal))
    findings.push({ kind: 'reordered', what: `seal ${seq} (row ${auditId}) does not follow the one before it` });
  if (row === null) findings.push({ kind: 'removed', what: `row ${auditId}, sealed at place ${seq}, is gone` });
  else if (!isGenuine(secrets, row) || seal.rowHash !== rowHashOf(secrets, row))
    findings.push({ kind: 'changed', what: `row ${auditId} is not what was sealed at place ${seq}` });
  return findings;
};

/**
 * A key that was replaced writes nothing any more, but for a while in which instances are restarted one by one: an hour by the rows
 * themselves, in the order of the chain. Whoever has an old key cannot put a row into it later.
 */
const formerKeys = (secrets: Pick<Ports['secrets'], 'macKey'>): ((seal: SealedRow) => readonly AuditFinding[]) => {
  let newest = Infinity;
  let since = 0;
  let latest = 0;
  return ({ row, seq }) => {
    const key = row === null ? null : keyOf(secrets, row);
    if (row === null || key === null) return [];
    if (key < newest) [newest, since] = [key, row.at.getTime()];
    latest = Math.max(latest, row.at.getTime());
    return key > newest && latest > since + restartMs
      ? [
          {
            kind: 'former-key',
            what: `row ${row.id}, sealed at place ${seq}, was written under a key that had been replaced`,
          },
        ]
      : [];
  };
};
const restartMs = 3_600_000;
