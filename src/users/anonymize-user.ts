import { activityTypes } from '../activity-types/index.ts';
import { anonymized } from '../domain/user-fields.ts';
import type { Ports } from '../ports/index.ts';
import { RunAgain } from '../ports/unit-of-work.ts';
import { listsOf, planAnonymization, settlementOf, type AnonymizationPlan } from './anonymization-plan.ts';
import type { Anonymized, AnonymizeCommand } from './commands.ts';
import type { DeliverMessage } from './deliver-message.ts';
import { awaitParting, partFrom } from './parting.ts';

type Needs = Pick<
  Ports,
  'users' | 'activities' | 'sites' | 'settings' | 'clock' | 'outbox' | 'inOneTransaction' | 'log'
>;

/**
 * Everywhere or not at all: one transaction over all chosen rows, whatever the number of sites. Answers with what was there
 * before. The OAuth server hears of it after the commit, by the outbox. Faults: those of the plan, `busy`. Source: anonymization.md.
 */
export const anonymizeUser =
  (ports: Needs, deliver: DeliverMessage) =>
  async (command: AnonymizeCommand): Promise<Anonymized> => {
    const { lists, parting } = await ports.inOneTransaction(async () => {
      const plan = await planAnonymization(ports, command, 'locked');
      await carryOut(ports, plan);
      const gone = plan.rows.map(({ user }) => user);
      return { lists: listsOf(plan), parting: await partFrom(ports, plan.held, gone, plan.clients) };
    });
    return { lists, oauth: await awaitParting(ports, deliver, parting) };
  };

const carryOut = async (ports: Needs, plan: AnonymizationPlan): Promise<void> => {
  if (plan.rows.length === 0) return;
  for (const type of activityTypes) {
    const { settlement, removed, stripped } = settlementOf(plan, type.plural);
    if (removed + stripped === 0) continue;
    const done = await ports.activities.settle(type, settlement);
    if (done.removed !== removed || done.stripped !== stripped)
      throw new RunAgain(`${type.plural} changed between plan and deed`);
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
