import { settledAddresses, type Wanting } from '../../domain/people/addresses.ts';
import { Fault } from '../../domain/fault.ts';
import type { Ports } from '../../ports/index.ts';
import { refreshKey } from '../person-names.ts';

type Needs = Pick<Ports, 'users' | 'outbox' | 'clock'>;

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
