import { isFault } from '../domain/fault.ts';
import type { Seal } from '../ports/audit-seals.ts';
import type { Ports } from '../ports/index.ts';
import { sealsAfter } from './audit-chain.ts';

type Needs = Pick<Ports, 'auditSeals' | 'secrets' | 'withLease' | 'inOneTransaction' | 'log'>;
const batchSize = 200;

/** Answers how many rows it sealed. */
export type SealAudit = (stopping: () => boolean) => Promise<number>;

/**
 * Seals what the audit holds by now, batch by batch. The lease only spares two instances the trouble of meeting: what keeps the
 * chain whole is that a place, and a row, can be taken once. Nothing is written, and no lease taken, where nothing is to seal.
 * The first turn looks at the whole table, later ones at its end. Source: docs/adr/0006.
 */
export const sealAudit = (ports: Needs): SealAudit => {
  let where: 'all' | 'recent' = 'all';
  let seen: Seal | null = null;

  const oneBatch = async (): Promise<number> => {
    const seals = await ports.inOneTransaction(async () => {
      const rows = await ports.auditSeals.unsealed(where, batchSize);
      const added = sealsAfter(ports.secrets, await ports.auditSeals.head(), rows);
      await ports.auditSeals.add(added);
      return added;
    });
    const head = seals.at(-1);
    if (head === undefined) return 0;
    seen = head;
    // Kept with the log, this is what shows that the end of the chain was cut off: `npm run audit:verify -- --head`.
    ports.log.info({ sealed: seals.length, place: head.seq, head: head.hash }, 'the audit was sealed');
    return seals.length;
  };

  return async (stopping) => {
    seen = await stillThere(ports, seen);
    const isIdle = (await ports.auditSeals.unsealed(where, 1)).length === 0;
    const sealed = isIdle
      ? 0
      : await underLease(ports, async (assertHeld) => {
          let total = 0;
          for (let count = batchSize; count === batchSize && !stopping(); total += count) {
            await assertHeld();
            count = await oneBatch();
          }
          return total;
        });
    // Whatever older rows there were are sealed now: by this instance, or by the one that held the lease.
    if (!stopping()) where = 'recent';
    return sealed;
  };
};

/** Another instance that is at it does it for all. */
const underLease = async (
  { withLease }: Needs,
  work: (assertHeld: () => Promise<void>) => Promise<number>,
): Promise<number> => {
  try {
    return await withLease('audit-seal', (lease) => work(() => lease.assertHeld()));
  } catch (error) {
    if (isFault(error, 'busy')) return 0;
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
