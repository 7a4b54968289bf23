import { isFault } from '../domain/fault.ts';
import type { SealAudit } from '../use-cases/audit/seal.ts';
import type { Job } from './runner.ts';

/** Closes the chain over what was written since. */
export const sealAuditJob = (seal: SealAudit, everySeconds: number): Job => ({
  name: 'seal-audit',
  everySeconds,
  run: async (stopping) => {
    try {
      await seal(stopping);
    } catch (error) {
      // A database that is away for a while is told of where it is missed; the next turn seals what waits.
      if (!isFault(error, 'not-ready') && !isFault(error, 'busy')) throw error;
    }
  },
});
