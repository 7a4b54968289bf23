import type { AnonymizeCommand } from './commands.ts';

/** Much is to be read: thrown before any of it is, and before anything is written, by what has not waited for its turn. */
export class WaitsForTurn extends Error {
  constructor() {
    super('much is to be read: in turn');
    this.name = 'WaitsForTurn';
  }
}

/**
 * At once, as nearly everything is little; what turns out to be much (`WaitsForTurn`) is left and done from the beginning when it is
 * the actor's turn. So nothing waits while it holds a connection, a lock or rows. Faults: those of `inTurn`.
 */
export const muchInTurn = async <T>(
  command: AnonymizeCommand,
  work: (command: AnonymizeCommand) => Promise<T>,
): Promise<T> => {
  const { inTurn, ...whenItIsTime } = command;
  try {
    return await work(command);
  } catch (error) {
    if (inTurn === undefined || !(error instanceof WaitsForTurn)) throw error;
    return inTurn(() => work(whenItIsTime));
  }
};
