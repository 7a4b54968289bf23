import type { OutcomeCall } from '../ports/audit.ts';
import type { Ports } from '../ports/index.ts';

/** Writes what came of some deeds at the OAuth server, in the transaction that settles the message; one statement. */
export const recordOutcome = (
  { audit, clock }: Pick<Ports, 'audit' | 'clock'>,
  call: OutcomeCall,
  oauth: string,
  deeds: readonly string[] = [],
): Promise<void> => {
  const at = clock.now();
  return audit.append(deeds.map((deed) => ({ at, deed, call, oauth })));
};
