import type { Ports } from '../ports/index.ts';
import { listsOf, planAnonymization } from './anonymization-plan.ts';
import type { AnonymizationLists, AnonymizeCommand } from './commands.ts';

type Needs = Pick<Ports, 'users' | 'activities' | 'sites' | 'settings' | 'clock' | 'inOneSnapshot'>;

/** Exactly what `anonymizeUser` would do and answer now, as of one moment. Changes nothing. */
export const previewAnonymization =
  (ports: Needs) =>
  (command: AnonymizeCommand): Promise<AnonymizationLists> =>
    ports.inOneSnapshot(async () => listsOf(await planAnonymization(ports, command, 'plain')));
