import type { activityTypes } from '../../activity-types/index.ts';
import type { ActivityType, Disposition } from '../../activity-types/definition.ts';
import type { ContributionRef } from '../../ports/activity-store.ts';
import type { Digest } from '../../ports/secrets.ts';
import type { PlannedRow } from './planned-row.ts';

/** What will happen to one user row's contributions of one kind. */
export interface Counts {
  readonly stays: number;
  readonly goes: number;
  readonly hiddenStays: number;
  readonly hiddenGoes: number;
  /** Of those that stay: how many lose a personal value. */
  readonly anonymized: number;
}
const none: Counts = { stays: 0, goes: 0, hiddenStays: 0, hiddenGoes: 0, anonymized: 0 };

/** Counts what a walk over one kind finds, per user row, and adds each disposition to the digest. */
export const counted = async (
  type: (typeof activityTypes)[number],
  rows: readonly PlannedRow[],
  walk: AsyncIterable<readonly ContributionRef[]>,
  digest: Digest,
): Promise<ReadonlyMap<number, Counts>> => {
  const dispositions = new Map(rows.map(({ user, dispositions: its }) => [user.id, its[type.plural]]));
  const counts = new Map<number, Tally>();
  for await (const references of walk) {
    let lines = '';
    for (const one of references) {
      const disposition = dispositionOf(type, dispositions.get(one.userId) ?? 'keep', one.isHidden);
      lines += `${type.table} ${one.id} ${disposition}\n`;
      let tally = counts.get(one.userId);
      if (tally === undefined) counts.set(one.userId, (tally = { ...none }));
      tallyUp(tally, one, disposition);
    }
    digest.add(lines);
  }
  return counts;
};

/** The disposition of one contribution: what its author's row says, soft-deleted ones as their kind says. */
export const dispositionOf = (type: ActivityType, disposition: Disposition, isHidden: boolean): Disposition =>
  isHidden && disposition !== 'remove' ? type.whenHidden : disposition;

/** In place: of tens of thousands, a new value for each would be what takes longest. */
const tallyUp = (tally: Tally, { isHidden, hasPersonal }: ContributionRef, disposition: Disposition): void => {
  if (disposition === 'remove') tally[isHidden ? 'hiddenGoes' : 'goes'] += 1;
  else tally[isHidden ? 'hiddenStays' : 'stays'] += 1;
  if (disposition === 'anonymize' && hasPersonal) tally.anonymized += 1;
};
type Tally = { -readonly [Field in keyof Counts]: Counts[Field] };

/** The voting state of each planned row's site, in id order. */
export const addSites = (digest: Digest, rows: readonly PlannedRow[]): void => {
  const states = new Map(
    rows.flatMap(({ site, votingIsActive }) => (site === null ? [] : [[site.id, votingIsActive] as const])),
  );
  for (const [id, isActive] of [...states].sort(([one], [other]) => one - other)) {
    digest.add(`sites ${id} ${isActive ? 'voting' : 'not-voting'}\n`);
  }
};

/** The planned rows themselves, in id order. */
export const addUsers = (digest: Digest, rows: readonly PlannedRow[]): void => {
  for (const id of rows.map(({ user }) => user.id).sort((one, other) => one - other))
    digest.add(`users ${id} anonymize\n`);
};
