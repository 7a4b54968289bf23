import { isFault, isInRecord } from '../../domain/fault.ts';
import type { Person } from '../../domain/users/user.ts';
import type { Ports } from '../../ports/index.ts';
import type { Sweep } from '../../ports/people.ts';
import { refreshPerson, type RefreshNeeds } from './refresh-person.ts';

/** Looks at some people more; ends early once `stopping` says so. */
export type SweepPeople = (howMany: number, stopping: () => boolean) => Promise<void>;

/** Longer than reading one person takes: an instance that died gives the walk back after this. */
const heldMs = 60_000;
/** After a whole round, and where there is nobody. */
const restMs = 60_000;
const maxTries = 5;

/**
 * Walks all people slowly, round after round, and reads anew whose copy is not fresh, so that what changed at the OAuth server
 * without anybody looking is found: one instance at a time, going on where it stood. While the server is unwell it pauses, longer
 * each time; a person who cannot be read is passed by after some tries. Source: docs/adr/0009.
 */
export const sweepPeople = (ports: RefreshNeeds & Pick<Ports, 'sweeps'>): SweepPeople => {
  const { sweeps, clock, settings, secrets } = ports;
  const holder = secrets.newToken();
  const look = looking(ports);
  let resting = { until: 0, tries: 0 };
  const rest = (ms: number, tries = 0): void => {
    resting = { until: clock.now().getTime() + ms, tries };
  };

  return async (howMany, stopping) => {
    if (clock.now().getTime() < resting.until) return;
    let sweep = await sweeps.hold(holder, heldMs);
    if (sweep === null) return;
    const notSince = new Date(clock.now().getTime() - settings.freshSeconds * 1000);
    const people = await sweeps.next(sweep.position, notSince, howMany);
    if (people.length === 0) {
      await sweeps.moved(holder, roundEnded(sweep, clock.now()));
      rest(restMs);
      return;
    }
    for (const person of people) {
      if (stopping()) return;
      const isUnwell = (await look(person)) === 'unwell';
      if (isUnwell && resting.tries + 1 < maxTries) {
        rest(pauseMs(resting.tries), resting.tries + 1);
        return;
      }
      rest(isUnwell ? pauseMs(maxTries) : 0);
      sweep = { ...sweep, position: person.id, checked: sweep.checked + 1 };
      if (!(await sweeps.moved(holder, sweep)) || isUnwell) return;
    }
  };
};

const roundEnded = ({ position, endedAt, beganAt }: Sweep, now: Date): Sweep => ({
  position: 0,
  checked: 0,
  // A round of nobody is none.
  beganAt: position === 0 ? beganAt : now,
  endedAt: position === 0 ? endedAt : now,
});

/** 5 s, 10 s, 20 s … up to five minutes. */
const pauseMs = (tries: number): number => Math.min(5000 * 2 ** tries, 300_000);

const looking =
  (ports: RefreshNeeds) =>
  async (person: Person): Promise<'looked' | 'unwell'> => {
    try {
      await refreshPerson(ports)(person, null, 'if-stale');
      return 'looked';
    } catch (error) {
      // Their own trouble, and noted as such: nobody else waits for it.
      if (isInRecord(error)) return 'looked';
      if (troubles.some((code) => isFault(error, code))) return 'unwell';
      // Somebody is busy with the person, or no site is registered at that server any more: the next round looks again.
      if (isFault(error, 'busy') || isFault(error, 'oauth-not-configured')) return 'looked';
      if (isFault(error)) throw error;
      // A bug of ours with one person's values: told, and passed by after the same tries, else the walk would stand here for ever.
      ports.log.error({ personId: person.id, err: error }, 'somebody could not be looked at');
      return 'unwell';
    }
  };

const troubles = ['oauth-unreachable', 'oauth-refused', 'oauth-timeout', 'oauth-circuit-open'] as const;
