import type { AuditRow } from '../../ports/audit.ts';
import type { AnonymizationStatus, Operation } from '../../use-cases/audit/commands.ts';
import { askedBy, countsOf } from '../../use-cases/audit/operation.ts';
import { operationAddress } from './anonymization.ts';

/**
 * One site's part: nothing that it shares with the person's rows elsewhere (the operation, the digest, the actor's id, which is the
 * person's own where they did it themselves), and the moment only to the second, as `anonymizedAt` has it.
 */
export const statusBody = ({ part, oauth, whole }: AnonymizationStatus): object => ({
  ...partBody(part),
  at: toTheSecond(part.at),
  by: { kind: part.actorKind },
  ...(oauth === null ? {} : { oauth }),
  ...(whole === null ? {} : { whole: wholeBody(whole) }),
});

const partBody = (row: AuditRow): object => {
  const { userId, siteId, at, call, disposition } = row;
  return { userId, siteId, at: at.toISOString(), call, disposition, counts: countsOf(row) };
};

const wholeBody = ({ touched, rows, outcomes, receipt }: NonNullable<AnonymizationStatus['whole']>): object => {
  const [first] = touched;
  return {
    id: first.operation,
    operation: operationAddress(first.operation),
    receipt: `/receipts/${receipt}`,
    reason: first.reason,
    digest: first.digest,
    by: askedBy(first),
    rows: rows.map(partBody),
    outcomes: outcomes.map(({ at, call, oauth }) => ({ at: at.toISOString(), call, outcome: oauth })),
  };
};

/** How far a call is. Source: anonymization.md §5. */
export const operationBody = ({ claims, oauth, receipt }: Operation): object => {
  const { operation, oauth: signed, ...said } = claims;
  const isWaiting = oauth?.removal === 'pending' || oauth?.values === 'pending';
  return {
    id: operation,
    ...said,
    ...(oauth === null
      ? {}
      : { state: isWaiting ? 'running' : 'done', oauth: { ...oauth, settledAt: signed?.settledAt ?? null } }),
    receipt: `/receipts/${receipt}`,
  };
};

const toTheSecond = (at: Date): string => `${at.toISOString().slice(0, 19)}.000Z`;
