import type { SealAudit } from '../users/audit-seal.ts';
import type { Job } from './runner.ts';

/** Closes the chain over what was written since. */
export const sealAuditJob = (seal: SealAudit, everySeconds: number): Job => ({
  name: 'seal-audit',
  everySeconds,
  run: async (stopping) => {
    await seal(stopping);
  },
});
