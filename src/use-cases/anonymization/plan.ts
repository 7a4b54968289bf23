import { isPlatformAdmin, type Actor } from '../../domain/actor.ts';
import { namesAnywhere, isWithheldFrom } from '../../domain/people/vouching.ts';
import { Fault } from '../../domain/fault.ts';
import { noSuchUser } from '../../domain/refusals.ts';
import type { EntryRow, Person, User, UserRow } from '../../domain/users/user.ts';
import type { Site } from '../../domain/sites/site.ts';
import { anonymized } from '../../domain/users/user-fields.ts';
import { mayViewUsers } from '../../domain/users/user-rules.ts';
import { isVotingActive } from '../../domain/sites/voting.ts';
import type { Ports } from '../../ports/index.ts';
import type { PersonRows, LockMode } from '../../ports/user-store.ts';
import { oauthClients } from '../oauth-clients.ts';
import { isNobodyLeft, rowStatusOf, rowStatusForActor, type RowStatus } from '../row-status.ts';
import type { AnonymizeCommand } from './commands.ts';
import { contributionsOf, type Bounds, type PlannedContributions, type PlannedRow } from './planned-contributions.ts';
import { hasRightAt, mayHearOfRow, mustBeAbleToAnonymize } from './rights.ts';

/** What an anonymization will do, for preview and operation alike. */
export interface AnonymizationPlan extends PlannedContributions {
  readonly held: PersonRows;
  /** As the call sees it (`rowStatusForActor`). */
  readonly rowStatus: RowStatus;
  readonly rows: readonly PlannedRow<User>[];
  /** Whether the person is to be removed at the OAuth server: no row keeps them, and the server has a way to. */
  readonly removesPerson: boolean;
}
/** A plan made by a command, with the rows that it selects. Other rows of the plan go along, because nobody is left. */
export interface CommandPlan extends AnonymizationPlan {
  readonly selected: readonly User[];
}
type Needs = Pick<
  Ports,
  'users' | 'activities' | 'sideTables' | 'sites' | 'settings' | 'clock' | 'startDigest' | 'identity'
>;

/** The person of the user who is named, to plan from; null when there is no such user. */
export const personToPlan = (
  { users }: Pick<Ports, 'users'>,
  { site, userId, wholeSite }: AnonymizeCommand,
  lockMode: LockMode,
): Promise<PersonRows | null> => users.personOf(site.id, userId, lockMode, wholeSite === true ? 'hidden' : 'live');

/**
 * What `will-` and `do-` do alike, up to the plan, for a person who was found: choose the rows, check the right to every one of
 * them, read what they contributed. `locked` inside a transaction, `plain` inside a snapshot.
 * `mustBeWanted` refuses what the sites do not want so, before much is read. Faults: `user-not-found`, `unauthenticated`, `forbidden`,
 * `conflict` (fixed token; `incomplete`), `result-too-large`; `WaitsForTurn`. Source: anonymization.md §1–3.
 */
export const planAnonymization = async (
  ports: Needs,
  command: AnonymizeCommand,
  held: PersonRows | null,
  lockMode: LockMode,
  mustBeWanted: (sites: readonly (Site | null)[]) => void = () => undefined,
): Promise<CommandPlan> => {
  const target = held?.rows.find((row) => row.id === command.userId);
  if (!held || !target || !mayViewUsers(command.actor, target, command.site)) throw noSuchUser();
  const rowStatus = await rowStatusOf(ports, held.rows);
  const { selected, chosen, statusForActor } = chooseRows(ports, command, target, held.rows, rowStatus);
  await assertNoUndeclaredData(ports, sitesLoggedInTo([target, ...selected], rowStatus));
  mustBeWanted([command.site, ...sitesLoggedInTo(selected, rowStatus)]);
  const listed = command.view === 'lists' ? boundsOf(ports, command) : null;
  return { ...(await planRows(ports, { held, chosen, rowStatus: statusForActor, lockMode, listed })), selected };
};

