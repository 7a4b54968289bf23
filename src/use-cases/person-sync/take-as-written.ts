import { isFoundAnonymized, isNamedOtherwise } from '../../domain/written-past-us.ts';
import type { User } from '../../domain/user.ts';
import type { Ports } from '../../ports/index.ts';
import type { PersonRows } from '../../ports/user-store.ts';
import { planRows } from '../anonymization/plan.ts';
import { anonymizeRows } from '../anonymization/anonymize-rows.ts';
import { anonymizedRows, recordOperation } from '../anonymization/record-operation.ts';
import { newOperation } from '../audit/names.ts';
import { rowStatusOf, type RowStatus } from '../row-status.ts';
import { enqueueIdentityCleanup, withdrawOnly } from '../outbox/identity-cleanup.ts';

export type TakeAsWrittenNeeds = Pick<
  Ports,
  | 'users'
  | 'sessions'
  | 'activities'
  | 'sideTables'
  | 'sites'
  | 'settings'
  | 'identity'
  | 'clock'
  | 'startDigest'
  | 'outbox'
  | 'audit'
  | 'secrets'
  | 'findings'
>;

/**
 * Takes what an OpenStad API beside us did to a person's rows as said, in the unit that holds them: rows that it anonymized are
 * anonymized once more, as it leaves some columns; rows that it gave to somebody else are unlinked, and linked anew by whoever
 * links. Answers the rows that still are the person's. Nobody is removed at the OAuth server for it: who is left behind is a
 * finding. No statement where nothing of the kind is there. Source: oauth-server.md §3, docs/adr/0017.
 */
export const takeAsWritten = async (ports: TakeAsWrittenNeeds, held: PersonRows): Promise<PersonRows> => {
  const { person, rows } = held;
  const found = rows.filter((row) => isFoundAnonymized(row, person));
  const otherwise = rows.filter((row) => isNamedOtherwise(row, person));
  if (person === null || found.length + otherwise.length === 0) return held;
  const own = { person, rows: rows.filter((row) => !otherwise.includes(row)) };
  const rowStatus = await rowStatusOf(ports, rows);
  if (found.length > 0) await anonymizeOnceMore(ports, own, found, rowStatus);
  await unlink(ports, otherwise);
  const left = own.rows.filter((row) => !found.includes(row));
  if (!left.some(rowStatus.retainsPerson))
    await ports.findings.note(person.id, [{ kind: 'left-behind', fields: [] }], ports.clock.now());
  return { person, rows: left };
};

const anonymizeOnceMore = async (
  ports: TakeAsWrittenNeeds,
  held: PersonRows,
  found: readonly User[],
  rowStatus: RowStatus,
): Promise<void> => {
  const plan = await planRows(ports, { site: null, view: 'summary' }, held, found, rowStatus, 'locked');
  await anonymizeRows(ports, plan);
  const operation = newOperation(ports);
  const isLast = !held.rows.some((row) => rowStatus.retainsPerson(row) && !found.includes(row));
  const cleanup = isLast
    ? await withdrawOnly(ports, held, found, operation)
    : await enqueueIdentityCleanup(ports, held, found, rowStatus, operation, 'free');
  await recordOperation(ports, operation, { call: 'found anonymized', actor: null, cleanup }, anonymizedRows(plan));
};

/** Whose session it was is nobody there any more. */
const unlink = async ({ users, sessions, clock }: TakeAsWrittenNeeds, rows: readonly User[]): Promise<void> => {
  if (rows.length === 0) return;
  const updatedAt = clock.now();
  await users.save(
    rows.map((before) => ({
      before,
      after: { ...before, personId: null, slot: 0, externalAccessToken: null, profileWithheld: false, updatedAt },
    })),
  );
  await sessions.endOfUsers(rows.map(({ id }) => id));
};
