import type { Ports } from '../../ports/index.ts';
import { actorNow } from '../actor-now.ts';
import type { AnonymizationView, AnonymizeCommand } from './commands.ts';
import { muchInTurn } from './planned-contributions.ts';
import { personToPlan, planAnonymization, type CommandPlan } from './plan.ts';
import { viewOf } from './view.ts';

type Needs = Pick<
  Ports,
  | 'users'
  | 'clients'
  | 'activities'
  | 'sideTables'
  | 'sites'
  | 'settings'
  | 'clock'
  | 'startDigest'
  | 'identity'
  | 'inOneSnapshot'
>;

/** Exactly what `anonymizeUser` would do and answer now, as of one moment. Changes nothing. */
export const previewAnonymization =
  (ports: Needs) =>
  (command: AnonymizeCommand): Promise<AnonymizationView> =>
    muchInTurn(command, (tried) => planAsOfNow(ports, tried, (now, plan) => viewOf(ports, now, plan)));

/**
 * The plan as of one moment, and what is made of it (`use`), in a snapshot: exactly what would be done now, without a lock. Faults: as
 * `planAnonymization`, and `busy` for who waited too long for their turn.
 */
export const planAsOfNow = async <T>(
  ports: Needs,
  command: AnonymizeCommand,
  use: (command: AnonymizeCommand, plan: CommandPlan) => Promise<T>,
): Promise<T> => {
  // A look links the person's rows that an OpenStad API made beside us; a snapshot only reads.
  await ports.users.personOf(command.site.id, command.userId, 'plain');
  return ports.inOneSnapshot(async () => {
    // A body may have come slowly, and the turn late: what its sender might when it began proves nothing.
    const commandNow = { ...command, actor: await actorNow(ports, command.actor) };
    const held = await personToPlan(ports, commandNow, 'plain');
    return use(commandNow, await planAnonymization(ports, commandNow, held, 'plain'));
  });
};
