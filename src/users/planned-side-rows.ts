import type { Fate } from '../activity-types/definition.ts';
import type { Anywhere } from '../domain/address-proof.ts';
import type { User } from '../domain/user.ts';
import type { Digest } from '../ports/digest.ts';
import type { Ports } from '../ports/index.ts';
import type { SideFootprint, SidePosition, SideSettlement, SideSubjects } from '../ports/side-table-store.ts';
import { RunAgain } from '../ports/unit-of-work.ts';
import type { SideTable } from '../side-tables/definition.ts';

/** What becomes of what side tables hold of the planned rows: in no answer, but in the digest. See docs/adr/0005. */
export interface PlannedSideRows {
  readonly subjects: SideSubjects;
  /** Tables where something changes, and how many rows. */
  readonly tables: readonly SideCounts[];
}
interface SideCounts {
  readonly table: SideTable;
  readonly removed: number;
  readonly stripped: number;
}
/** How side tables may name somebody. */
interface Subject {
  readonly user: User;
  readonly anywhere: Anywhere;
}
/** And what their site says. */
interface Concerned extends Subject {
  readonly votingIsActive: boolean;
}
type Needs = Pick<Ports, 'sideTables'>;
/** Rows a statement: each is an object from the driver, and a batch of them is a piece of work for the event loop. */
const batchSize = 2000;

/** Reads which rows of side tables name these users, and adds their fates to the digest, sorted by table and id. */
export const sideRowsOf = async (
  { sideTables }: Needs,
  rows: readonly Concerned[],
  digest: Digest,
): Promise<PlannedSideRows> => {
  const subjects = subjectsOf(rows);
  const voting = new Map(rows.map(({ user, votingIsActive }) => [user.id, votingIsActive]));
  const counts = new Map<string, SideCounts>();
  for (let after: SidePosition | null = null; ;) {
    const batch: readonly SideFootprint[] = await sideTables.footprints(subjects, after, batchSize);
    let lines = '';
    for (const one of batch) {
      const fate = fateOf(one.table, voting.get(one.userId ?? 0) ?? false, one.isHidden);
      lines += `${one.table.table} ${one.id} ${fate}\n`;
      counts.set(one.table.table, plus(counts.get(one.table.table), one, fate));
    }
    if (lines !== '') digest.add(lines);
    const last = batch.at(-1);
    if (last === undefined || batch.length < batchSize) break;
    after = last;
  }
  return { subjects, tables: [...counts.values()].filter(({ removed, stripped }) => removed + stripped > 0) };
};

/** How side tables know these rows. */
export const subjectsOf = (rows: readonly Subject[]): SideSubjects => ({
  users: rows.map(({ user: { id, siteId, email, externalUserId }, anywhere }) => ({
    userId: id,
    siteId,
    email,
    externalId: externalUserId,
    anywhere,
  })),
});

/** Carries out the plan, inside its transaction: what changes must be what was planned, else the unit runs again. */
export const settleSideRows = async (
  { sideTables }: Needs,
  { side, rows }: { readonly side: PlannedSideRows; readonly rows: readonly Concerned[] },
): Promise<void> => {
  for (const { table, removed, stripped } of side.tables) {
    const done = await sideTables.settle(table, settlementOf(table, side.subjects, rows));
    if (done.removed !== removed || done.stripped !== stripped) {
      throw new RunAgain(`${table.table} changed between plan and deed`);
    }
  }
};

const fateOf = (table: SideTable, votingIsActive: boolean, isHidden: boolean): Fate => {
  const fate = table.whenAnonymized({ votingIsActive });
  return isHidden && fate !== 'remove' ? table.whenHidden : fate;
};

const plus = (counts: SideCounts | undefined, { table, hasPersonal }: SideFootprint, fate: Fate): SideCounts => ({
  table,
  removed: (counts?.removed ?? 0) + (fate === 'remove' ? 1 : 0),
  stripped: (counts?.stripped ?? 0) + (fate === 'strip' && hasPersonal ? 1 : 0),
});

const settlementOf = (table: SideTable, subjects: SideSubjects, rows: readonly Concerned[]): SideSettlement => {
  const fates = new Map(
    rows.map(({ user, votingIsActive }) => [user.id, table.whenAnonymized({ votingIsActive })] as const),
  );
  const those = (wanted: (fate: Fate) => boolean): SideSubjects => ({
    users: subjects.users.filter(({ userId }) => wanted(fates.get(userId) ?? 'keep')),
  });
  return {
    remove: those((fate) => fate === 'remove'),
    removeHidden: those((fate) => table.whenHidden === 'remove' && fate !== 'remove'),
    strip: those((fate) => fate === 'strip'),
  };
};
