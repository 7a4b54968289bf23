import type { FoundRow } from '../ports/audit-seals.ts';
import type { Ports } from '../ports/index.ts';
import type { AuditFinding } from './audit-findings.ts';
import { isGenuine } from './audit-mac.ts';
import { isTouch } from './audit-progress.ts';

const batchSize = 1000;
const patienceMs = 60_000;
const mostIds = 20;

/**
 * Walks all rows, sealed or not, call by call: what nobody here wrote, what is there twice, what is gone or stands in another order
 * than it was written in, and what is unsealed for over a minute. Holds one call at a time.
 */
export const verifyDeeds = async (
  { auditSeals, secrets, clock }: Pick<Ports, 'auditSeals' | 'secrets' | 'clock'>,
  add: (...more: readonly AuditFinding[]) => void,
): Promise<void> => {
  const due = clock.now().getTime() - patienceMs;
  const late: number[] = [];
  let lateRows = 0;
  let deed = newDeed(null);
  for await (const row of byDeed(auditSeals)) {
    if (!isGenuine(secrets, row)) {
      // What was sealed and changed is told with its seal.
      if (!row.isSealed) add({ kind: 'forged', what: `row ${row.id} was not written by this program, or was changed` });
      continue;
    }
    if (deed.name !== row.deed) {
      add(...missingIn(deed));
      deed = newDeed(row.deed);
    }
    add(...wrongWith(deed, row));
    if (row.isSealed || row.at.getTime() >= due) continue;
    lateRows += 1;
    if (late.length < mostIds) late.push(row.id);
  }
  add(...missingIn(deed));
  if (lateRows > 0) {
    const named = `${late.join(', ')}${lateRows > late.length ? ' …' : ''}`;
    add({ kind: 'unsealed', what: `${lateRows} row(s) older than a minute have no seal: ${named}` });
  }
};

async function* byDeed(auditSeals: Ports['auditSeals']): AsyncGenerator<FoundRow, void, undefined> {
  let behind: FoundRow | null = null;
  for (;;) {
    const batch: readonly FoundRow[] = await auditSeals.byDeed(behind, batchSize);
    yield* batch;
    behind = batch.at(-1) ?? null;
    if (batch.length < batchSize) return;
  }
}

/** What was seen of the call that is walked; only rows that we wrote. */
interface OneDeed {
  /** null: the walk has not begun. */
  readonly name: string | null;
  readonly macs: Set<string | null>;
  /** As each of its rows says; null: none was seen. */
  places: number | null;
  found: number;
  /** The place of the row before; outcomes stand behind all places. */
  last: number;
}

const newDeed = (name: string | null): OneDeed => ({ name, macs: new Set(), places: null, found: 0, last: 0 });

/** Takes the row into the call. */
const wrongWith = (deed: OneDeed, row: FoundRow): readonly AuditFinding[] => {
  if (deed.macs.has(row.mac)) return [{ kind: 'copied', what: `row ${row.id} is the copy of another` }];
  deed.macs.add(row.mac);
  const place = isTouch(row) ? (row.place ?? 0) : Infinity;
  const isBefore = place < deed.last;
  deed.last = place;
  if (isTouch(row)) {
    deed.places = row.places;
    deed.found += 1;
  }
  return isBefore ? [{ kind: 'reordered', what: `row ${row.id} was written before the one that it follows` }] : [];
};

const missingIn = ({ name, places, found }: OneDeed): readonly AuditFinding[] =>
  name === null || found === places
    ? []
    : [{ kind: 'missing', what: `of the ${places ?? 'user'} rows of operation ${name} ${found} are left as written` }];
