import { activityTypes } from '../../activity-types/index.ts';
import { dispositionOf, type Disposition } from '../../activity-types/definition.ts';
import { isFault } from '../../domain/fault.ts';
import { isVotingActive } from '../../domain/sites/voting.ts';
import type { User } from '../../domain/users/user.ts';
import type { Applied, ChangeSet, SideReference } from '../../ports/activity-store.ts';
import type { AuditRow } from '../../ports/audit.ts';
import type { Ports } from '../../ports/index.ts';
import { isGenuine, recordLate } from '../audit/entries.ts';
import { rowStatusOf } from '../row-status.ts';
import type { PlannedRow } from './planned-contributions.ts';
import { changeSetOf, executeSideRows, sideRowsOf } from './planned-side-rows.ts';

type Needs = Pick<
  Ports,
  | 'users'
  | 'sites'
  | 'activities'
  | 'sideTables'
  | 'audit'
  | 'settings'
  | 'secrets'
  | 'clock'
  | 'log'
  | 'startDigest'
  | 'inOneTransaction'
>;

/** So often somebody contributes in the name of a row while it is anonymized; who does it longer is left to the job. */
const mostLooks = 5;

/**
 * After the commit: takes what other nodes of a cluster committed in these rows' name meanwhile, as the plan would have, until a look
 * finds nothing. Answers how many contributions there were. What cannot be done now, the job does: the anonymization stands.
 * Where one server alone is written to (`isOneOfSeveralNodes`) the rows' locks held everybody back. Source: docs/adr/0030.
 */
export const takeLate = async (ports: Needs, operation: string, rows: readonly PlannedRow<User>[]): Promise<number> => {
  let total = 0;
  try {
    for (let look = 0; look < mostLooks; look += 1) {
      const taken = await ports.inOneTransaction(() => take(ports, operation, rows));
      if (taken === 0) break;
      total += taken;
    }
  } catch (error) {
    if (!isFault(error)) throw error;
    ports.log.warn({ operation, reason: error.code }, 'whether anything came late is looked at later');
  }
  return total;
};

/** In one unit: what these rows' contributions lose, and that they did. `since`: of what would go, only what is no older. */
const take = async (
  ports: Needs,
  operation: string,
  rows: readonly PlannedRow<User>[],
  since?: Date,
): Promise<number> => {
  const taken = new Map<string, Readonly<Record<Disposition, number>>>();
  const count = (name: string, { removed, anonymized }: Applied): void => {
    if (removed + anonymized > 0) taken.set(name, { keep: 0, anonymize: anonymized, remove: removed });
  };
  // Of a job's look, who knows no more what the voting was like: personal values go, whatever it was, and what is removed is young.
  const mild = since === undefined ? rows : rows.map((row) => ({ ...row, votingIsActive: false }));
  for (const type of activityTypes) {
    const { removeAllOf, removeHiddenOf } = changeSetOf(type, rows);
    const changes: ChangeSet = {
      ...{ removeAllOf, removeHiddenOf, anonymizeOf: changeSetOf(type, mild).anonymizeOf },
      ...(since === undefined ? {} : { since }),
    };
    if (changes.removeAllOf.length + changes.removeHiddenOf.length + changes.anonymizeOf.length > 0)
      count(type.plural, await ports.activities.applyChangeSet(type, changes));
  }
  const side = await sideRowsOf(ports, mild, ports.startDigest());
  await executeSideRows(ports, { side, rows: mild });
  for (const { table, ...applied } of side.tables) count(table.table, applied);
  if (taken.size === 0) return 0;
  await recordLate(ports, operation, Object.fromEntries(taken));
  const total = [...taken.values()].reduce((sum, { anonymize, remove }) => sum + anonymize + remove, 0);
  ports.log.warn({ operation, contributions: total }, 'contributions of anonymized rows came late, and were taken');
  return total;
};

/** When a row is looked at again: once what was under way is over, and once what was very slow is. */
const looksAfterMs = [60_000, 3_600_000] as const;
/** Of what happened while no instance ran, so much is looked at. */
const lookBackMs = 86_400_000;
/** A contribution that was under way with the anonymization is no older than this. */
const underWayMs = 60_000;
const rowsAtOnce = 200;

