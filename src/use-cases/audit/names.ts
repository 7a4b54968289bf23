import type { OutcomeCall } from '../../ports/audit.ts';
import type { Ports } from '../../ports/index.ts';
import { authenticated } from './mac.ts';

/** As long as `Secrets.newToken` makes them. */
const nameLength = 43;

/** A name for a call that anonymizes or deletes: random, so that it is also the id of its operation. */
export const newOperation = ({ secrets }: Pick<Ports, 'secrets'>): string => secrets.newToken();

/** Where the receipt is read: the name, and what only we can make of it, so that whoever reads the audit does not know it. For ever the same. */
export const receiptAddress = ({ secrets }: Pick<Ports, 'secrets'>, operation: string): string =>
  operation + secrets.fingerprint('receipt address', operation);

/** The operation whose receipt has this address; null for what is no address of ours. */
export const operationAt = ({ secrets }: Pick<Ports, 'secrets'>, address: string): string | null => {
  const operation = address.slice(0, nameLength);
  return secrets.matches('receipt address', operation, address.slice(nameLength)) ? operation : null;
};

/** After the commit: where the log is kept elsewhere, a call of which the database holds nothing any more is missed. */
export const reportOperation = ({ log }: Pick<Ports, 'log'>, operation: string, rows: number): void => {
  log.info({ operation: operation, rows }, 'written into the audit');
};

/** Writes what came of some operations at the OAuth server, in the transaction that settles the message; one statement. */
export const recordOutcome = (
  { audit, clock, secrets }: Pick<Ports, 'audit' | 'clock' | 'secrets'>,
  call: OutcomeCall,
  oauth: string,
  operations: readonly string[] = [],
): Promise<void> => {
  const at = clock.now();
  return audit.append(
    authenticated(
      secrets,
      operations.map((operation) => ({ at, operation, call, oauth })),
    ),
  );
};
