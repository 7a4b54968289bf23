import type { DeliverMessage } from '../use-cases/outbox/deliver-message.ts';
import type { Job } from './runner.ts';

/** Carries out what waits in the outbox: after a restart, and whatever did not succeed at once. */
export const dispatchOutbox = (deliver: DeliverMessage, everySeconds: number): Job => ({
  name: 'dispatch-outbox',
  everySeconds,
  run: async (stopping) => {
    while (!stopping() && (await deliver()) !== null);
  },
});
