import type { AuditRow } from '../../ports/audit.ts';
import type { Seal } from '../../ports/audit.ts';
import type { Ports } from '../../ports/index.ts';

type Secrets = Pick<Ports['secrets'], 'fingerprint'>;

/** The chain before its first seal. */
export const noHash = '';

/** A row as one fingerprint: every column, in an order that never changes. */
export const rowHashOf = ({ fingerprint }: Secrets, row: AuditRow): string =>
  fingerprint(
    'audit row',
    JSON.stringify([
      ...[row.id, row.at.toISOString(), row.call, row.operation, row.actorId, row.actorKind],
      ...[row.siteId, row.userId, row.disposition, row.counts, row.digest, row.oauth],
      ...[row.reason, row.withheld, row.told, row.place, row.places, row.mac],
    ]),
  );

export const sealHashOf = (
  { fingerprint }: Secrets,
  before: string,
  { seq, rowHash }: Pick<Seal, 'seq' | 'rowHash'>,
): string => fingerprint('audit seal', JSON.stringify([before, seq, rowHash]));

/** Whether a seal is ours, over this row and behind this hash. */
export const isSealedAs = (secrets: Secrets, before: string | null, seal: Seal, row: AuditRow): boolean =>
  seal.rowHash === rowHashOf(secrets, row) && seal.hash === sealHashOf(secrets, before ?? noHash, seal);

/** The seals of these rows, in this order, after the present end of the chain. */
export const sealsAfter = (secrets: Secrets, head: Seal | null, rows: readonly AuditRow[]): readonly Seal[] =>
  rows.reduce<readonly Seal[]>((seals, row) => {
    const before = seals.at(-1) ?? head;
    const seq = (before?.seq ?? 0) + 1;
    const rowHash = rowHashOf(secrets, row);
    const hash = sealHashOf(secrets, before?.hash ?? noHash, { seq, rowHash });
    return [...seals, { seq, auditId: row.id, rowHash, hash }];
  }, []);
