import type { OutcomeCall } from '../../ports/audit.ts';
import type { Ports } from '../../ports/index.ts';
import { authenticated } from './mac.ts';

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
