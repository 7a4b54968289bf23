import { Fault } from '../../domain/fault.ts';
import { assignAddresses, wantingOf, type Wanting } from '../../domain/people/assign-addresses.ts';
import { changedColumns, mirrored } from '../../domain/people/mirror.ts';
import type { Profile } from '../../domain/people/oauth-profile.ts';
import {
  type Person,
  type User,
  type UserRow,
  isFoundAnonymized,
  namesAnotherPerson,
} from '../../domain/users/user.ts';
import type { UserField } from '../../domain/users/user-fields.ts';
import { isSeenByAll } from '../../domain/users/user-visibility.ts';
import type { Ports } from '../../ports/index.ts';
import type { OauthClients } from '../oauth-clients.ts';
import { refreshKey } from '../person-keys.ts';
import type { NotedKind } from '../../domain/people/finding.ts';
import type { PersonRows } from '../../ports/user-store.ts';
import { planRows } from '../anonymization/plan.ts';
import { anonymizeRows, forgetFacts } from '../anonymization/execute-plan.ts';
import { anonymizedRows, recordOperation } from '../anonymization/record-operation.ts';
import { newOperation } from '../audit/entries.ts';
import { isNobodyLeft, rowStatusOf, type RowStatus } from '../row-status.ts';
import { enqueueIdentityCleanup, withdrawOnly } from '../outbox/identity-cleanup.ts';

type Needs = Pick<Ports, 'users' | 'outbox' | 'clock'>;

/** Rows that are worked out before others have their turn: of each all is looked through that sites and the person keep at the server. */
const rowsAtOnce = 4;

/** Of each row of a person, with others' turns in between: whoever is at hundreds of sites held everybody up for as long as it took. */
export const ofEachRow = async <T>(
  { clock }: Pick<Ports, 'clock'>,
  rows: readonly User[],
  work: (row: User) => T,
): Promise<readonly T[]> => {
  const done: T[] = [];
  for (let from = 0; from < rows.length; from += rowsAtOnce) {
    if (from > 0) await clock.nextTurn();
    done.push(...rows.slice(from, from + rowsAtOnce).map(work));
  }
  return done;
};

/** A row of a person of this issuer as the profile says it should be, with its own site's view and its own client's role. */
export const mirrorOf =
  (clients: OauthClients, { issuer, hasUnsaidFields }: Pick<Person, 'issuer' | 'hasUnsaidFields'>, profile: Profile) =>
  (row: User): UserRow =>
    mirrored(
      row,
      profile,
      clients.site(row.siteId),
      clients.clientId(row.siteId, issuer),
      hasUnsaidFields ? 'is-not-said' : 'means-nothing',
    );

interface Saving {
  readonly siteOf: OauthClients['site'];
  readonly through: number | null;
  readonly freedBy?: FreedBy;
}
/** From whom nothing is taken back, asked only where an address is given. */
type FreedBy = () => Promise<readonly number[]>;
interface Saved {
  /** Columns in which rows differed. */
  readonly differed: readonly UserField[];
  /** Whether a row that can be seen was left without its address, as somebody else has it at that site. */
  readonly isWithoutAddress: boolean;
}

/**
 * Writes what differs, in one statement; the rows must be locked. `through`: the row that somebody wrote, or that is back,
 * whose `updatedAt` moves; of the others it does only where their role changed or everybody sees a difference. `freedBy`: as for `giveAddresses`.
 */
export const saveChanged = async (
  ports: Needs,
  rows: readonly User[],
  next: (row: User) => UserRow,
  { siteOf, through, freedBy = () => Promise.resolve([]) }: Saving,
): Promise<Saved> => {
  const wanted = await ofEachRow(ports, rows, (before) => ({ before, after: next(before) }));
  const arriving = wanted.filter(({ before, after }) => after.email !== null && after.email !== before.email);
  const refused = await giveAddresses(
    ports,
    arriving.map(({ before, after }) => wantingOf(after, before.person?.issuer ?? null)),
    arriving.length === 0 ? [] : await freedBy(),
  );
  const updatedAt = ports.clock.now();
  const changes = wanted
    .map(({ before, after }) => ({ before, after: refused.has(before.id) ? { ...after, email: null } : after }))
    .map((change) => ({ ...change, columns: changedColumns(change.before, change.after) }))
    .filter(({ columns }) => columns.length > 0);
  const moves = ({ before, after, columns }: (typeof changes)[number]): boolean =>
    before.id === through ||
    before.role !== after.role ||
    // That somebody was there stands in a column of its own.
    (columns.some((column) => column !== 'lastLogin') && isSeenByAll(before, after, siteOf(before.siteId)));
  await ports.users.save(
    changes.map((change) => {
      const { before, after } = change;
      return { before, after: moves(change) ? { ...after, updatedAt } : after };
    }),
  );
  return {
    differed: [...new Set(changes.flatMap(({ columns }) => columns))],
    isWithoutAddress: rows.some(({ id, deletedAt }) => deletedAt === null && refused.has(id)),
  };
};

/**
 * Before rows are written: frees the addresses that they are given, where the database lets one stand once at a site, and answers
 * the ids of rows that cannot have theirs. People whose old copy gave way are read anew; `freedBy`: whose refresh led to this one,
 * from whom nothing is taken back. In the unit of the rows; one statement for each address, more only on a conflict.
 */
