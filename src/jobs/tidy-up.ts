import type { Ports } from '../ports/index.ts';
import type { Job } from './runner.ts';

/** Forgets what has run out: tombstones after their 30 days, leases that nobody gave back. */
export const tidyUp = ({ persons, clock }: Pick<Ports, 'persons' | 'clock'>): Job => ({
  name: 'tidy-up',
  everySeconds: 3600,
  run: () => persons.forgetExpired(clock.now()),
});
