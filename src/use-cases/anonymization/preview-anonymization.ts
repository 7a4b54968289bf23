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
  (asked: AnonymizeCommand): Promise<AnonymizationView> =>
    muchInTurn(asked, async (mine) => {
      // A body may have come slowly: what its sender might when it began proves nothing.
      const command = { ...mine, actor: await actorNow(ports, mine.actor) };
      // A look links the person's rows that an OpenStad API made beside us; a snapshot only reads.
      await ports.users.personOf(command.site.id, command.userId, 'plain');
      return ports.inOneSnapshot(async () => {
        const held = await personToPlan(ports, command, 'plain');
        return viewOf(ports, command, await planAnonymization(ports, command, held, 'plain'));
      });
    });
