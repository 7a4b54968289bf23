import { Fault } from '../../domain/fault.ts';
import type { AuditCounts } from '../../ports/audit.ts';
import type { Ports } from '../../ports/index.ts';
import { isSealedAs } from './seal.ts';
import type { OperationClaims, Receipt } from './commands.ts';
import { operationAt } from './entries.ts';
import {
  askedBy,
  countsOf,
  findOperation,
  toldTo,
  type Audience,
  type OauthProgress,
  type ReadOperation,
} from './read-operation.ts';

/** Of what a receipt holds, not of the program: another one where whoever reads receipts has to read them otherwise. */
const formatVersion = 1;

type Needs = Pick<Ports, 'audit' | 'auditSeals' | 'receipts' | 'secrets' | 'clock' | 'log'>;

/**
 * The receipt at this address, signed now, by the program as it is now, with the outcome at the OAuth server as it is by now: a
 * compact JWS. No personal value, and no id of a row. Operation, digest and who asked are the same for all rows of the person: so only
 * who asked is given the address. Faults `not-found`, `conflict` (audit-not-whole). Source: anonymization.md §5, docs/adr/0006.
 */
export const readReceipt =
  (ports: Needs) =>
  async (address: string): Promise<Receipt> => {
    const name = operationAt(ports, address);
    const operation = name === null ? null : await findOperation(ports, name);
    if (operation === null) throw new Fault('not-found', {}, 'There is no such receipt.');
    const claims = {
      version: formatVersion,
      ...claimsOf(operation, 'who-asked'),
      sealedAs: await sealedAs(ports, operation),
      issuedAt: ports.clock.now().toISOString(),
    } as const;
    return { claims, signed: ports.receipts.sign({ ...claims }) };
  };

/**
 * What is said of an operation to whoever has a part in it. A receipt is for who asked, as its address is in their answer. Never why
 * somebody was kept: it would say where else they are.
 */
export const claimsOf = (operation: ReadOperation, to: Audience): OperationClaims => {
  const [first] = operation.touched;
  const { rows, progress, settledAt, late } = toldTo(to, operation);
  const siteIds = [...new Set(rows.map(({ siteId }) => siteId))];
  return {
    operation: first.operation,
    call: first.call,
    at: first.at.toISOString(),
    by: askedBy(first),
    reason: first.reason,
    digest: first.digest,
    users: rows.length,
    sites: siteIds.map((siteId) => {
      const own = rows.filter((row) => row.siteId === siteId);
      return { id: siteId, users: own.length, counts: summed(own.map(countsOf)) };
    }),
    counts: summed(rows.map(countsOf)),
    ...(late === 0 ? {} : { late }),
    ...(progress === null ? {} : { oauth: oauthClaims(progress, settledAt) }),
  };
};

const oauthClaims = (
  { removal, values }: OauthProgress,
  settledAt: Date | null,
): NonNullable<OperationClaims['oauth']> => ({ removal, values, settledAt: settledAt?.toISOString() ?? null });

/** The hash that anchors the chain; null where nothing is sealed yet, or where the seal is not one that we made. */
const sealedAs = async (
  { auditSeals, secrets }: Needs,
  { touched, outcomes, late }: ReadOperation,
): Promise<string | null> => {
  const rows = [...touched, ...outcomes, ...late];
  const found = await auditSeals.lastOf(rows.map(({ id }) => id));
  const row = rows.find(({ id }) => id === found?.seal.auditId);
  return found !== null && row !== undefined && isSealedAs(secrets, found.before, found.seal, row)
    ? found.seal.hash
    : null;
};

const summed = (all: readonly AuditCounts[]): AuditCounts => {
  const kinds = [...new Set(all.flatMap((counts) => Object.keys(counts)))];
  return Object.fromEntries(
    kinds.map((kind) => {
      const sum = (disposition: 'keep' | 'anonymize' | 'remove'): number =>
        all.reduce((total, counts) => total + (counts[kind]?.[disposition] ?? 0), 0);
      return [kind, { keep: sum('keep'), anonymize: sum('anonymize'), remove: sum('remove') }];
    }),
  );
};
