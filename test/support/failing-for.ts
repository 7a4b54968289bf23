import { Fault } from '../../src/domain/fault.ts';
import type { Ports } from '../../src/ports/index.ts';

/** Contributions that cannot be read of some users: as a database that somebody keeps busy, or as a bug. */
export const failingFor = (
  activities: Ports['activities'],
  failsFor: (userId: number) => 'busy' | 'bug' | null,
): Ports['activities'] => ({
  ...activities,
  references: async function* (...[type, userIds, ...rest]: Parameters<typeof activities.references>) {
    const how = userIds.map(failsFor).find((one) => one !== null);
    if (how === 'busy') throw new Fault('busy', { retryAfterSeconds: 1 });
    if (how === 'bug') throw new TypeError('a bug');
    yield* activities.references(type, userIds, ...rest);
  },
});
