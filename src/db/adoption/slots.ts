/** A row that is to be linked to its person, at one site. */
export interface Unslotted {
  readonly id: number;
  readonly createdAt: Date;
  readonly isLive: boolean;
}

/**
 * Slots for rows of one person at one site, beside those that are taken: 0 for the oldest live row, 1, 2 … for the others. A slot
 * that was given once stays: login and POST may have used it. Source: running.md, "Adopting".
 */
export const slotsFor = (rows: readonly Unslotted[], taken: ReadonlySet<number>): ReadonlyMap<number, number> => {
  const ordered = [...rows].sort(
    (one, other) =>
      Number(other.isLive) - Number(one.isLive) ||
      one.createdAt.getTime() - other.createdAt.getTime() ||
      one.id - other.id,
  );
  const free = Array.from({ length: rows.length + taken.size }, (_, slot) => slot).filter((slot) => !taken.has(slot));
  return new Map(ordered.map(({ id }, at) => [id, free[at] ?? at]));
};
