import { activityTypes } from '../../activity-types/index.ts';
import { isModeratorEverywhere, isPlatformAdmin, owns, type Actor } from '../../domain/actor.ts';
import { isSeenIn, joins, peopleOf, seenSiteOf, sightOf, type Group, type Sight } from '../../domain/people/sight.ts';
import { hasCome } from '../../domain/people/vouching.ts';
import { mustBeModerator, noSuchUser } from '../../domain/refusals.ts';
import type { Site } from '../../domain/sites/site.ts';
import { mayViewUsers } from '../../domain/users/user-rules.ts';
import { mayView } from '../../domain/users/user-visibility.ts';
import { areLarge, areMany, type User } from '../../domain/users/user.ts';
import type { AuditRow } from '../../ports/audit.ts';
import type { Ports } from '../../ports/index.ts';
import type { FoundPerson } from '../../ports/people.ts';
import { isGenuine } from '../audit/entries.ts';
import { recordLook } from '../audit/record-look.ts';
import { mustStillCount } from '../actor-now.ts';
import { atOnce, type InTurn, type OneUser } from '../commands.ts';

/** One row of a person, with what there is beside it. */
export interface RowOfPerson {
  readonly user: User;
  readonly site: Site;
  /** How many of each kind that are not soft-deleted, by the kind's name in lists. */
  readonly contributions: Readonly<Record<string, number>>;
  /** Logins that have not ended; null where it is not for this actor to know when somebody was there. */
  readonly sessions: { readonly n: number; readonly last: Date | null } | null;
  /** What the audit has of how it was anonymized; null: it is not. */
  readonly anonymization: AuditRow | null;
}
export interface ReadPerson {
  /** As whom it was read: who asked, as they stood when it was their turn. */
  readonly actor: Actor;
  readonly sight: Sight;
  readonly group: Group;
  readonly rows: readonly RowOfPerson[];
  /** When the OAuth server was last asked; undefined: it is not for this actor to know. */
  readonly fetchedAt?: Date | null;
  /** For platform admins: who they are there, and what the last check found. */
  readonly there?: {
    readonly issuer: string;
    readonly externalUserId: string;
    readonly drift: readonly Pick<FoundPerson, 'kind' | 'fields' | 'at'>[];
  };
}

type Needs = Pick<
  Ports,
  | ('users' | 'sites' | 'activities' | 'sessions' | 'findings')
  | ('audit' | 'clock' | 'secrets' | 'inOneTransaction' | 'log' | 'clients')
>;

export interface ReadPersonCommand extends OneUser {
  /** Absent: at once. */
  readonly inTurn?: InTurn;
}

/**
 * The person of a row with their rows at all sites where the actor is moderator or above, and nothing of others. It is written down before
 * anything is told. In turn, as their sites may have filled their rows, and what they contributed is counted. Eight statements at most, and
 * one more for who waited. Faults: `forbidden`, `user-not-found`, those of `inTurn`; `unauthenticated` for who waited and counts for less.
 * Source: people.md §1.
 */
export const readPerson =
  (ports: Needs) =>
  ({ inTurn = atOnce, ...command }: ReadPersonCommand): Promise<ReadPerson> => {
    const { actor, site } = command;
    mustBeModerator(actor, site.id);
    const read = async (hasWaited = false): Promise<ReadPerson> => {
      const now = hasWaited ? await mustStillCount(ports, actor, [site.id]) : actor;
      return readNow(ports, { ...command, actor: now });
    };
    return inTurn(read, { isCheap: true, isLarge: wasMuch });
  };

const wasMuch = ({ rows }: ReadPerson): boolean =>
  areMany(rows.flatMap(({ contributions }) => Object.values(contributions)).reduce((sum, n) => sum + n, 0)) ||
  areLarge(rows.map(({ user }) => user));

const readNow = async (ports: Needs, { actor, site, userId }: OneUser): Promise<ReadPerson> => {
  const held = await ports.users.personOf(site.id, userId, 'plain');
  const target = held?.rows.find((row) => row.id === userId);
  if (!held || !target || !mayViewUsers(actor, target, site)) throw noSuchUser();
  const sight = sightOf(actor, await ports.sites.all());
  const group = groupOf(actor, sight, target, held.rows);
  await recordLook(ports, 'read-person', actor, group);
  const [rows, there] = await Promise.all([
    rowsOf(ports, actor, { site, sight, group }),
    isPlatformAdmin(actor) ? thereOf(ports, group) : null,
  ]);
  const person = target.anonymizedAt === null ? target.person : null;
  const mayHearWhen =
    person !== null && !target.profileWithheld && (owns(actor, target) || isModeratorEverywhere(actor));
  return {
    ...{ actor, sight, group, rows },
    ...(mayHearWhen ? { fetchedAt: person.fetchedAt } : {}),
    ...(there === null ? {} : { there }),
  };
};

/** The row that was asked about, and those that it may be joined with. */
const groupOf = (actor: Actor, sight: Sight, target: User, held: readonly User[]): Group => {
  if (!joins(sight, actor, target)) return [target];
  const joined = held.filter((row) => row.id === target.id || (isSeenIn(sight, row) && joins(sight, actor, row)));
  return peopleOf(joined, sight, actor)[0] ?? [target];
};

const rowsOf = async (
  { activities, sessions, audit, clock, secrets }: Needs,
  actor: Actor,
  { site, sight, group }: { readonly site: Site; readonly sight: Sight; readonly group: Group },
): Promise<readonly RowOfPerson[]> => {
  const ids = group.map(({ id }) => id);
  const now = clock.now();
  const [counted, open, parts] = await Promise.all([
    activities.counts(
      activityTypes.map((type) => ({ type, userIds: ids })),
      'all',
    ),
    sessions.countsOf(ids, now),
    // Whoever is anonymized has no person, and stands alone.
    group.some(({ anonymizedAt }) => anonymizedAt !== null) ? audit.ofUser(site.id, group[0].id) : [],
  ]);
  return group.map((user) => {
    const own = open.find(({ userId }) => userId === user.id);
    const at = seenSiteOf(sight, user)?.site ?? site;
    const isTold = mayView(actor, 'lastLogin', user, at);
    const part = user.anonymizedAt === null ? undefined : parts.findLast(isOwnAnonymization(secrets));
    return {
      user,
      site: at,
      contributions: Object.fromEntries(
        activityTypes.map(({ table, plural }) => [
          plural,
          counted.find((one) => one.table === table && one.userId === user.id)?.n ?? 0,
        ]),
      ),
      sessions: isTold ? { n: own?.n ?? 0, last: own?.last ?? null } : null,
      anonymization: part ?? null,
    };
  });
};

const isOwnAnonymization =
  (secrets: Needs['secrets']) =>
  (row: AuditRow): boolean =>
    row.disposition === 'anonymized' && isGenuine(secrets, row);

/** Nothing of somebody who was added and has come nowhere: that they were there before must not be told. */
const thereOf = async ({ findings }: Needs, group: Group): Promise<Required<ReadPerson>['there'] | null> => {
  const [{ person }] = group;
  if (person === null || group[0].anonymizedAt !== null || !hasCome(group)) return null;
  const { issuer, externalId } = person;
  return { issuer, externalUserId: externalId, drift: await findings.ofPerson(person.id) };
};
