import { Agent, request } from 'node:http';
import { summaryOf, type Driven } from './latencies.ts';
import type { Shot } from './drive.ts';

export interface SteadyOrder {
  readonly url: string;
  readonly shots: readonly Shot[];
  readonly perSecond: number;
  readonly seconds: number;
}

/**
 * A fixed number of requests a second, evenly, whether the ones before were answered or not: each counts from the moment when it
 * was due, so that a server that stands still is not asked less. (autocannon sends a second's requests in one burst.) What is
 * not answered when patience ends counts with the time that it has waited.
 */
export const steadily = ({ url, shots, perSecond, seconds }: SteadyOrder): Promise<Driven> =>
  new Promise((resolve) => {
    const agent = new Agent({ keepAlive: true, maxSockets: 100 });
    const total = Math.round(perSecond * seconds);
    const latencies: number[] = [];
    const statuses = new Map<number, number>();
    const startedAt = performance.now();
    let sent = 0;
    const waiting = new Map<number, number>();
    const end = (): void => {
      clearInterval(timer);
      clearTimeout(impatience);
      for (const dueAt of waiting.values()) latencies.push(performance.now() - dueAt);
      waiting.clear();
      agent.destroy();
      resolve(summaryOf(latencies, seconds, statuses));
    };
    const done = (number: number, status: number): void => {
      const dueAt = waiting.get(number);
      if (dueAt === undefined) return;
      waiting.delete(number);
      latencies.push(performance.now() - dueAt);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      if (sent === total && waiting.size === 0) end();
    };
    const timer = setInterval(() => {
      const due = Math.min(total, Math.floor(((performance.now() - startedAt) / 1000) * perSecond));
      for (; sent < due; sent += 1) {
        waiting.set(sent, startedAt + (sent * 1000) / perSecond);
        const number = sent;
        send(agent, url, shots[sent % shots.length], (status) => {
          done(number, status);
        });
      }
    }, 1);
    const impatience = setTimeout(end, (seconds + patienceSeconds) * 1000);
  });

const patienceSeconds = 10;

const send = (agent: Agent, url: string, shot: Shot | undefined, done: (status: number) => void): void => {
  if (shot === undefined) return;
  const asked = request(url + shot.path, { agent, method: shot.method, headers: shot.headers }, (response) => {
    response.resume();
    response.once('end', () => {
      done(response.statusCode ?? 0);
    });
  });
  asked.once('error', () => {
    done(0);
  });
  asked.end(shot.body);
};
