import type { Tally } from '../../../src/ports/tally.ts';

export interface FakeTally extends Tally {
  /** What was counted, in order: `delivered person.remove done`, `did delete`. */
  readonly counted: readonly string[];
}

export const fakeTally = (): FakeTally => {
  const counted: string[] = [];
  return {
    counted,
    delivered: (topic, outcome) => void counted.push(`delivered ${topic} ${outcome}`),
    did: (call) => void counted.push(`did ${call}`),
  };
};
