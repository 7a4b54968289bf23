import type { Ports } from '../ports/index.ts';
import type { Job } from './runner.ts';

type Needs = Pick<Ports, 'persons' | 'sessions' | 'findings' | 'clients' | 'replays' | 'clock' | 'log'>;

/** How long it stays known that rows differed from the OAuth server. */
const findingsMs = 30 * 86_400_000;
const resealedAtOnce = 200;

/**
 * Forgets what has run out: tombstones after their 30 days, leases that nobody gave back, sessions, clients' tokens, answers kept
 * for repeats, old differences; and seals anew what an older DATA_KEY sealed, so that the key can be taken away.
 */
export const tidyUp = (ports: Needs): Job => ({
  name: 'tidy-up',
  everySeconds: 3600,
  run: async (stopping) => {
    const { persons, sessions, findings, clients, replays, clock } = ports;
    await persons.forgetExpired(clock.now());
    await sessions.forgetExpired(clock.now());
    await clients.forgetExpired(clock.now());
    await replays.forgetExpired(clock.now());
    await findings.forgetBefore(new Date(clock.now().getTime() - findingsMs));
    await resealSessions(ports, stopping);
  },
});

const resealSessions = async (
  { sessions, log }: Pick<Needs, 'sessions' | 'log'>,
  stopping: () => boolean,
): Promise<void> => {
  let total = 0;
  while (!stopping()) {
    const resealed = await sessions.reseal(resealedAtOnce);
    if (resealed === 0) break;
    total += resealed;
  }
  if (total > 0) log.info({ sessions: total }, 'access tokens that an older DATA_KEY sealed are sealed anew');
};
