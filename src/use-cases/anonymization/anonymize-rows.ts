import { activityTypes } from '../../activity-types/index.ts';
import type { Disposition } from '../../activity-types/definition.ts';
import { anonymized } from '../../domain/users/user-fields.ts';
import type { ChangeSet } from '../../ports/activity-store.ts';
import type { Ports } from '../../ports/index.ts';
import { RunAgain } from '../../ports/unit-of-work.ts';
import type { AnonymizationPlan } from './plan.ts';
import { settleSideRows } from './planned-side-rows.ts';

/** Carries out a plan, inside the transaction that made it: what changes must be what was planned, else the unit runs again. */
export const anonymizeRows = async (
  ports: Pick<Ports, 'users' | 'sessions' | 'activities' | 'sideTables' | 'settings' | 'clock'>,
  plan: AnonymizationPlan,
): Promise<void> => {
  if (plan.rows.length === 0) return;
  for (const type of activityTypes) {
    const { removed, anonymized } = plannedFor(plan, type);
    if (removed + anonymized === 0) continue;
    const done = await ports.activities.settle(type, changeSetOf(plan, type));
    if (done.removed !== removed || done.anonymized !== anonymized) {
      throw new RunAgain(`${type.plural} changed between plan and deed`);
    }
  }
  await settleSideRows(ports, plan);
  const now = ports.clock.now();
  const { firstName, lastName } = ports.settings.anonymize;
  await ports.users.save(
    plan.rows.map(({ user, site }) => {
      const names = site?.config.users.anonymize;
      const after = anonymized(user, {
        firstName: names?.firstName ?? firstName,
        lastName: names?.lastName ?? lastName,
        now,
      });
      return { before: user, after };
    }),
  );
  const userIds = plan.rows.map(({ user }) => user.id);
  await ports.sessions.endOfUsers(userIds);
  await ports.sideTables.clearUndeclared(userIds);
};

type Type = (typeof activityTypes)[number];

const changeSetOf = ({ rows }: AnonymizationPlan, type: Type): ChangeSet => {
  const idsWith = (...wanted: readonly Disposition[]): readonly number[] =>
    rows.filter(({ dispositions }) => wanted.includes(dispositions[type.plural])).map(({ user }) => user.id);
  return {
    removeAllOf: idsWith('remove'),
    removeHiddenOf: type.whenHidden === 'remove' ? idsWith('keep', 'anonymize') : [],
    anonymizeOf: idsWith('anonymize'),
  };
};

const plannedFor = (
  { counts }: AnonymizationPlan,
  type: Type,
): { readonly removed: number; readonly anonymized: number } =>
  [...counts[type.plural].values()].reduce(
    (total, one) => ({
      removed: total.removed + one.goes + one.hiddenGoes,
      anonymized: total.anonymized + one.anonymized,
    }),
    { removed: 0, anonymized: 0 },
  );
