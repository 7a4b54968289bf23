import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { together, type MeasuredByAll } from './peer-workers.ts';

/** What the outbox holds at this moment. */
export interface OutboxState {
  readonly waiting: number;
  /** Age of the oldest message in seconds; 0 when there is none. */
  readonly oldestSeconds: number;
}

/** How far the walk over all people is. */
export interface SweepState {
  readonly position: number;
  readonly checked: number;
  /** In seconds since 1970; 0: none yet. */
  readonly lastRoundAt: number;
}
/** What is asked anew at every scrape. */
interface Sources {
  readonly outbox?: () => Promise<OutboxState>;
  readonly sweep?: () => Promise<SweepState>;
  /** Where several processes answer for one: each for all. */
  readonly byAll?: MeasuredByAll;
}

/** Has the shape of the port `Metrics` (src/ports/platform.ts), which platform may not know, and what `/metrics` answers. */
export interface MetricsRegistry {
  readonly contentType: string;
  /** In Prometheus' text form. */
  text(): Promise<string>;
  /** One answered request. `route` is the path as the route table writes it, never the address itself: that holds ids. */
  observe(route: string, method: string, status: number, seconds: number): void;
  /** One message of the outbox that was executed, or tried in vain. Both are words of a closed set. */
  delivered(topic: string, outcome: string): void;
  /** One call that anonymized or deleted somebody. */
  did(call: string): void;
}

/**
 * A registry of its own (not the global one): what Node tells of itself, request durations by route and status, and states that
 * are asked anew at every scrape. One that cannot be asked shows as NaN: the other metrics are needed just then. States are no
 * process's own: of several only the one that is asked reads them.
 */
export const createMetrics = ({ outbox, sweep, byAll }: Sources = {}): MetricsRegistry => {
  const [registry, states] = [new Registry(), new Registry()];
  collectDefaultMetrics({ register: registry });
  const durations = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Answered requests by route and status',
    labelNames: ['route', 'method', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [registry],
  });
  const deliveries = new Counter({
    name: 'outbox_deliveries_total',
    help: 'Messages of the outbox that were carried out, by what they came to; `later`: tried in vain',
    labelNames: ['topic', 'outcome'],
    registers: [registry],
  });
  const operations = new Counter({
    name: 'anonymizations_total',
    help: 'Calls that anonymized or deleted somebody; for a whole site one per person',
    labelNames: ['call'],
    registers: [registry],
  });
  if (outbox !== undefined) addGauges(states, outbox, outboxGauges);
  if (sweep !== undefined) addGauges(states, sweep, sweepGauges);
  const ofAll = byAll?.(() => registry.getMetricsAsJSON());
  const measured = async (): Promise<string> => (ofAll === undefined ? registry : together(await ofAll())).metrics();
  return {
    contentType: registry.contentType,
    text: async () => (await Promise.all([measured(), states.metrics()])).join('\n'),
    observe: (route, method, status, seconds) => {
      durations.observe({ route, method, status: String(status) }, seconds);
    },
    delivered: (topic, outcome) => {
      deliveries.inc({ topic, outcome });
    },
    did: (call) => {
      operations.inc({ call });
    },
  };
};

const outboxGauges: Gauges<OutboxState> = {
  outbox_waiting: ['Messages that wait in the outbox', ({ waiting }) => waiting],
  outbox_oldest_seconds: ['Age of the oldest message in the outbox', ({ oldestSeconds }) => oldestSeconds],
};
const sweepGauges: Gauges<SweepState> = {
  people_sweep_position: ['The person whom the walk over all people looked at last', ({ position }) => position],
  people_sweep_checked: ['People looked at in this round of the walk', ({ checked }) => checked],
  people_sweep_last_round_timestamp_seconds: [
    'When the last whole round ended; 0: none yet',
    (sweep) => sweep.lastRoundAt,
  ],
};

/** By name: help, and which part of a state it shows. */
type Gauges<S> = Readonly<Record<string, readonly [help: string, valueOf: (state: S) => number]>>;

/** All gauges of a state are asked at the same moment of a scrape, and share one question. */
const addGauges = <S>(registry: Registry, ask: () => Promise<S>, gauges: Gauges<S>): void => {
  let asked: Promise<S | null> | undefined;
  const state = (): Promise<S | null> =>
    (asked ??= ask()
      .catch(() => null)
      .finally(() => (asked = undefined)));
  for (const [name, [help, valueOf]] of Object.entries(gauges)) {
    const gauge: Gauge = new Gauge({
      name,
      help,
      registers: [registry],
      collect: async () => {
        const now = await state();
        gauge.set(now === null ? Number.NaN : valueOf(now));
      },
    });
  }
};
