import type { Log } from '../ports/platform.ts';

/** Work that may outlive the request that began it. */
export interface Background {
  /** Looks after it to its end: its failure is a line in the log, never an unhandled rejection. */
  watch(work: Promise<unknown>): void;
  /** Ends when nothing is under way any more; before connections are given back. */
  idle(): Promise<void>;
}

export const background = ({ log }: { readonly log: Pick<Log, 'warn'> }): Background => {
  const running = new Set<Promise<void>>();
  return {
    watch: (work) => {
      const watched: Promise<void> = work
        .then(
          () => undefined,
          (error: unknown) => {
            log.warn({ err: error }, 'work in the background failed');
          },
        )
        .finally(() => running.delete(watched));
      running.add(watched);
    },
    idle: async () => {
      while (running.size > 0) await Promise.all(running);
    },
  };
};
