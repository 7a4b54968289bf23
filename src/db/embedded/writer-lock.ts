/** Who may write, first come first served. SQLite knows one writer per file; waiting here costs no thread and no busy loop. */
export interface WriterLock {
  /** Resolves once the owner may write; at once when it already may. Rejects with a `busy` error after `patienceMs`. */
  acquire(owner: object, timeoutMs: number): Promise<void>;
  release(owner: object): void;
}

interface Waiting {
  readonly owner: object;
  readonly grant: () => void;
}

/** Marks a wait that was too long, so that it is told apart from a conflict that is worth another run. */
export const waitedTooLong = 'SQLITE_BUSY_WAITED_TOO_LONG';

export const writerIsBusy = (): Error =>
  Object.assign(new Error('waited too long for the writer of this file'), { code: waitedTooLong });

export const writerLock = (): WriterLock => {
  let holder: object | null = null;
  let queue: readonly Waiting[] = [];

  return {
    acquire: (owner, timeoutMs) => {
      if (holder === null || holder === owner) {
        holder = owner;
        return Promise.resolve();
      }
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          queue = queue.filter((other) => other !== waiting);
          reject(writerIsBusy());
        }, timeoutMs);
        const waiting: Waiting = {
          owner,
          grant: () => {
            clearTimeout(timer);
            resolve();
          },
        };
        queue = [...queue, waiting];
      });
    },
    release: (owner) => {
      if (holder !== owner) return;
      const [next, ...rest] = queue;
      queue = rest;
      holder = next?.owner ?? null;
      next?.grant();
    },
  };
};
