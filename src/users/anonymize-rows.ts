import { activityTypes } from '../activity-types/index.ts';
import { anonymized } from '../domain/user-fields.ts';
import type { Ports } from '../ports/index.ts';
import { RunAgain } from '../ports/unit-of-work.ts';
import { settlementOf, type AnonymizationPlan } from './anonymization-plan.ts';

/** Carries out a plan, inside the transaction that made it: what changes must be what was planned, else the unit runs again. */
export const anonymizeRows = async (
  ports: Pick<Ports, 'users' | 'activities' | 'settings' | 'clock'>,
  plan: AnonymizationPlan,
): Promise<void> => {
  if (plan.rows.length === 0) return;
  for (const type of activityTypes) {
    const { settlement, removed, stripped } = settlementOf(plan, type.plural);
    if (removed + stripped === 0) continue;
    const done = await ports.activities.settle(type, settlement);
    if (done.removed !== removed || done.stripped !== stripped) {
      throw new RunAgain(`${type.plural} changed between plan and deed`);
    }
  }
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
};