/**
 * Looks for contributions of anonymized rows that should have gone, a minute and an hour after each anonymization: an OpenStad API beside
 * us may write in the name of somebody whose request began before, and an instance may end before its own look (`takeLate`). May stop
 * anywhere, run twice, and in several instances at once: what one has taken is nothing to the next. Two statements where nobody was anonymized.
 */
export const lookForLate = (ports: Needs): ((stopping: () => boolean) => Promise<void>) => {
  const lookedUntil = looksAfterMs.map((): Date => new Date(0));
  return async (stopping) => {
    for (const [pass, afterMs] of looksAfterMs.entries()) {
      const now = ports.clock.now().getTime();
      const before = new Date(now - afterMs);
      const from = new Date(Math.max(lookedUntil[pass]?.getTime() ?? 0, now - lookBackMs));
      for await (const rows of anonymizedBetween(ports, from, before)) {
        if (stopping()) return;
        await lookAt(ports, rows);
      }
      lookedUntil[pass] = before;
    }
  };
};

/** What was anonymized in that time, newest first. What is no row of ours proves nothing, and is left to `audit verify`. */
async function* anonymizedBetween(
  { audit, secrets }: Pick<Ports, 'audit' | 'secrets'>,
  from: Date,
  before: Date,
): AsyncGenerator<readonly AuditRow[]> {
  for (let after: Parameters<Ports['audit']['page']>[0]['after'] = null; ;) {
    const rows = await audit.page({ siteIds: 'all', from, before, after, withLooks: false, limit: rowsAtOnce });
    const last = rows.at(-1);
    yield rows.filter((row) => row.disposition === 'anonymized' && isGenuine(secrets, row));
    if (last === undefined || rows.length < rowsAtOnce) return;
    after = { moment: last.at, userId: last.userId ?? 0, id: last.id };
  }
}

const lookAt = async (ports: Needs, rows: readonly AuditRow[]): Promise<void> => {
  const ids = rows.flatMap(({ userId }) => userId ?? []);
  if (ids.length === 0) return;
  const oldest = Math.min(...rows.map(({ at }) => at.getTime()));
  const found = new Set(await ports.activities.changeable(ids, new Date(oldest - underWayMs)));
  for (const id of await inSideTables(ports, ids)) found.add(id);
  for (const row of rows) if (found.has(row.userId ?? 0)) await ports.inOneTransaction(() => takeOf(ports, row));
};

/** Which of these rows side tables still name by something that goes. */
const inSideTables = async (ports: Needs, ids: readonly number[]): Promise<readonly number[]> => {
  const nobody = { siteId: null, email: null, externalId: null, anywhere: { email: null, externalId: null } };
  const users = ids.map((userId) => ({ userId, ...nobody }));
  const found: number[] = [];
  for (let after: Parameters<Ports['sideTables']['references']>[1] = null; ;) {
    const batch = await ports.sideTables.references({ users }, after, rowsAtOnce * 10);
    found.push(...batch.found.filter(isTaken).flatMap(({ userId }) => userId ?? []));
    if (batch.next === null) return found;
    after = batch.next;
  }
};

const isTaken = ({ table, isHidden, hasPersonal }: SideReference): boolean => {
  const disposition = dispositionOf(table, { votingIsActive: false }, isHidden);
  return disposition === 'remove' || (disposition === 'anonymize' && hasPersonal);
};

const takeOf = async (ports: Needs, { siteId, userId, operation, at }: AuditRow): Promise<number> => {
  if (userId === null || siteId === null) return 0;
  const held = await ports.users.personOf(siteId, userId, 'locked', 'hidden');
  const user = held?.rows.find(({ id }) => id === userId);
  // Taken back, or gone by now.
  if (user?.anonymizedAt == null) return 0;
  const site = (await rowStatusOf(ports, [user])).site(siteId);
  const votingIsActive = site !== null && isVotingActive(site.config.votes, ports.clock.now(), ports.settings.timeZone);
  const anywhere = { email: null, externalId: null };
  return take(ports, operation, [{ user, site, votingIsActive, anywhere }], new Date(at.getTime() - underWayMs));
};
