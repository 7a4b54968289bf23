import { Fault } from '../domain/fault.ts';
import type { Database } from './database.ts';

/** Carries out a removal. What somebody else's table refers to cannot go: Fault `conflict` (rule `referred-to`) instead of a 500. */
export const orReferredTo = async <T>({ dialect }: Database, removal: Promise<T>): Promise<T> => {
  try {
    return await removal;
  } catch (error) {
    if (dialect.errorKind(error) !== 'referred-to') throw error;
    throw new Fault(
      'conflict',
      { rule: 'referred-to' },
      'A table that this API does not know refers to the user, so that they cannot be deleted. Anonymize them instead.',
      { cause: error },
    );
  }
};
