import type { User, UserRow } from '../users/user.ts';

/** A row that is to have an address, where an address may stand once at a site. */
export type Wanting = Pick<UserRow, 'id' | 'siteId' | 'email' | 'personId' | 'slot' | 'deletedAt'> & {
  /** The OAuth server that says so; null: nobody but the row itself. */
  readonly issuer: string | null;
};
interface Assignment {
  /** Rows that give their address up. */
  readonly giving: readonly User[];
  /** Ids of the rows that cannot have theirs. */
  readonly refused: ReadonlySet<number>;
}

export const wantingOf = (after: UserRow, issuer: string | null): Wanting => ({ ...after, issuer });

/**
 * Who gets an address, and from whom. A row gives way when nobody sees it any more, or when it is an old copy: of another person of
 * the same OAuth server, which gives an address to one person only. `spared`: people from whom nothing is taken, as they have just
 * taken theirs. Source: running.md "Databases", docs/adr/0017.
 */
export const assignAddresses = (
  wanting: readonly Wanting[],
  holders: readonly User[],
  spared: readonly number[],
): Assignment => {
  const giving: User[] = [];
  const refused = new Set<number>();
  const served = new Set<number | null>();
  for (const row of [...wanting].sort(byRank)) {
    const holder = holders.find(({ id, siteId }) => siteId === row.siteId && id !== row.id);
    const isFree = holder === undefined || givesWay(holder, row, spared);
    if (served.has(row.siteId) || !isFree) {
      refused.add(row.id);
      continue;
    }
    served.add(row.siteId);
    if (holder !== undefined) giving.push(holder);
  }
  return { giving, refused };
};

const givesWay = (holder: User, row: Wanting, spared: readonly number[]): boolean => {
  if (holder.personId !== null && holder.personId === row.personId) return byRank(row, holder) < 0;
  if (holder.deletedAt !== null) return true;
  // Nobody loses what is seen to somebody who is not.
  if (row.deletedAt !== null || row.issuer === null || holder.person?.issuer !== row.issuer) return false;
  return !spared.includes(holder.person.id) && folded(holder.email) === folded(row.email);
};

/** Of one person's rows at a site: the live ones first, of those the one that login uses. */
const byRank = (one: Ranked, other: Ranked): number =>
  Number(one.deletedAt !== null) - Number(other.deletedAt !== null) || one.slot - other.slot || one.id - other.id;
type Ranked = Pick<UserRow, 'deletedAt' | 'slot' | 'id'>;

const folded = (address: string | null): string => (address ?? '').trim().toLowerCase();
