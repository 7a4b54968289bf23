import { Fault } from '../domain/fault.ts';
import type { JsonObject } from '../domain/json.ts';
import type { AuditCounts, AuditRow } from '../ports/audit.ts';
import type { Ports } from '../ports/index.ts';
import { deedNamed } from './audit-deed.ts';
import { askedBy, countsOf, isTouch, progressOf } from './audit-progress.ts';

type Needs = Pick<Ports, 'audit' | 'auditSeals' | 'receipts' | 'startDigest' | 'clock'>;

/**
 * The receipt at this address, signed now, with the outcome at the OAuth server as it is by now: a compact JWS. No personal
 * value, and no id that would join the rows of one person. Fault `not-found`. Source: anonymization.md §5, docs/adr/0006.
 */
export const readReceipt =
  (ports: Needs) =>
  async (address: string): Promise<string> => {
    const deed = deedNamed(ports, address);
    const rows = await ports.audit.ofDeed(deed);
    const [first] = rows.filter(isTouch);
    if (first === undefined) throw new Fault('not-found', {}, 'There is no such receipt.');
    const sealedAs = await ports.auditSeals.hashOfDeed(deed);
    return ports.receipts.sign({ ...claimsOf(first, rows), sealedAs, issuedAt: ports.clock.now().toISOString() });
  };

const claimsOf = (first: AuditRow, rows: readonly AuditRow[]): JsonObject => {
  const touched = rows.filter(isTouch);
  const siteIds = [...new Set(touched.map(({ siteId }) => siteId))];
  return {
    version: 1,
    deed: first.deed,
    call: first.call,
    at: first.at.toISOString(),
    by: askedBy(first),
    digest: first.digest,
    users: touched.length,
    sites: siteIds.map((siteId) => {
      const own = touched.filter((row) => row.siteId === siteId);
      return { id: siteId, users: own.length, counts: summed(own.map(countsOf)) };
    }),
    counts: summed(touched.map(countsOf)),
    oauth: { ...progressOf(rows), settledAt: rows.findLast((row) => !isTouch(row))?.at.toISOString() ?? null },
  };
};

const summed = (all: readonly AuditCounts[]): AuditCounts => {
  const kinds = [...new Set(all.flatMap((counts) => Object.keys(counts)))];
  return Object.fromEntries(
    kinds.map((kind) => {
      const sum = (fate: 'keep' | 'strip' | 'remove'): number =>
        all.reduce((total, counts) => total + (counts[kind]?.[fate] ?? 0), 0);
      return [kind, { keep: sum('keep'), strip: sum('strip'), remove: sum('remove') }];
    }),
  );
};
