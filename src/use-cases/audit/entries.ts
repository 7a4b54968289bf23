import { owns, type Actor } from '../../domain/actor.ts';
import type { User } from '../../domain/users/user.ts';
import type {
  ActorKind,
  AuditCounts,
  AuditRow,
  LateEntry,
  LookEntry,
  NewAuditRow,
  OperationEntry,
  OutcomeCall,
  OutcomeEntry,
} from '../../ports/audit.ts';
import type { Ports } from '../../ports/index.ts';

/** As long as `Secrets.newToken` makes them. */
const nameLength = 43;

/** A name for a call that anonymizes or deletes: random, so that it is also the id of its operation. */
export const newOperation = ({ secrets }: Pick<Ports, 'secrets'>): string => secrets.newToken();

/** Where the receipt is read: the name, and what only we can make of it, so that whoever reads the audit does not know it. For ever the same. */
export const receiptAddress = ({ secrets }: Pick<Ports, 'secrets'>, operation: string): string =>
  operation + secrets.fingerprint('receipt address', operation);

/** The operation whose receipt has this address; null for what is no address of ours. */
export const operationAt = ({ secrets }: Pick<Ports, 'secrets'>, address: string): string | null => {
  const operation = address.slice(0, nameLength);
  return secrets.matches('receipt address', operation, address.slice(nameLength)) ? operation : null;
};

/** After the commit: where the log is kept elsewhere, a call of which the database holds nothing any more is missed. */
export const reportOperation = ({ log }: Pick<Ports, 'log'>, operation: string, rows: number): void => {
  log.info({ operation: operation, rows }, 'written into the audit');
};

/** Writes what came of some operations at the OAuth server, in the transaction that settles the message; one statement. */
export const recordOutcome = (
  { audit, clock, secrets }: Pick<Ports, 'audit' | 'clock' | 'secrets'>,
  call: OutcomeCall,
  oauth: string,
  operations: readonly string[] = [],
): Promise<void> => {
  const at = clock.now();
  return audit.append(
    withMac(
      secrets,
      operations.map((operation) => ({ at, operation, call, oauth })),
    ),
  );
};

/** Writes what other programs contributed late in the name of a call's rows and what became of it, in the transaction that takes it; one statement. */
export const recordLate = (
  { audit, clock, secrets }: Pick<Ports, 'audit' | 'clock' | 'secrets'>,
  operation: string,
  counts: AuditCounts,
): Promise<void> => audit.append(withMac(secrets, [{ at: clock.now(), operation, call: 'late', counts }]));

/**
 * Entries as the rows that are written: each authenticated, so that whoever has the database and no key can put in none.
 * Source: anonymization.md §5.
 */
export const withMac = (
  { mac }: Pick<Ports['secrets'], 'mac'>,
  entries: readonly (OperationEntry | LookEntry | OutcomeEntry | LateEntry)[],
): readonly NewAuditRow[] =>
  entries.map((entry) => {
    const row =
      'userId' in entry
        ? { listedAt: toTheSecond(entry.at), actorName: null, ...entry, counts: JSON.stringify(entry.counts) }
        : { ...blank, ...('counts' in entry ? { ...entry, counts: JSON.stringify(entry.counts) } : entry) };
    return { ...row, mac: mac('audit row', macText(row)) };
  });

/** Whether this row is one that we wrote, in every column. */
export const isGenuine = (secrets: Pick<Ports['secrets'], 'macKey'>, row: AuditRow): boolean =>
  keyOf(secrets, row) !== null;

/** Which of our keys it was written under, from the newest; null: we did not write it. */
export const keyOf = ({ macKey }: Pick<Ports['secrets'], 'macKey'>, row: AuditRow): number | null =>
  row.mac === null ? null : macKey('audit row', macText(row), row.mac);

/**
 * What the MAC of an audit row is over: every column but the id, which the database gives, and `listedAt`, which follows from the
 * others; as JSON, no two rows come to the same text. The first item is the version of this list. A new column is a new version, used
 * only where the column is set, so that old rows keep their MAC: as '2' is for whose name is written down.
 */
const macText = (row: Omit<NewAuditRow, 'mac' | 'listedAt'>): string =>
  JSON.stringify([
    ...[
      row.actorName === null ? '1' : '2',
      row.at.toISOString(),
      row.call,
      row.operation,
      row.actorId,
      row.actorKind,
      row.siteId,
      row.userId,
    ],
    ...[row.disposition, row.counts, row.digest, row.oauth, row.reason, row.withheld, row.told, row.shown],
    ...[row.rank, row.rowCount],
    ...(row.actorName === null ? [] : [row.actorName]),
  ]);

const blank = {
  ...{ actorId: null, actorKind: null, actorName: null, siteId: null, userId: null, disposition: null, counts: null },
  ...{ digest: null, oauth: null, reason: null, withheld: null, told: null, shown: null, rank: null, rowCount: null },
  listedAt: null,
} as const;

/** Who did it, as it is written down: what they are to this row. */
export const writtenActor = (
  actor: Actor,
  user: User,
): Pick<OperationEntry, 'actorId' | 'actorKind' | 'actorName'> => ({
  actorId: actor.client?.id ?? actor.userId,
  actorKind: kindOf(actor, user),
  ...(actor.operator === undefined ? {} : { actorName: actor.operator }),
});

const kindOf = (actor: Actor, user: User): ActorKind => {
  if (actor.client !== undefined) return 'client';
  if (actor.operator !== undefined) return 'cli';
  if (owns(actor, user)) return 'owner';
  return kinds[actor.reach.kind];
};

const kinds = {
  everywhere: 'fixed-token',
  rows: 'console',
  'one-site': 'staff',
} as const satisfies Record<Actor['reach']['kind'], ActorKind>;

/**
 * When a look is said to have been, where the rows of one site are listed: to the second as everything, but to the day where who looked
 * has powers beyond one site. Their one look reaches rows at several sites, and its moment would join these as one person.
 */
export const lookListedAt = (at: Date, { client, reach }: Actor): Date =>
  client === undefined && reach.kind === 'one-site' ? toTheSecond(at) : toTheDay(at);

/** Whether a row's `listedAt` is one that was written with it; else it was changed, and the row does not stand where it belongs. */
export const isListedAsWritten = ({ listedAt, at, rank, disposition, actorKind }: AuditRow): boolean => {
  const listed = listedAt?.getTime() ?? null;
  if (rank === null) return listed === null;
  const second = toTheSecond(at).getTime();
  if (disposition !== null) return listed === second;
  const isWide = wideKinds.some((kind) => kind === actorKind);
  return listed === toTheDay(at).getTime() || (!isWide && listed === second);
};

/** Whose one look may reach rows at several sites. */
const wideKinds = ['client', 'fixed-token', 'cli', 'console'] as const satisfies readonly ActorKind[];

const toTheSecond = (at: Date): Date => wholeUnits(at, 1000);
export const toTheDay = (at: Date): Date => wholeUnits(at, 86_400_000);
const wholeUnits = (at: Date, unitMs: number): Date => new Date(Math.floor(at.getTime() / unitMs) * unitMs);
