import { Fault } from '../../domain/fault.ts';
import type { AuditRow, AuditCounts, LateEntry } from '../../ports/audit.ts';
import type { Ports } from '../../ports/index.ts';
import { isGenuine } from './entries.ts';

/** One call as the audit tells of it, of rows that we wrote and nothing else. */
export interface ReadOperation {
  /** One per user row; what they have in common stands in each. */
  readonly touched: readonly [AuditRow, ...AuditRow[]];
  readonly outcomes: readonly AuditRow[];
  /** What came late in the name of these rows. */
  readonly late: readonly AuditRow[];
}

/**
 * What the audit says of one call; null: nothing that we wrote. Fault `conflict` (audit-not-whole) where rows of it are gone, or
 * others were put in or changed: nobody signs what is left, and nobody is told that it was all. Source: anonymization.md §5.
 */
export const findOperation = async (
  { audit, secrets, log }: Pick<Ports, 'audit' | 'secrets' | 'log'>,
  operation: string,
): Promise<ReadOperation | null> => {
  // A database may take names for the same that differ in blanks at the end.
  const rows = (await audit.ofOperation(operation)).filter((row) => row.operation === operation);
  const found = readRows({ secrets, log }, rows);
  if (found === 'not-whole')
    throw new Fault(
      'conflict',
      { rule: 'audit-not-whole' },
      'The audit of this operation is not what was written: the operator has to look at it (`npm run audit:verify`).',
    );
  return found;
};

/** One call from its rows of the audit; null: none that we wrote. `not-whole`: rows are gone, put in or changed, which is logged. */
export const readRows = (
  { secrets, log }: Pick<Ports, 'secrets' | 'log'>,
  rows: readonly AuditRow[],
): ReadOperation | 'not-whole' | null => {
  const genuine = onceEach(rows.filter((row) => isGenuine(secrets, row)));
  const [first, ...others] = genuine.filter(isTouch);
  if (first === undefined) return null;
  const touched = [first, ...others] as const;
  if (touched.length === first.rowCount && rows.every((row) => isGenuine(secrets, row)))
    return {
      touched,
      outcomes: genuine.filter((row) => !isTouch(row) && !isLate(row)),
      late: genuine.filter(isLate),
    };
  const facts = { operation: first.operation, rows: rows.length, genuine: genuine.length, written: first.rowCount };
  log.error(facts, 'the audit of an operation is not what was written: run `npm run audit:verify`');
  return 'not-whole';
};

/** A copy of a genuine row says nothing more. */
const onceEach = (rows: readonly AuditRow[]): readonly AuditRow[] => {
  const seen = new Set<string | null>();
  return rows.filter(({ mac }) => !seen.has(mac) && seen.add(mac));
};

/** Who reads of a call; whoever asked for it has its receipt, too. */
export type Audience = 'platform-admins' | 'who-asked' | 'others';

interface Hearing {
  /** Whether a row is told: one of a site where who asked has no right may have gone along. See docs/reference/neighbours.md. */
  readonly row: (row: AuditRow) => boolean;
  /**
   * Whether a row leaves what came of the call at the OAuth server to be told: of one to which nobody had logged in it would say
   * whether the person was there before. The person hears it where they did it themselves: being added by a stranger takes nobody's
   * proof away.
   */
  readonly outcome: (row: AuditRow) => boolean;
  /** Whether it is told why somebody was kept: it would say where else they are. */
  readonly reason: boolean;
}

/** THE decision on what the audit tells. Source: anonymization.md §5, user-api.md §3 "Create". */
const hearing: Readonly<Record<Audience, Hearing>> = {
  'platform-admins': { row: () => true, outcome: () => true, reason: true },
  'who-asked': {
    row: ({ shown }) => shown === true,
    outcome: ({ withheld, told }) => withheld !== true || told === true,
    reason: false,
  },
  // Of the row that they ask about they are told for its site's sake.
  others: { row: () => false, outcome: ({ withheld }) => withheld !== true, reason: false },
};

