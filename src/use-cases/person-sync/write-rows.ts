import { Fault } from '../../domain/fault.ts';
import { settledAddresses, wantingOf, type Wanting } from '../../domain/people/addresses.ts';
import { changedColumns, mirrored } from '../../domain/people/mirror.ts';
import type { Profile } from '../../domain/people/oauth-profile.ts';
import type { Person, User, UserRow } from '../../domain/users/user.ts';
import type { UserField } from '../../domain/users/user-fields.ts';
import { isSeenByAll } from '../../domain/users/user-visibility.ts';
import type { Ports } from '../../ports/index.ts';
import type { OauthClients } from '../oauth-clients.ts';
import { refreshKey } from '../person-names.ts';

type Needs = Pick<Ports, 'users' | 'outbox' | 'clock'>;

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
  readonly freedBy?: readonly number[];
}
interface Saved {
  /** Columns in which rows differed. */
  readonly differed: readonly UserField[];
  /** Whether a row that can be seen was left without its address, as somebody else has it at that site. */
  readonly isWithoutAddress: boolean;
}

/**
 * Writes what differs, in one statement; the rows must be locked. `through`: the row that somebody wrote or came through, whose
 * `updatedAt` moves; of the others it does only where everybody sees a difference. `freedBy`: as for `giveAddresses`.
 */
export const saveChanged = async (
  ports: Needs,
  rows: readonly User[],
  next: (row: User) => UserRow,
  { siteOf, through, freedBy = [] }: Saving,
): Promise<Saved> => {
  const wanted = rows.map((before) => ({ before, after: next(before) }));
  const arriving = wanted.filter(({ before, after }) => after.email !== null && after.email !== before.email);
  const refused = await giveAddresses(
    ports,
    arriving.map(({ before, after }) => wantingOf(after, before.person?.issuer ?? null)),
    freedBy,
  );
  const updatedAt = ports.clock.now();
  const changes = wanted
    .map(({ before, after }) => ({ before, after: refused.has(before.id) ? { ...after, email: null } : after }))
    .map((change) => ({ ...change, columns: changedColumns(change.before, change.after) }))
    .filter(({ columns }) => columns.length > 0);
  const moves = ({ before, after }: (typeof changes)[number]): boolean =>
    before.id === through || before.role !== after.role || isSeenByAll(before, after, siteOf(before.siteId));
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
    const settled = settledAddresses(rows, holders, freedBy);
    for (const id of settled.refused) refused.add(id);
    const updatedAt = clock.now();
    await users.save(settled.giving.map((before) => ({ before, after: { ...before, email: null, updatedAt } })));
    const takers = rows.flatMap(({ personId }) => personId ?? []);
    for (const personId of new Set(settled.giving.flatMap((row) => row.personId ?? []))) {
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
  if (holders !== null && settledAddresses([row], holders, []).refused.size > 0) throw addressTaken();
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
