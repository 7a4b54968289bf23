import {
  dispositionOf,
  type Disposition,
  type PersonalTable,
  type SiteState,
} from '../../activity-types/definition.ts';
import type { Anywhere } from '../../domain/people/vouching.ts';
import type { EntryRow } from '../../domain/users/user.ts';
import type { Digest } from '../../ports/platform.ts';
import type { Ports } from '../../ports/index.ts';
import type {
  Applied,
  ChangeSet,
  SideBatch,
  SideReference,
  SidePosition,
  SideSubjects,
} from '../../ports/activity-store.ts';
import { RunAgain } from '../../ports/unit-of-work.ts';
import type { SideTable } from '../../side-tables/definition.ts';

/** What becomes of what side tables hold of the planned rows: in no answer, but in the digest. See docs/adr/0005. */
export interface PlannedSideRows {
  readonly subjects: SideSubjects;
  /** Tables where something changes, and how many rows. */
  readonly tables: readonly SideCounts[];
}
interface SideCounts extends Applied {
  readonly table: SideTable;
}
/** How side tables may name somebody. */
interface Subject {
  readonly user: EntryRow;
  readonly anywhere: Anywhere;
}
/** And what their site says. */
type Concerned = Subject & SiteState;
/** A row that names its person by an address only. */
const namesNobody: SiteState = { votingIsActive: false };
type Needs = Pick<Ports, 'sideTables'>;
/** Rows a statement: each is an object from the driver, and a batch of them is a piece of work for the event loop. */
const batchSize = 2000;

/** Reads which rows of side tables name these users, and adds their dispositions to the digest, sorted by table and id, behind those of the contributions. */
export const sideRowsOf = async (
  { sideTables }: Needs,
  rows: readonly Concerned[],
  digest: Digest,
): Promise<PlannedSideRows> => {
  const subjects = subjectsOf(rows);
  const byId = new Map(rows.map((row) => [row.user.id, row]));
  const counts = new Map<string, SideCounts>();
  for (let after: SidePosition | null = null; ;) {
    const { found, next }: SideBatch = await sideTables.references(subjects, after, batchSize);
    let lines = '';
    for (const one of found) {
      const disposition = dispositionOf(one.table, byId.get(one.userId ?? 0) ?? namesNobody, one.isHidden);
      lines += `${one.table.table} ${one.id} ${disposition}\n`;
      counts.set(one.table.table, plus(counts.get(one.table.table), one, disposition));
    }
    if (lines !== '') digest.add(lines);
    if (next === null) break;
    after = next;
  }
  return { subjects, tables: [...counts.values()].filter(({ removed, anonymized }) => removed + anonymized > 0) };
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
export const executeSideRows = async (
  { sideTables }: Needs,
  { side, rows }: { readonly side: PlannedSideRows; readonly rows: readonly Concerned[] },
): Promise<void> => {
  for (const { table, removed, anonymized } of side.tables) {
    mustBeAsPlanned(
      table,
      { removed, anonymized },
      await sideTables.applyChangeSet(table, side.subjects, changeSetOf(table, rows)),
    );
  }
};

/** Whose rows of a table lose what; of contributions, too. */
export const changeSetOf = (
  table: PersonalTable,
  rows: readonly (SiteState & { readonly user: Pick<EntryRow, 'id'> })[],
): ChangeSet => {
  const idsWith = (seen: readonly Disposition[], hidden?: Disposition): readonly number[] =>
    rows
      .filter((row) => seen.includes(dispositionOf(table, row, false)))
      .filter((row) => hidden === undefined || dispositionOf(table, row, true) === hidden)
      .map(({ user }) => user.id);
  return {
    removeAllOf: idsWith(['remove']),
    removeHiddenOf: idsWith(['keep', 'anonymize'], 'remove'),
    anonymizeOf: idsWith(['anonymize']),
  };
};

export const mustBeAsPlanned = ({ table }: PersonalTable, planned: Applied, done: Applied): void => {
  if (done.removed !== planned.removed || done.anonymized !== planned.anonymized)
    throw new RunAgain(`${table} changed between plan and execution`);
};

const plus = (
  counts: SideCounts | undefined,
  { table, hasPersonal }: SideReference,
  disposition: Disposition,
): SideCounts => ({
  table,
  removed: (counts?.removed ?? 0) + (disposition === 'remove' ? 1 : 0),
  anonymized: (counts?.anonymized ?? 0) + (disposition === 'anonymize' && hasPersonal ? 1 : 0),
});