/** Which rows of a person a command anonymizes: what it selects, and what goes along. The right to every one is checked. Faults: `forbidden`, `conflict`. */
export const chooseRows = <R extends EntryRow>(
  { settings }: Pick<Ports, 'settings'>,
  command: Pick<AnonymizeCommand, 'actor' | 'site' | 'extent' | 'only' | 'wholeSite'>,
  target: R,
  rows: readonly R[],
  rowStatus: RowStatus,
): { readonly selected: readonly R[]; readonly chosen: readonly R[]; readonly statusForActor: RowStatus } => {
  const isSelected = selects(command, target, rowStatus);
  const selected = rows.filter((row) => row.anonymizedAt === null && isSelected(row));
  const statusForActor = rowStatusForActor(command.actor, selected, rowStatus);
  const chosen = withOrphanedRows(rows, selected, statusForActor);
  mustBeAbleToAnonymize(command, target, { selected, chosen, all: rows }, rowStatus, settings.fixedTokenUserIds);
  return { selected, chosen, statusForActor };
};

/**
 * The sites whose settings apply: those where the person has logged in, of the rows that are asked for. What a site wants that only added
 * somebody, or whose row of them only goes along as nobody is left, holds for its own calls.
 */
export const sitesLoggedInTo = (selected: readonly EntryRow[], rowStatus: RowStatus): readonly (Site | null)[] =>
  selected.filter(({ profileWithheld }) => !profileWithheld).map(({ siteId }) => rowStatus.site(siteId));

/** What lists of it may hold. A site may want fewer than the installation lists, and no more: it is everybody's memory. */
const boundsOf = (
  { settings }: Pick<Ports, 'settings'>,
  { actor, site, whenMuch }: Pick<AnonymizeCommand, 'actor' | 'site' | 'whenMuch'>,
): Bounds => ({
  isShown: ({ user, site: its }) => mayHearOfRow(actor, user, its),
  maxItems: Math.min(site.config.anonymize.maxListed ?? settings.anonymize.maxListed, settings.anonymize.maxListed),
  waits: whenMuch !== undefined,
});

interface RowsToPlan {
  readonly held: PersonRows;
  readonly chosen: readonly User[];
  readonly rowStatus: RowStatus;
  readonly lockMode: LockMode;
  /** What they contributed is listed within these; absent: only counted. */
  readonly listed?: Bounds | null;
}

/** The plan for some rows of a person, rights being settled. */
export const planRows = async (
  ports: Needs,
  { held, chosen, rowStatus, lockMode, listed = null }: RowsToPlan,
): Promise<AnonymizationPlan> => {
  const nobodyLeft = isNobodyLeft(held.rows, chosen, rowStatus);
  const rows = plannedRows(ports, held.rows, chosen, nobodyLeft, rowStatus);
  const removesPerson = nobodyLeft && rows.length > 0 && (await removalCheck(ports))(held.person, chosen);
  const contributions = await contributionsOf(ports, rows, lockMode, listed);
  return { held, rowStatus, rows, removesPerson, ...contributions };
};

/**
 * Once no row keeps the person, they are removed at the OAuth server: then the rows that nobody sees any more (soft-deleted, or
 * of a site that is gone) must not keep their data either, whatever was asked for. See docs/adr/0004.
 */
export const withOrphanedRows = <R extends EntryRow>(
  rows: readonly R[],
  selected: readonly R[],
  rowStatus: RowStatus,
): readonly R[] => {
  const leavesNobody = selected.length > 0 && isNobodyLeft(rows, selected, rowStatus);
  return rows.filter(
    (row) => row.anonymizedAt === null && (selected.includes(row) || (leavesNobody && !rowStatus.retainsPerson(row))),
  );
};

/**
 * `only…` that names a row or a site where the actor has no right selects nothing, whether the person is there or not: nobody learns
 * where else. Nor does `…all` of somebody who was added and has not logged in, as a refusal would say that they were there before.
 */
