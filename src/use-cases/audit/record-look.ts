import type { Actor } from '../../domain/actor.ts';
import type { User } from '../../domain/users/user.ts';
import type { LookCall } from '../../ports/audit.ts';
import type { Ports } from '../../ports/index.ts';
import { authenticated, lookListedAt, newOperation, reportOperation, writtenActor } from './entries.ts';

/**
 * Writes down that these rows are about to be shown, whose person they are beyond one site: who looked, when, at whom, row by row. Before
 * the first of it goes out: a crash in between leaves a look that told nothing, never one that is not written. It is nobody's operation,
 * and has no receipt. One statement in a transaction of its own. Source: people.md §1.
 */
export const recordLook = async (
  ports: Pick<Ports, 'audit' | 'clock' | 'secrets' | 'inOneTransaction' | 'log'>,
  call: LookCall,
  actor: Actor,
  rows: readonly User[],
): Promise<void> => {
  if (rows.length === 0) return;
  const operation = newOperation(ports);
  const at = ports.clock.now();
  const entries = rows.map((user, index) => ({
    ...{ at, call, operation, ...writtenActor(actor, user), listedAt: lookListedAt(at, actor) },
    ...{ siteId: user.siteId, userId: user.id, withheld: user.profileWithheld },
    ...({ disposition: null, counts: {}, digest: null, oauth: 'nothing', reason: null } as const),
    ...{ told: false, shown: true, place: index + 1, places: rows.length },
  }));
  await ports.inOneTransaction(() => ports.audit.append(authenticated(ports.secrets, entries)));
  reportOperation(ports, operation, rows.length);
};
