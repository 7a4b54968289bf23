import type { NotedKind } from '../../domain/people/finding.ts';
import { isFoundAnonymized, isNamedOtherwise, type User } from '../../domain/users/user.ts';
import type { Ports } from '../../ports/index.ts';
import type { PersonRows } from '../../ports/user-store.ts';
import { planRows } from '../anonymization/plan.ts';
import { anonymizeRows, forgetFacts } from '../anonymization/execute-plan.ts';
import { anonymizedRows, recordOperation } from '../anonymization/record-operation.ts';
import { newOperation } from '../audit/entries.ts';
import { rowStatusOf, type RowStatus } from '../row-status.ts';
import { enqueueIdentityCleanup, withdrawOnly } from '../outbox/identity-cleanup.ts';

export type TakeAsWrittenNeeds = Pick<
  Ports,
  | 'users'
  | 'facts'
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
 * finding. Where no OpenStad API is beside us (`interop.openstad`), whoever writes the database makes a row look like this: it is a
 * finding, and stays as it is. No statement where nothing of the kind is there. Source: oauth-server.md §3, docs/adr/0017.
 */
export const takeAsWritten = async (ports: TakeAsWrittenNeeds, held: PersonRows): Promise<PersonRows> => {
  const { person, rows } = held;
  const found = rows.filter((row) => isFoundAnonymized(row, person));
  const otherwise = rows.filter((row) => isNamedOtherwise(row, person));
  if (person === null || found.length + otherwise.length === 0) return held;
  const own = { person, rows: rows.filter((row) => !otherwise.includes(row)) };
  const rowStatus = await rowStatusOf(ports, rows);
  const isBelieved = ports.settings.isBesideOpenstad;
  if (found.length > 0 && isBelieved) await anonymizeOnceMore(ports, own, found, rowStatus);
  await unlink(ports, otherwise);
  const left = own.rows.filter((row) => !found.includes(row));
  if (found.length > 0 && !isBelieved) await noteFinding(ports, person.id, 'found-anonymized');
  else if (!left.some(rowStatus.retainsPerson)) await noteFinding(ports, person.id, 'left-behind');
  return { person, rows: left };
};

/** A row that looks anonymized past us, while nobody beside us anonymizes: it takes no profile and no login until somebody has looked. */
export const isLeftAsFound = ({ settings }: Pick<Ports, 'settings'>, row: User): boolean =>
  !settings.isBesideOpenstad && isFoundAnonymized(row, row.person);

const noteFinding = (
  { findings, clock }: Pick<Ports, 'findings' | 'clock'>,
  personId: number,
  kind: NotedKind,
): Promise<void> => findings.note(personId, [{ kind, fields: [] }], clock.now());

const anonymizeOnceMore = async (
  ports: TakeAsWrittenNeeds,
  held: PersonRows,
  found: readonly User[],
  rowStatus: RowStatus,
): Promise<void> => {
  const plan = await planRows(ports, { site: null, view: 'summary' }, held, found, rowStatus, 'locked');
  await anonymizeRows(ports, plan);
  await forgetFacts(ports, held, found);
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
