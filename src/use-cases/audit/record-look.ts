import type { Actor } from '../../domain/actor.ts';
import type { User } from '../../domain/users/user.ts';
import type { LookCall, LookEntry } from '../../ports/audit.ts';
import type { Ports } from '../../ports/index.ts';
import { withMac, isGenuine, lookListedAt, newOperation, reportOperation, writtenActor } from './entries.ts';

type Needs = Pick<Ports, 'audit' | 'clock' | 'secrets' | 'inOneTransaction' | 'log'>;

/** So long a look stands for those that follow it: else whoever looks again and again buries everything else. */
const standsForMs = 3_600_000;
/** So many rows of each user row are gone through for it, of so many user rows: of more, each is written down. */
const [lookedThrough, usersAtOnce] = [50, 100] as const;

/**
 * Writes down that these rows are about to be shown, whose person they are beyond one site: who looked, when, at whom, row by row. Before
 * the first of it goes out: a crash in between leaves a look that told nothing, never one that is not written. It is nobody's operation,
 * and has no receipt. A row at which the same actor has looked by the same call within the hour is written down already. One statement, and
 * another in a transaction of its own. Source: people.md §1.
 */
export const recordLook = async (ports: Needs, call: LookCall, actor: Actor, rows: readonly User[]): Promise<void> => {
  const unwritten = await withoutLook(ports, call, actor, rows);
  if (unwritten.length === 0) return;
  const operation = newOperation(ports);
  const at = ports.clock.now();
  const entries = unwritten.map((user, index): LookEntry => ({
    at,
    call,
    operation,
    ...writtenActor(actor, user),
    listedAt: lookListedAt(at, actor),
    siteId: user.siteId,
    userId: user.id,
    disposition: null,
    counts: {},
    digest: null,
    oauth: 'nothing',
    reason: null,
    withheld: user.profileWithheld,
    told: false,
    shown: true,
    rank: index + 1,
    rowCount: unwritten.length,
  }));
  await ports.inOneTransaction(() => ports.audit.append(withMac(ports.secrets, entries)));
  reportOperation(ports, operation, unwritten.length);
};

/** Rows of which no look by this actor and call within the hour is there that we wrote. */
const withoutLook = async (
  { audit, clock, secrets }: Needs,
  call: LookCall,
  actor: Actor,
  rows: readonly User[],
): Promise<readonly User[]> => {
  const now = clock.now();
  const since = new Date(now.getTime() - standsForMs);
  const users = rows.slice(0, usersAtOnce).map(({ siteId, id }) => ({ siteId, userId: id }));
  const recent = (await audit.newestOf(users, lookedThrough)).filter(
    // One from a clock that is ahead would stand for more than an hour.
    (row) =>
      row.call === call && row.disposition === null && row.at > since && row.at <= now && isGenuine(secrets, row),
  );
  return rows.filter((user) => {
    const { actorId, actorKind, actorName = null } = writtenActor(actor, user);
    return !recent.some(
      (look) =>
        look.userId === user.id &&
        look.siteId === user.siteId &&
        look.actorId === actorId &&
        look.actorKind === actorKind &&
        look.actorName === actorName,
    );
  });
};
