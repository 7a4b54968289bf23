import { startSentences, type NewSite, type SentenceWorld } from '../../journeys/sentences/support/world.ts';
import type { Call, WorldSettings } from '../../support/recorded-world.ts';
import { startCluster, type Cluster } from './nodes.ts';
import { startProxies, type Proxy, type Writing } from './proxies.ts';

/** Three instances of the program, each with a proxy of its own before the nodes, all before one OAuth server. */
export interface Instances {
  readonly writing: Writing;
  readonly cluster: Cluster;
  readonly proxies: readonly Proxy[];
  readonly s: SentenceWorld;
  /** At the first, second, third; each answer is counted. */
  readonly calls: readonly Call[];
  /** The database of the program, at the cluster. */
  readonly database: string;
  /** What was answered since this was last asked. */
  readonly takeTally: () => Tally;
  readonly close: () => Promise<void>;
}
/** Answers as their callers saw them. */
export interface Tally {
  readonly answers: readonly Counted[];
  /** Calls that were not answered. */
  readonly unanswered: readonly string[];
}
export interface Counted {
  readonly call: string;
  readonly status: number;
  readonly retryAfter: string | null;
  /** When it was answered, as `performance.now` has it, and how long it took. */
  readonly at: number;
  readonly ms: number;
  /** Of a problem: its text. */
  readonly problem: string;
}

/** As in production; the worlds of other tests wait longer. */
const settings: WorldSettings = { oauthTimeLimitMs: 3000 };

export const startInstances = async (
  writing: Writing,
  sites: Readonly<Record<number, NewSite>>,
  more: WorldSettings = {},
): Promise<Instances> => {
  // What was started is stopped in turn, also where the next would not start.
  const toStop: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    for (const stop of toStop.splice(0).reverse()) await stop();
  };
  try {
    const cluster = await startCluster();
    toStop.push(() => cluster.stop());
    const proxies = await startProxies(cluster, writing);
    toStop.push(() => Promise.all(proxies.map((proxy) => proxy.stop())));
    const s = await sentencesAt(proxies[0]!.url(''), sites, { ...settings, ...more });
    toStop.push(s.close);
    const database = new URL(s.world.env['DATABASE_URL'] ?? '').pathname.slice(1);
    await cluster.inSync();
    const { counted, takeTally } = counting();
    const calls = [counted(s.world.at(s.world.url))];
    for (const proxy of proxies.slice(1)) {
      const { url, stop } = await begunBeside(s, proxy.url(database));
      toStop.push(stop);
      calls.push(counted(s.world.at(url)));
    }
    return { writing, cluster, proxies, s, database, takeTally, calls, close };
  } catch (error) {
    await close();
    throw error;
  }
};

const sentencesAt = async (...[server, sites, said]: [string, ...Parameters<typeof startSentences>]) => {
  const before = process.env['TEST_DATABASE_URL'];
  process.env['TEST_DATABASE_URL'] = server;
  try {
    return await startSentences(sites, said);
  } finally {
    if (before === undefined) delete process.env['TEST_DATABASE_URL'];
    else process.env['TEST_DATABASE_URL'] = before;
  }
};

/** One more instance, until it is stopped. */
const begunBeside = async (
  s: SentenceWorld,
  database: string,
): Promise<{ readonly url: string; readonly stop: () => Promise<void> }> => {
  let end = (): void => undefined;
  const open = new Promise<void>((resolve) => {
    end = resolve;
  });
  let running = Promise.resolve();
  const url = await new Promise<string>((resolve, reject) => {
    running = s.beside({ DATABASE_URL: database }, (begun) => {
      resolve(begun);
      return open;
    });
    running.catch(reject);
  });
  return {
    url,
    stop: () => {
      end();
      return running;
    },
  };
};

const counting = (): { readonly counted: (call: Call) => Call; readonly takeTally: () => Tally } => {
  let answers: Counted[] = [];
  let unanswered: string[] = [];
  return {
    counted:
      (call) =>
      async (...asked) => {
        const name = `${asked[1]} ${asked[2].replaceAll(/\d+/g, '1')}`;
        const begun = performance.now();
        try {
          const answer = await call(...asked);
          const { status, headers, text } = answer;
          const at = performance.now();
          const problem = status < 400 ? '' : text.slice(0, 500);
          answers.push({ call: name, status, retryAfter: headers.get('retry-after'), at, ms: at - begun, problem });
          return answer;
        } catch (error) {
          unanswered.push(`${name}: ${String(error)}`);
          throw error;
        }
      },
    takeTally: () => {
      const taken = { answers, unanswered };
      [answers, unanswered] = [[], []];
      return taken;
    },
  };
};
