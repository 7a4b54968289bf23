import { wakers } from '../platform/clock.ts';
import type { Log } from '../ports/platform.ts';

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
