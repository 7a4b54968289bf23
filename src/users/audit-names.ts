import type { Ports } from '../ports/index.ts';

/** As long as `Secrets.newToken` makes them. */
const nameLength = 43;

/** A name for a call that anonymizes or deletes: random, so that it is also the id of its operation. */
export const newDeed = ({ secrets }: Pick<Ports, 'secrets'>): string => secrets.newToken();

/** Where the receipt is read: the name, and what only we can make of it, so that whoever reads the audit does not know it. For ever the same. */
export const receiptAddress = ({ secrets }: Pick<Ports, 'secrets'>, deed: string): string =>
  deed + secrets.fingerprint(proofOf(deed));

/** The deed whose receipt has this address; null for what is no address of ours. */
export const deedAt = ({ secrets }: Pick<Ports, 'secrets'>, address: string): string | null => {
  const deed = address.slice(0, nameLength);
  return secrets.matches(proofOf(deed), address.slice(nameLength)) ? deed : null;
};

const proofOf = (deed: string): string => JSON.stringify(['receipt address', deed]);

/** After the commit: where the log is kept elsewhere, a call of which the database holds nothing any more is missed. */
export const tellOfDeed = ({ log }: Pick<Ports, 'log'>, deed: string, rows: number): void => {
  log.info({ operation: deed, rows }, 'written into the audit');
};