/** What of a call is told. */
interface ToldOperation {
  readonly rows: readonly AuditRow[];
  readonly outcomes: readonly AuditRow[];
  /** Null: nothing of the OAuth server. */
  readonly progress: OauthProgress | null;
  readonly settledAt: Date | null;
  /** How many contributions came late; 0 also where rows are not told: whose they were is not written down. */
  readonly late: number;
}

export const toldTo = (audience: Audience, operation: ReadOperation): ToldOperation => {
  const { row, outcome, reason } = hearing[audience];
  const rows = operation.touched.filter(row);
  const late = rows.length === operation.touched.length ? lateOf(operation) : 0;
  if (!operation.touched.every(outcome)) return { rows, outcomes: [], progress: null, settledAt: null, late };
  const { outcomes } = operation;
  const progress = progressOf(operation);
  return {
    rows,
    outcomes: reason ? outcomes : outcomes.map((one) => ({ ...one, oauth: withoutReason(one.oauth) })),
    progress: reason ? progress : { ...progress, reason: null },
    settledAt: outcomes.at(-1)?.at ?? null,
    late,
  };
};

const lateOf = ({ late }: ReadOperation): number =>
  late
    .flatMap((row) => Object.values(countsOf(row)))
    .reduce((total, { anonymize, remove }) => total + anonymize + remove, 0);

const withoutReason = (outcome: string | null): string | null => outcome?.replace(/;reason=.*$/, '') ?? null;

/** How far an operation has come at the OAuth server. */
export interface OauthProgress {
  /** `removed`: the person is gone there, as the server itself has answered; never said before that. */
  readonly removal: 'none' | 'pending' | 'removed' | 'kept' | 'unknown';
  /** Why they were kept. */
  readonly reason: string | null;
  /** The person's values for these sites. */
  readonly values: 'none' | 'pending' | 'withdrawn' | 'unsupported';
}

/** What was to be done there for one operation, and what is known to have been done since. */
const progressOf = ({ touched: [{ oauth: wish }], outcomes }: ReadOperation): OauthProgress => {
  // Each is written once. The first by its own moment, as ids can be changed.
  const outcomeOf = (call: string): string | null =>
    outcomes
      .filter((row) => row.call === call)
      .reduce<AuditRow | null>((first, row) => (first !== null && first.at <= row.at ? first : row), null)?.oauth ??
    null;
  const values = valuesFrom(outcomeOf('oauth-values'));
  if (wish === 'withdraw') return { removal: 'kept', reason: 'rows-elsewhere', values };
  if (wish !== 'remove') return { removal: 'none', reason: null, values: 'none' };
  const removal = outcomeOf('oauth-removal');
  if (removal === null) return { removal: 'pending', reason: null, values: 'none' };
  if (removal === 'done') return { removal: 'removed', reason: null, values: 'none' };
  const reason = /^kept;reason=(.+)$/.exec(removal)?.[1];
  return reason === undefined ? { removal: 'unknown', reason: null, values } : { removal: 'kept', reason, values };
};

const valuesFrom = (outcome: string | null): OauthProgress['values'] => {
  if (outcome === null) return 'pending';
  return outcome === 'done' ? 'withdrawn' : 'unsupported';
};

/** Whether a row tells what was done to a user row: neither of an outcome, nor that it was looked at. */
export const isTouch = ({ disposition }: AuditRow): boolean => disposition !== null;

/** Whether a row tells of what came late. */
export const isLate = ({ call }: Pick<AuditRow, 'call'>): boolean => call === ('late' satisfies LateEntry['call']);

/** Of a row that we wrote. */
export const countsOf = ({ counts }: AuditRow): AuditCounts => JSON.parse(counts ?? '{}') as AuditCounts;

/** Fit for JSON, as receipts are signed over it. */
export type AskedBy = Readonly<{
  kind: string | null;
  userId?: number | null;
  clientId?: number | null;
  name?: string;
}>;

/** Who asked: a client's id is no user's, and an operator has none. */
export const askedBy = ({ actorKind, actorId, actorName }: AuditRow): AskedBy => {
  if (actorName !== null) return { kind: actorKind, name: actorName };
  return actorKind === 'client' ? { kind: actorKind, clientId: actorId } : { kind: actorKind, userId: actorId };
};
