import {
  activityTypes,
  byActivity,
  eachActivity,
  type ActivityPlural,
  type ByActivity,
} from '../activity-types/index.ts';
import type { ActivityRow, Fate } from '../activity-types/definition.ts';
import { personalColumns } from '../activity-types/definition.ts';
import { Fault } from '../domain/fault.ts';
import type { Site } from '../domain/site.ts';
import { mayViewUsers } from '../domain/user-rules.ts';
import type { User } from '../domain/user.ts';
import { isVotingActive } from '../domain/voting.ts';
import type { Settlement } from '../ports/activity-store.ts';
import type { Ports } from '../ports/index.ts';
import type { PersonRows, Reading } from '../ports/user-store.ts';
import { mustBeAbleToAnonymize } from './anonymization-rights.ts';
import type { AnonymizationLists, AnonymizeCommand } from './commands.ts';
import { standingOf, type Standing } from './living-rows.ts';

export interface PlannedRow {
  readonly user: User;
  /** null: the site is gone. */
  readonly site: Site | null;
  readonly fates: ByActivity<Fate>;
}
/** What an anonymization will do, for preview and deed alike. */
export interface AnonymizationPlan {
  readonly held: PersonRows;
  readonly rows: readonly PlannedRow[];
  /** Every contribution of these rows, soft-deleted ones too. */
  readonly contributions: ByActivity<readonly ActivityRow[]>;
  readonly standing: Standing;
}
type Needs = Pick<Ports, 'users' | 'activities' | 'sites' | 'settings' | 'clock'>;

/**
 * The one road of `will-` and `do-` up to the plan: find the person, choose the rows, check the right to every one of them,
 * read what they contributed. `locked` inside a transaction, `plain` inside a snapshot.
 * Faults: `user-not-found`, `unauthenticated`, `forbidden`, `conflict` (fixed token), `too-much-to-list`. Source: anonymization.md §1–3.
 */
export const planAnonymization = async (
  ports: Needs,
  command: AnonymizeCommand,
  reading: Reading,
): Promise<AnonymizationPlan> => {
  const held = await ports.users.personOf(command.site.id, command.userId, reading);
  const target = held?.rows.find((row) => row.id === command.userId);
  if (!held || !target || !mayViewUsers(command.actor, target, command.site)) {
    throw new Fault('user-not-found', {}, 'There is no such user at this site.');
  }
  const standing = await standingOf(ports, held.rows);
  const asked = held.rows.filter((row) => row.anonymizedAt === null && isChosen(row, command));
  const chosen = withWhatNobodyKeeps(held.rows, asked, standing);
  mustBeAbleToAnonymize(command, target, { asked, chosen, all: held.rows }, standing, ports.settings.fixedTokenUserIds);
  return planRows(ports, command.site, held, chosen, standing, reading);
};

/** The plan for some rows of a person, rights being settled. */
export const planRows = async (
  ports: Needs,
  site: Site,
  held: PersonRows,
  chosen: readonly User[],
  standing: Standing,
  reading: Reading,
): Promise<AnonymizationPlan> => ({
  held,
  standing,
  rows: chosen.map((user) => plannedRow(ports, user, standing.site(user.siteId))),
  contributions: await contributionsOf(ports, site, chosen, reading),
});

/**
 * Once no row keeps the person, they are removed at the OAuth server: then the rows that nobody sees any more (soft-deleted, or
 * of a site that is gone) must not keep their data either, whatever was asked for. See docs/adr/0004.
 */
export const withWhatNobodyKeeps = (
  rows: readonly User[],
  asked: readonly User[],
  { keepsAlive }: Standing,
): readonly User[] => {
  const leavesNobody = asked.length > 0 && rows.filter(keepsAlive).every((row) => asked.includes(row));
  return rows.filter((row) => row.anonymizedAt === null && (asked.includes(row) || (leavesNobody && !keepsAlive(row))));
};

/** The six lists: rows as they were, their sites, and of each kind what its type lists (what stays, or what goes). */
export const listsOf = ({ rows, contributions }: AnonymizationPlan): AnonymizationLists => ({
  users: rows.map(({ user, site }) => ({ user, site })),
  sites: [...new Map(rows.flatMap(({ site }) => (site === null ? [] : [[site.id, site] as const]))).values()],
  ...byActivity((type) =>
    contributions[type.plural].filter(
      (row) =>
        row.deletedAt === null && (fateOf(rows, type.plural, row) === 'remove') === (type.listed === 'what-goes'),
    ),
  ),
});

/** What the stores are asked to do for one kind, and how many rows that must change. */
export const settlementOf = (
  { rows, contributions }: AnonymizationPlan,
  plural: ActivityPlural,
): { readonly settlement: Settlement; readonly removed: number; readonly stripped: number } => {
  const type = activityTypes.find((one) => one.plural === plural);
  const idsWith = (fate: Fate): readonly number[] =>
    rows.filter(({ fates }) => fates[plural] === fate).map(({ user }) => user.id);
  const removeAllOf = idsWith('remove');
  const removeHiddenOf =
    type?.whenHidden === 'remove' ? rows.map(({ user }) => user.id).filter((id) => !removeAllOf.includes(id)) : [];
  const goes = (row: ActivityRow): boolean =>
    removeAllOf.includes(row.userId) || (row.deletedAt !== null && removeHiddenOf.includes(row.userId));
  const stripOf = idsWith('strip');
  const columns = type === undefined ? [] : personalColumns(type);
  const stripped = contributions[plural].filter(
    (row) => !goes(row) && stripOf.includes(row.userId) && columns.some((column) => row[column] !== null),
  );
  return {
    settlement: { removeAllOf, removeHiddenOf, stripOf },
    removed: contributions[plural].filter(goes).length,
    stripped: stripped.length,
  };
};

const isChosen = (row: User, { reach, site, only }: AnonymizeCommand): boolean =>
  (reach === 'all-sites' || row.siteId === site.id) &&
  (only === undefined || only.userIds.includes(row.id) || (row.siteId !== null && only.siteIds.includes(row.siteId)));

const plannedRow = ({ clock, settings }: Needs, user: User, site: Site | null): PlannedRow => {
  const votingIsActive = site !== null && isVotingActive(site.config.votes, clock.now(), settings.timeZone);
  return { user, site, fates: byActivity((type) => type.whenAnonymized({ votingIsActive })) };
};

const fateOf = (rows: readonly PlannedRow[], plural: ActivityPlural, { userId }: ActivityRow): Fate | undefined =>
  rows.find(({ user }) => user.id === userId)?.fates[plural];

const contributionsOf = async (
  { activities, settings }: Needs,
  site: Site,
  users: readonly User[],
  reading: Reading,
): Promise<AnonymizationPlan['contributions']> => {
  const limit = site.config.anonymize.maxListed ?? settings.anonymize.maxListed;
  const ids = users.map((user) => user.id);
  const found = await eachActivity((type) =>
    ids.length === 0 ? Promise.resolve([]) : activities.rows(type, ids, reading, limit + 1),
  );
  const total = Object.values(found).reduce((sum, rows) => sum + rows.length, 0);
  if (total > limit)
    throw new Fault(
      'too-much-to-list',
      { limit, found: total, use: '?view=summary' },
      `More than ${limit} contributions are concerned: ask for the summary.`,
    );
  return found;
};
