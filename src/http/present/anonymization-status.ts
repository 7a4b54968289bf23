import type { AuditRow } from '../../ports/audit.ts';
import { askedBy, countsOf, isTouch } from '../../users/audit-progress.ts';
import type { AnonymizationStatus } from '../../users/commands.ts';

/**
 * One site's part: nothing that it shares with the person's rows elsewhere (the deed, the digest, the actor's id, which is the
 * person's own where they did it themselves), and the moment only to the second, as `anonymizedAt` has it.
 */
export const statusBody = ({ part, oauth, whole }: AnonymizationStatus): object => ({
  ...partBody(part),
  at: toTheSecond(part.at),
  by: { kind: part.actorKind },
  oauth,
  ...(whole === null ? {} : { whole: wholeBody(part, whole) }),
});

const partBody = (row: AuditRow): object => {
  const { userId, siteId, at, call, fate } = row;
  return { userId, siteId, at: at.toISOString(), call, fate, counts: countsOf(row) };
};

const wholeBody = (part: AuditRow, rows: readonly AuditRow[]): object => ({
  deed: part.deed,
  digest: part.digest,
  by: askedBy(part),
  rows: rows.filter(isTouch).map(partBody),
  outcomes: rows
    .filter((row) => !isTouch(row))
    .map(({ at, call, oauth }) => ({ at: at.toISOString(), call, outcome: oauth })),
});

const toTheSecond = (at: Date): string => `${at.toISOString().slice(0, 19)}.000Z`;