const selects =
  (
    { actor, extent, site, only }: Pick<AnonymizeCommand, 'actor' | 'extent' | 'site' | 'only'>,
    target: EntryRow,
    rowStatus: RowStatus,
  ) =>
  (row: EntryRow): boolean =>
    (extent === 'all-sites' || row.siteId === site.id) &&
    (only === undefined ||
      only.userIds.includes(row.id) ||
      (row.siteId !== null && only.siteIds.includes(row.siteId))) &&
    ((only === undefined && !isWithheldFrom(actor, target)) || hasRightThere(actor, target, row, site, rowStatus));

/** Of somebody who was added, a row whose site is gone is nobody's but the platform admins'. */
const hasRightThere = (actor: Actor, target: EntryRow, row: EntryRow, site: Site, rowStatus: RowStatus): boolean => {
  const there = rowStatus.site(row.siteId);
  if (there !== null) return hasRightAt(actor, target, there);
  return (isPlatformAdmin(actor) || !isWithheldFrom(actor, target)) && hasRightAt(actor, target, site);
};

/** The chosen of a person's rows. */
export const plannedRows = <R extends EntryRow>(
  { clock, settings }: Pick<Ports, 'clock' | 'settings'>,
  all: readonly EntryRow[],
  chosen: readonly R[],
  nobodyLeft: boolean,
  rowStatus: RowStatus,
): readonly PlannedRow<R>[] =>
  chosen.map((user) => {
    const site = rowStatus.site(user.siteId);
    const votingIsActive = site !== null && isVotingActive(site.config.votes, clock.now(), settings.timeZone);
    return { user, site, votingIsActive, anywhere: namesAnywhere(user, all, nobodyLeft) };
  });

/** A planned row as anonymizing leaves it: under the replaced name of its site, else that of the settings. */
export const rowAfter = (
  { settings: { anonymize } }: Pick<Ports, 'settings'>,
  { user, site }: Pick<PlannedRow<User>, 'user' | 'site'>,
  now: Date,
): UserRow => {
  const names = site?.config.users.anonymize;
  return anonymized(user, {
    firstName: names?.firstName ?? anonymize.firstName,
    lastName: names?.lastName ?? anonymize.lastName,
    now,
  });
};

/**
 * Whether the OAuth server of a person whose last rows these are has a way to remove them at all: what it has not, no preview
 * may announce. Where no site is at that server any more, it is found out later.
 */
export const removalCheck = async (
  ports: Pick<Ports, 'sites' | 'settings' | 'identity'>,
): Promise<(person: Person | null, rows: readonly Pick<UserRow, 'siteId'>[]) => boolean> => {
  const clients = await oauthClients(ports);
  return (person, rows) => {
    if (person === null) return false;
    const sites = rows.map(({ siteId }) => siteId);
    const client = clients.known(person.issuer, sites);
    return client === null || ports.identity.can(client, 'remove');
  };
};

/** Whether one of these sites wants nobody anonymized while something is undeclared. */
export const wantsAllDeclared = (sites: readonly (Site | null)[]): boolean =>
  sites.some((site) => site?.config.anonymize.requireComplete === true);

const maxNamed = 10;

/**
 * A site may want all or nothing (`anonymize.requireComplete`): then nobody is anonymized while the database holds something that
 * looks personal and that nobody declared. `sites`: as of `sitesLoggedInTo`. Fault `conflict` (rule `incomplete`). Source: running.md, "Adopting".
 */
export const assertNoUndeclaredData = async (
  { sideTables }: Pick<Ports, 'sideTables'>,
  sites: readonly (Site | null)[],
): Promise<void> => {
  if (!wantsAllDeclared(sites)) return;
  const gaps = await sideTables.gaps();
  if (gaps.length === 0) return;
  const named = gaps.slice(0, maxNamed).join(', ');
  throw new Fault(
    'conflict',
    { rule: 'incomplete', setting: 'anonymize.requireComplete' },
    `Something personal would be left, as nobody declared what it is: ${named}${gaps.length > maxNamed ? ' …' : ''}.`,
  );
};
