import type { Metrics } from '../../../src/ports/platform.ts';

export interface FakeMetrics extends Metrics {
  /** What was counted, in order: `delivered person.remove done`, `did delete`. */
  readonly counted: readonly string[];
}

export const fakeMetrics = (): FakeMetrics => {
  const counted: string[] = [];
  return {
    counted,
    delivered: (topic, outcome) => void counted.push(`delivered ${topic} ${outcome}`),
    did: (call) => void counted.push(`did ${call}`),
  };
};
