import { isFault } from '../domain/fault.ts';
import { wakers } from '../platform/clock.ts';
import { onBehalfOf, type Asker } from '../platform/turns.ts';
import type { Ports } from '../ports/index.ts';
import type { Log } from '../ports/platform.ts';
import { forgetPeople } from '../use-cases/anonymization-runs/run-status.ts';
import type { SealAudit } from '../use-cases/audit/seal.ts';
import type { DeliverMessage } from '../use-cases/outbox/deliver-message.ts';
import type { SweepPeople } from '../use-cases/person-sync/sweep-people.ts';
import { setTimeout as pause } from 'node:timers/promises';
import type { Rest, WorkOnRuns } from '../use-cases/anonymization-runs/work-on-runs.ts';

/** Work that is done again and again. It ends early, at a good place, once `stopping` says so. */
export interface Job {
  readonly name: string;
  readonly everySeconds: number;
  readonly run: (stopping: () => boolean) => Promise<void>;
}

/** Runs each job at once and then at its interval, never twice at the same time. `stop` waits for what is running. */
export const startJobs = (jobs: readonly Job[], log: Log): { readonly stop: () => Promise<void> } => {
  let stopped = false;
  const stopping = (): boolean => stopped;
  const { pause, wakeAll } = wakers();

  const loop = async ({ name, everySeconds, run }: Job): Promise<void> => {
    while (!stopping()) {
      try {
        await run(stopping);
      } catch (error) {
        log.error({ job: name, err: error }, 'a job failed; it runs again at its next turn');
      }
      if (!stopping()) await pause(everySeconds * 1000);
    }
  };
  const running = Promise.all(jobs.map(loop));
  return {
    stop: async () => {
      stopped = true;
      wakeAll();
      await running;
    },
  };
};

type Needs = Pick<
  Ports,
  'persons' | 'sessions' | 'findings' | 'clients' | 'replays' | 'runs' | 'clock' | 'log' | 'inOneTransaction'
>;

/** How long it stays known that rows differed from the OAuth server. */
const findingsMs = 30 * 86_400_000;
const resealedAtOnce = 200;
/** How long a list of people waits to be started. */
const planMs = 86_400_000;

/**
 * Forgets what has run out: tombstones whose time is over, leases that nobody gave back, sessions, clients' tokens, answers kept
 * for repeats, old differences, lists of people that nobody started, who stood on those that ended a while ago; and seals anew what an older DATA_KEY sealed, so that the key can be taken away.
 */
export const tidyUp = (ports: Needs): Job => ({
  name: 'tidy-up',
  everySeconds: 3600,
  run: async (stopping) => {
    const { persons, sessions, findings, clients, replays, clock } = ports;
    await persons.forgetExpired(clock.now());
    await sessions.forgetExpired(clock.now());
    await clients.forgetExpired(clock.now());
    await replays.forgetExpired(clock.now());
    await findings.forgetBefore(new Date(clock.now().getTime() - findingsMs));
    await forgetPlans(ports);
    await forgetPeople(ports, stopping);
    await resealSessions(ports, stopping);
  },
});

const forgetPlans = async ({ runs, clock, inOneTransaction }: Needs): Promise<void> => {
  for (const runId of await runs.plannedBefore(new Date(clock.now().getTime() - planMs)))
    await inOneTransaction(() => runs.removePlan(runId));
};

const resealSessions = async (
  { sessions, log }: Pick<Needs, 'sessions' | 'log'>,
  stopping: () => boolean,
): Promise<void> => {
  let total = 0;
  while (!stopping()) {
    const resealed = await sessions.reseal(resealedAtOnce);
    if (resealed === 0) break;
    total += resealed;
  }
  if (total > 0) log.info({ sessions: total }, 'access tokens that an older DATA_KEY sealed are sealed anew');
};

/** Whoever is kept busy must not hold up all others: a message whose person somebody is at comes again after its pause. */
const outbox: Asker = { site: 'ourselves', caller: 'outbox', isVerified: true, patienceMs: 1000 };
const deliveriesAtOnce = 4;

/** Carries out what waits in the outbox, a few beside each other: after a restart, and whatever did not succeed at once. */
export const dispatchOutbox = (deliver: DeliverMessage, everySeconds: number): Job => ({
  name: 'dispatch-outbox',
  everySeconds,
  run: async (stopping) => {
    const one = async (): Promise<void> => {
      while (!stopping() && (await onBehalfOf(outbox, () => deliver())) !== null);
    };
    await Promise.all(Array.from({ length: deliveriesAtOnce }, one));
  },
});

/** A database that is away for a while is told of where it is missed, and another instance may be at it: the next turn goes on. */
const orNextTurn = async (work: Promise<unknown>): Promise<void> => {
  try {
    await work;
  } catch (error) {
    if (!isFault(error, 'not-ready') && !isFault(error, 'busy')) throw error;
  }
};

/** Closes the chain over what was written since. */
export const sealAuditJob = (seal: SealAudit, everySeconds: number): Job => ({
  name: 'seal-audit',
  everySeconds,
  run: (stopping) => orNextTurn(seal(stopping)),
});

/** The slow walk over all people, so many a minute. */
export const sweepPeopleJob = (sweep: SweepPeople, perMinute: number): Job => ({
  name: 'sweep-people',
  everySeconds: Math.max(1, 60 / perMinute),
  run: (stopping) => orNextTurn(sweep(Math.ceil(perMinute / 60), stopping)),
});

/** Puts right what an OpenStad API beside us wrote. */
export const besideOpenstad = (putRight: (stopping: () => boolean) => Promise<void>): Job => ({
  name: 'beside-openstad',
  everySeconds: 300,
  run: (stopping) => orNextTurn(putRight(stopping)),
});

/** Takes what was contributed in the name of somebody while or after they were anonymized. */
export const lateContributionsJob = (look: (stopping: () => boolean) => Promise<void>): Job => ({
  name: 'late-contributions',
  everySeconds: 60,
  run: (stopping) => orNextTurn(look(stopping)),
});

/** Carries on, in the background, the anonymization of whole sites and lists of people that somebody asked for. */
export const workOnRunsJob = (work: WorkOnRuns, everySeconds: number): Job => ({
  name: 'work-on-runs',
  everySeconds,
  run: (stopping) => orNextTurn(work(stopping)),
});

const maxMs = 250;

/** As long as was worked: a run never takes more than half of one connection's time. */
export const restAsLong: Rest = async (tookMs) => {
  await pause(Math.min(Math.max(tookMs, 1), maxMs));
};