export const giveAddresses = async (
  { users, outbox, clock }: Needs,
  wanting: readonly Wanting[],
  freedBy: readonly number[] = [],
): Promise<ReadonlySet<number>> => {
  const refused = new Set<number>();
  for (const [address, rows] of byAddress(wanting)) {
    const holders = await users.addressHolders(address, sitesOf(rows), 'locked');
    if (holders === null) return refused;
    const assigned = assignAddresses(rows, holders, freedBy);
    for (const id of assigned.refused) refused.add(id);
    const updatedAt = clock.now();
    await users.save(assigned.giving.map((before) => ({ before, after: { ...before, email: null, updatedAt } })));
    const takers = rows.flatMap(({ personId }) => personId ?? []);
    for (const personId of new Set(assigned.giving.flatMap((row) => row.personId ?? []))) {
      if (takers.includes(personId)) continue;
      const by = [...new Set([...freedBy, ...takers])];
      await outbox.addMerged(
        { topic: 'person.refresh', key: refreshKey(personId), payload: { personId, freedBy: by } },
        (earlier) => ({ personId, freedBy: [...new Set([...(earlier.freedBy ?? []), ...by])] }),
        'free',
      );
    }
  }
  return refused;
};

/** Fault `conflict` (rule `address-taken`) where a row could not be given its address as things stand. Writes nothing. */
export const mustBeGivable = async ({ users }: Pick<Ports, 'users'>, row: Wanting): Promise<void> => {
  if (row.email === null) return;
  const holders = await users.addressHolders(row.email.trim(), sitesOf([row]), 'plain');
  if (holders !== null && assignAddresses([row], holders, []).refused.size > 0) throw addressTaken();
};

export const addressTaken = (): Fault<'conflict'> =>
  new Fault(
    'conflict',
    { rule: 'address-taken', field: 'email' },
    'Another user of this site has this e-mail address.',
  );

const byAddress = (wanting: readonly Wanting[]): ReadonlyMap<string, readonly Wanting[]> => {
  const groups = new Map<string, Wanting[]>();
  for (const row of wanting) {
    if (row.email === null || row.siteId === null) continue;
    groups.set(row.email, [...(groups.get(row.email) ?? []), row]);
  }
  return groups;
};

const sitesOf = (rows: readonly Wanting[]): readonly number[] => [
  ...new Set(rows.flatMap(({ siteId }) => (siteId === null ? [] : [siteId]))),
];

export type AcceptForeignWritesNeeds = Pick<
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
export const acceptForeignWrites = async (ports: AcceptForeignWritesNeeds, held: PersonRows): Promise<PersonRows> => {
  const { person, rows } = held;
  const found = rows.filter((row) => isFoundAnonymized(row, person));
  const otherwise = rows.filter((row) => namesAnotherPerson(row, person));
  if (person === null || found.length + otherwise.length === 0) return held;
  const own = { person, rows: rows.filter((row) => !otherwise.includes(row)) };
  const rowStatus = await rowStatusOf(ports, rows);
  const isBelieved = ports.settings.isBesideOpenstad;
  if (found.length > 0 && isBelieved) await anonymizeOnceMore(ports, own, found, rowStatus);
  await unlink(ports, otherwise);
  const left = own.rows.filter((row) => !found.includes(row));
  if (found.length > 0 && !isBelieved) await noteFinding(ports, person.id, 'found-anonymized');
  else if (isNobodyLeft(own.rows, found, rowStatus)) await noteFinding(ports, person.id, 'left-behind');
  return { person, rows: left };
};

/** A row that looks anonymized by another program, while nobody beside us anonymizes: it takes no profile and no login until somebody has looked. */
export const isLeftAsFound = ({ settings }: Pick<Ports, 'settings'>, row: User): boolean =>
  !settings.isBesideOpenstad && isFoundAnonymized(row, row.person);

const noteFinding = (
  { findings, clock }: Pick<Ports, 'findings' | 'clock'>,
  personId: number,
  kind: NotedKind,
): Promise<void> => findings.note(personId, [{ kind, fields: [] }], clock.now());

const anonymizeOnceMore = async (
  ports: AcceptForeignWritesNeeds,
  held: PersonRows,
  found: readonly User[],
  rowStatus: RowStatus,
): Promise<void> => {
  const plan = await planRows(ports, { held, chosen: found, rowStatus, lockMode: 'locked' });
  await anonymizeRows(ports, plan);
  await forgetFacts(ports, held, found);
  const operation = newOperation(ports);
  const cleanup = isNobodyLeft(held.rows, found, rowStatus)
    ? await withdrawOnly(ports, held, found, operation)
    : await enqueueIdentityCleanup(ports, held, found, rowStatus, operation, 'free');
  await recordOperation(ports, operation, { call: 'found anonymized', actor: null, cleanup }, anonymizedRows(plan));
};

/** Unlinks rows and ends their sessions: they belong to somebody else now. */
const unlink = async ({ users, sessions, clock }: AcceptForeignWritesNeeds, rows: readonly User[]): Promise<void> => {
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
