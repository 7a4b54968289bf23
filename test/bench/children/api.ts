// A child process: the whole program, with counters.
import { Session } from 'node:inspector/promises';
import type { Profiler } from 'node:inspector';
import { startApp } from '../../../src/lifecycle.ts';
import { loadConfig, type Config } from '../../../src/config/index.ts';
import { createContainer, loggerOf } from '../../../src/container.ts';
import { answering } from './child.ts';
import { heldLoop } from './held-loop.ts';
import { forgetPeak, peakOfMemory } from './peak-memory.ts';

export interface Counters {
  /** Of this process since it started, in microseconds. */
  readonly processorMicros: number;
  /** SQL statements sent; always 0 where nobody counts. */
  readonly statements: number;
  /** Memory (RSS) at most since `begin`, in bytes. */
  readonly peakBytes: number;
  /** The longest that the event loop was held since `begin`, in ms; null where nobody looks. */
  readonly longestHold: number | null;
}

/** Counting towards a limit costs something in production, so it is measured; reaching one would not be. */
const most = 1_000_000_000;
const farAway: Config['limits'] = {
  perAddress: most,
  perUser: most,
  perToken: most,
  logins: most,
  tokens: most,
  failures: most,
};

/** The slow walk over all people would ask the OAuth server for somebody now and then. */
const measurable = (config: Config): Config => ({
  ...config,
  limits: farAway,
  users: { ...config.users, cache: { ...config.users.cache, sweepPerMinute: 0 } },
});

let statements = 0;
const loop = heldLoop();
const inspector = new Session();

const api = {
  /** `counting`: tells statements apart, which costs time: for a process of its own that is not measured. */
  start: async ({ env, counting }: { readonly env: Readonly<Record<string, string>>; readonly counting: boolean }) => {
    const config = measurable(loadConfig({ env }));
    const count = { onStatement: () => (statements += 1) };
    const container = createContainer(config, { log: loggerOf(config), ...(counting ? count : {}) });
    // A free port, which no setting can ask for.
    const server = { ...config.server, port: 0 };
    const { url } = await startApp(counting ? { ...container, jobs: [] } : container, { server });
    return url;
  },
  /** From here on peaks are counted. `loop`: also how long the event loop is held, which costs a timer each millisecond. */
  begin: ({ loop: wanted }: { readonly loop: boolean }) => {
    forgetPeak();
    if (wanted) loop.look();
    else loop.lookAway();
  },
  counters: (): Counters => {
    const { user, system } = process.cpuUsage();
    return { processorMicros: user + system, statements, peakBytes: peakOfMemory(), longestHold: loop.longest() };
  },
  profile: async () => {
    inspector.connect();
    await inspector.post('Profiler.enable');
    await inspector.post('Profiler.setSamplingInterval', { interval: 200 });
    await inspector.post('Profiler.start');
  },
  profiled: async (): Promise<Profiler.Profile> => (await inspector.post('Profiler.stop')).profile,
};
export type Api = typeof api;

answering(api);
