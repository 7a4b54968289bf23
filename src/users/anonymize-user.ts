import type { Ports } from '../ports/index.ts';
import { listsOf, planAnonymization } from './anonymization-plan.ts';
import { anonymizeRows } from './anonymize-rows.ts';
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
      await anonymizeRows(ports, plan);
      const gone = plan.rows.map(({ user }) => user);
      return { lists: listsOf(plan), parting: await partFrom(ports, plan.held, gone, plan.standing) };
    });
    return { lists, oauth: await awaitParting(ports, deliver, parting) };
  };
