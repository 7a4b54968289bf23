import { isFault } from '../../src/domain/fault.ts';

/** The rule that refuses (with the field), `401` for a visitor, or `may`. */
export const verdict = (ask: () => void): string => {
  try {
    ask();
    return 'may';
  } catch (error) {
    if (isFault(error, 'unauthenticated')) return '401';
    if (isFault(error, 'forbidden'))
      return [error.facts.rule, error.facts.field].filter((part) => part !== undefined).join(' ');
    throw error;
  }
};
