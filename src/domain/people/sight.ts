import { atLeast, isModeratorEverywhere, isPlatformAdmin, owns, roleAt, type Actor, type Role } from '../actor.ts';
import type { Site } from '../sites/site.ts';
import { isSameAddress } from '../users/personal-text.ts';
import { seesUsersOf } from '../users/user-rules.ts';
import { mayView, namingAt, saidFor, seesDetails, type Naming } from '../users/user-visibility.ts';
import { isLive, type EntryRow, type User } from '../users/user.ts';
import { isWithheldFrom } from './vouching.ts';

/** A site at which people are looked for, and what the actor is there: moderator or above. */
export interface SeenSite {
  readonly site: Site;
  readonly role: Role;
  readonly naming: Naming;
}

/** With whose eyes people are looked at across sites. Source: people.md §1. */
export interface Sight {
  /** `everywhere`: one role at whatever site, but for those that hide their people (`hidden`). */
  readonly reach: 'everywhere' | 'sites';
  readonly seen: ReadonlyMap<number, SeenSite>;
  readonly hidden: readonly number[];
  /** Whether rows of somebody who was added and has not come there are joined to their others: for platform admins. */
  readonly joinsWithheld: boolean;
}

export const sightOf = (actor: Actor, sites: readonly Site[]): Sight => {
  const moderated = sites.filter((site) => atLeast(roleAt(actor, site.id), 'moderator'));
  const seen = moderated.filter((site) => seesUsersOf(actor, site));
  return {
    reach: isModeratorEverywhere(actor) ? 'everywhere' : 'sites',
    seen: new Map(
      seen.map((site) => [site.id, { site, role: roleAt(actor, site.id), naming: namingAt(site.config) }] as const),
    ),
    hidden: moderated.filter((site) => !seen.includes(site)).map(({ id }) => id),
    joinsWithheld: isPlatformAdmin(actor),
  };
};

/** Of a row, what tells who sees it and with whom it is joined. */
export type SeenRow = Pick<
  User,
  | ('id' | 'siteId' | 'personId' | 'profileWithheld' | 'anonymizedAt' | 'deletedAt')
  | ('listableByRole' | 'detailsViewableByRole')
>;

/** The site of a row, where people are seen; null of a row that is in nobody's sight: of no site, or of one that is gone. */
export const seenSiteOf = ({ seen }: Sight, row: Pick<User, 'siteId'>): SeenSite | null =>
  row.siteId === null ? null : (seen.get(row.siteId) ?? null);

/** What the view by id shows. */
export const isSeenIn = (sight: Sight, row: SeenRow): boolean => isLive(row) && seenSiteOf(sight, row) !== null;

/** Whom the list of the row's site shows, too. */
export const isListedIn = (sight: Sight, actor: Actor, row: SeenRow): boolean => {
  const seen = seenSiteOf(sight, row);
  return seen !== null && isLive(row) && (owns(actor, row) || saidFor(seen.role).includes(row.listableByRole));
};

/**
 * Whether a row may be told to be of one person with others: neither it nor they by a row whose person was added by an address and
 * has not come. Else whoever writes an address at their own site is told which row elsewhere has it.
 */
export const joins = ({ joinsWithheld }: Sight, actor: Actor, row: SeenRow): boolean =>
  row.personId !== null && row.anonymizedAt === null && (joinsWithheld || !isWithheldFrom(actor, row));

/** Rows of one person, in the order of ids; never without one. */
export type Group<R extends SeenRow = User> = readonly [R, ...R[]];

/** People by their rows, in the order of their first ones. A row that joins no other stands alone. */
export const peopleOf = <R extends SeenRow>(rows: readonly R[], sight: Sight, actor: Actor): readonly Group<R>[] => {
  const groups = new Map<string, Group<R>>();
  for (const row of [...rows].sort((one, other) => one.id - other.id)) {
    const name = joins(sight, actor, row) ? `person ${row.personId ?? ''}` : `row ${row.id}`;
    const [first, ...others] = groups.get(name) ?? [];
    groups.set(name, first === undefined ? [row] : [first, ...others, row]);
  }
  return [...groups.values()];
};

/**
 * The row that a person is named by: of those whose details the actor sees, the one that logged in last. Where they see none, the first: to
 * choose by a `lastLogin` that is hidden would tell it.
 */
export const namingRow = <R extends EntryRow>(rows: Group<R>, actor: Actor): R => {
  const [first, ...others] = rows.filter((row) => seesDetails(actor, row));
  if (first === undefined) return rows[0];
  return others.reduce((latest, row) => (row.lastLogin > latest.lastLogin ? row : latest), first);
};

/** Whether a row has this address, and the actor sees it. Case, white space at the ends and how accents are written do not count. */
export const showsAddress = (
  sight: Sight,
  actor: Actor,
  row: SeenRow & Pick<User, 'email'>,
  address: string,
): boolean => {
  const seen = seenSiteOf(sight, row);
  const isShown = seen !== null && row.anonymizedAt === null && mayView(actor, 'email', row, seen.site);
  return isShown && row.email !== null && isSameAddress(row.email, address);
};
