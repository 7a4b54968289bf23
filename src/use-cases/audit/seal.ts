import { isFault } from '../../domain/fault.ts';
import type { AuditRow, Seal } from '../../ports/audit.ts';
import type { Ports } from '../../ports/index.ts';
import { isGenuine } from './entries.ts';

type Needs = Pick<Ports, 'auditSeals' | 'secrets' | 'withLease' | 'inOneTransaction' | 'log'>;
const batchSize = 200;

/** Answers how many rows it sealed. */
export type SealAudit = (stopping: () => boolean) => Promise<number>;

/**
 * Seals what the audit holds by now, batch by batch, and never what this program did not write. The lease only spares two instances
 * the trouble of meeting: what keeps the chain whole is that a place, and a row, can be taken once. Nothing is written, and no lease
 * taken, where nothing is to seal. The first turn looks at the whole table, later ones at its end. Source: docs/adr/0006.
 */
export const sealAudit = (ports: Needs): SealAudit => {
  let where: 'all' | 'recent' = 'all';
  let seen: Seal | null = null;
  const tellOfRefused = teller(ports.log);
  const look = (behind: number | null): Promise<Batch> => batchBehind(ports, where, behind);

  const sealOneBatch = async (behind: number | null): Promise<Batch> => {
    const { batch, seals } = await ports.inOneTransaction(async () => {
      const found = await look(behind);
      const added = sealsAfter(ports.secrets, await ports.auditSeals.head(), found.genuine);
      await ports.auditSeals.add(added);
      return { batch: found, seals: added };
    });
    const head = seals.at(-1);
    if (head === undefined) return batch;
    seen = head;
    // Kept with the log, this is what shows that the end of the chain was cut off: `npm run audit:verify -- --head`.
    ports.log.info({ sealed: seals.length, place: head.seq, head: head.hash }, 'the audit was sealed');
    return batch;
  };

  return async (stopping) => {
    seen = await stillThere(ports, seen);
    let walked = await walk(look, stopping, ({ genuine }) => genuine.length === 0);
    const isIdle = walked.genuine === 0;
    if (!isIdle)
      walked = await underLease(ports, (assertHeld) =>
        walk(async (behind) => {
          await assertHeld();
          return sealOneBatch(behind);
        }, stopping),
      );
    tellOfRefused(walked);
    // Whatever older rows there were are sealed now: by this instance, or by the one that held the lease.
    if (!stopping()) where = 'recent';
    return isIdle ? 0 : walked.genuine;
  };
};

/** Some unsealed rows: those that we wrote, and those that are sealed by nobody. */
interface Batch {
  readonly genuine: readonly AuditRow[];
  readonly refused: readonly AuditRow[];
  /** Behind which id the next begins; null: it was the last. */
  readonly next: number | null;
}
interface Walked {
  readonly genuine: number;
  readonly refused: number;
  /** The highest id that was refused; null where none was. */
  readonly lastRefused: number | null;
}

const batchBehind = async (
  { auditSeals, secrets }: Needs,
  where: 'all' | 'recent',
  behind: number | null,
): Promise<Batch> => {
  const rows = await auditSeals.unsealed(where, behind, batchSize);
  const genuine = rows.filter((row) => isGenuine(secrets, row));
  const refused = rows.filter((row) => !genuine.includes(row));
  return { genuine, refused, next: rows.length < batchSize ? null : (rows.at(-1)?.id ?? null) };
};

/** Batch by batch, past rows that are refused, to the end or as long as `goesOn`. */
const walk = async (
  take: (behind: number | null) => Promise<Batch>,
  stopping: () => boolean,
  goesOn: (batch: Batch) => boolean = () => true,
): Promise<Walked> => {
  let walked = nothing;
  let behind: number | null = null;
  do {
    const batch: Batch = await take(behind);
    behind = goesOn(batch) ? batch.next : null;
    walked = {
      genuine: walked.genuine + batch.genuine.length,
      refused: walked.refused + batch.refused.length,
      lastRefused: batch.refused.at(-1)?.id ?? walked.lastRefused,
    };
  } while (behind !== null && !stopping());
  return walked;
};
const nothing: Walked = { genuine: 0, refused: 0, lastRefused: null };

/** Says it again when there are others, not at every turn. */
const teller = (log: Ports['log']): ((walked: Walked) => void) => {
  let told = nothing;
  return (walked) => {
    const { refused, lastRefused } = walked;
    if (refused > 0 && (refused !== told.refused || lastRefused !== told.lastRefused))
      log.error(
        { rows: refused, lastId: lastRefused },
        'rows of the audit were not written by this program, or were changed: run `npm run audit:verify`',
      );
    told = walked;
  };
};

/** Another instance that is at it does it for all. */
const underLease = async (
  { withLease }: Needs,
  work: (assertHeld: () => Promise<void>) => Promise<Walked>,
): Promise<Walked> => {
  try {
    return await withLease('audit-seal', (lease) => work(() => lease.assertHeld()));
  } catch (error) {
    if (isFault(error, 'busy')) return nothing;
    throw error;
  }
};

/** The end of the chain as this process last saw it must still be in it: what was cut off is sealed anew without a gap. */
const stillThere = async ({ auditSeals, log }: Needs, seen: Seal | null): Promise<Seal | null> => {
  const now = seen === null ? null : await auditSeals.at(seen.seq);
  if (seen !== null && now?.hash !== seen.hash) {
    log.error({ place: seen.seq, head: seen.hash }, 'the audit has lost a seal: run `npm run audit:verify -- --head`');
  }
  return auditSeals.head();
};

type Secrets = Pick<Ports['secrets'], 'fingerprint'>;

/** The chain before its first seal. */
export const noHash = '';

/**
 * A row as one fingerprint, in an order that never changes. `shown` and `actorName`, which this list does not name, are in it by `mac`,
 * which is over them; `listedAt` follows from the other columns.
 */
export const rowHashOf = ({ fingerprint }: Secrets, row: AuditRow): string =>
  fingerprint(
    'audit row',
    JSON.stringify([
      ...[row.id, row.at.toISOString(), row.call, row.operation, row.actorId, row.actorKind],
      ...[row.siteId, row.userId, row.disposition, row.counts, row.digest, row.oauth],
      ...[row.reason, row.withheld, row.told, row.rank, row.rowCount, row.mac],
    ]),
  );

export const sealHashOf = (
  { fingerprint }: Secrets,
  before: string,
  { seq, rowHash }: Pick<Seal, 'seq' | 'rowHash'>,
): string => fingerprint('audit seal', JSON.stringify([before, seq, rowHash]));

/** Whether a seal is ours, over this row and behind this hash: which row a seal names is in no hash, only what it holds. */
export const isSealedAs = (secrets: Secrets, before: string | null, seal: Seal, row: AuditRow): boolean =>
  seal.rowHash === rowHashOf(secrets, row) && seal.hash === sealHashOf(secrets, before ?? noHash, seal);

/** The seals of these rows, in this order, after the present end of the chain. */
const sealsAfter = (secrets: Secrets, head: Seal | null, rows: readonly AuditRow[]): readonly Seal[] =>
  rows.reduce<readonly Seal[]>((seals, row) => {
    const before = seals.at(-1) ?? head;
    const seq = (before?.seq ?? 0) + 1;
    const rowHash = rowHashOf(secrets, row);
    const hash = sealHashOf(secrets, before?.hash ?? noHash, { seq, rowHash });
    return [...seals, { seq, auditId: row.id, rowHash, hash }];
  }, []);
