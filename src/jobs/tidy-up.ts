import type { Ports } from '../ports/index.ts';
import type { Job } from './runner.ts';

/** Forgets what has run out: tombstones after their 30 days, leases that nobody gave back, sessions, clients' tokens, answers kept for repeats. */
export const tidyUp = ({
  persons,
  sessions,
  clients,
  replays,
  clock,
}: Pick<Ports, 'persons' | 'sessions' | 'clients' | 'replays' | 'clock'>): Job => ({
  name: 'tidy-up',
  everySeconds: 3600,
  run: async () => {
    await persons.forgetExpired(clock.now());
    await sessions.forgetExpired(clock.now());
    await clients.forgetExpired(clock.now());
    await replays.forgetExpired(clock.now());
  },
});
