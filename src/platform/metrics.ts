import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { together, type MeasuredByAll } from './peer-workers.ts';

/** What the outbox holds at this moment. */
export interface OutboxState {
  readonly waiting: number;
  /** Age of the oldest message in seconds; 0 when there is none. */
  readonly oldestSeconds: number;
  /** Of them what removes or withdraws somebody at an OAuth server, and the age of its oldest. */
  readonly removals: number;
  readonly oldestRemovalSeconds: number;
}

/** What goes on by itself, and should not stand still. */
export interface UpkeepState {
  /** Age in seconds of the first of the latest rows of the audit that has no seal; 0: all have. */
  readonly unsealedSeconds: number;
  /** Runs that stand still without anybody having asked for it; counted up to a hundred. */
  readonly stoppedRuns: number;
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
  readonly upkeep?: () => Promise<UpkeepState>;
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
  /** Whether a server (its origin) is left alone for a while, as its calls fail. */
  circuit(server: string, isOpen: boolean): void;
}

/**
 * A registry of its own (not the global one): what Node tells of itself, request durations by route and status, and states that
 * are asked anew at every scrape. One that cannot be asked shows as NaN: the other metrics are needed just then. States are no
 * process's own: of several only the one that is asked reads them.
 */
export const createMetrics = ({ outbox, sweep, upkeep, byAll }: Sources = {}): MetricsRegistry => {
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
  const circuits = new Gauge({
    name: 'oauth_circuit_open',
    help: 'In how many processes an OAuth server is left alone, as half of its calls failed',
    labelNames: ['server'],
    registers: [registry],
  });
  if (outbox !== undefined) addGauges(states, outbox, outboxGauges);
  if (sweep !== undefined) addGauges(states, sweep, sweepGauges);
  if (upkeep !== undefined) addGauges(states, upkeep, upkeepGauges);
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
    circuit: (server, isOpen) => {
      circuits.set({ server }, Number(isOpen));
    },
  };
};

const outboxGauges: Gauges<OutboxState> = {
  outbox_waiting: ['Messages that wait in the outbox', ({ waiting }) => waiting],
  outbox_oldest_seconds: ['Age of the oldest message in the outbox', ({ oldestSeconds }) => oldestSeconds],
  outbox_removals_waiting: ['Removals and withdrawals among them', ({ removals }) => removals],
  outbox_removals_oldest_seconds: ['Age of the oldest of those', (state) => state.oldestRemovalSeconds],
};
const upkeepGauges: Gauges<UpkeepState> = {
  audit_unsealed_oldest_seconds: [
    'Age of the oldest row of the audit without a seal',
    (state) => state.unsealedSeconds,
  ],
  anonymization_runs_stopped: ['Runs that stand still and that nobody paused', ({ stoppedRuns }) => stoppedRuns],
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
