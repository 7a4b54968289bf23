import type { Ports } from '../../ports/index.ts';
import { actorNow } from '../actor-now.ts';
import type { AnonymizationView, AnonymizeCommand } from './commands.ts';
import { muchInTurn } from './planned-contributions.ts';
import { personToPlan, planAnonymization } from './plan.ts';
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
    muchInTurn(command, async (tried) => {
      // A body may have come slowly: what its sender might when it began proves nothing.
      const commandNow = { ...tried, actor: await actorNow(ports, tried.actor) };
      // A look links the person's rows that an OpenStad API made beside us; a snapshot only reads.
      await ports.users.personOf(commandNow.site.id, commandNow.userId, 'plain');
      return ports.inOneSnapshot(async () => {
        const held = await personToPlan(ports, commandNow, 'plain');
        return viewOf(ports, commandNow, await planAnonymization(ports, commandNow, held, 'plain'));
      });
    });
