import type { Ports } from '../../ports/index.ts';
import type { AnonymizationView, AnonymizeCommand } from './commands.ts';
import { muchInTurn } from './planned-contributions.ts';
import { planAsOfNow } from './plan.ts';
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
