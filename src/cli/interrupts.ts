/** Ctrl-C and SIGTERM, as a command hears them. */
export interface Interrupts {
  /** Aborted by the first of them. */
  readonly signal: AbortSignal;
  /** Work that is done whole or not at all: a signal meanwhile waits for its end, a second one does not. */
  readonly finishing: <T>(work: () => Promise<T>) => Promise<T>;
  /** The exit code that the first of them asks for; null: none came. */
  readonly code: () => number | null;
  /** What is said, and done, when a signal ends the command now: what has been done by then. */
  readonly onEnd: (line: string, cleanUp?: () => void) => void;
}

/** 128 and the number of the signal, as a shell has it. */
const codes = { SIGINT: 130, SIGTERM: 143 } as const;

export const interruptsOf = (source: Pick<NodeJS.Process, 'on' | 'exit'>, tell: (line: string) => void): Interrupts => {
  const controller = new AbortController();
  let running = 0;
  let code: number | null = null;
  const nothing = (): void => undefined;
  let atEnd = { line: 'Stopped. Nothing was changed.', cleanUp: nothing };
  // What a command said itself, it knows better.
  let isSaid = false;
  const become = (line: string): void => {
    if (!isSaid) atEnd = { line, cleanUp: nothing };
  };
  const hear = (name: keyof typeof codes) => (): void => {
    const isFirst = !controller.signal.aborted;
    code ??= codes[name];
    controller.abort();
    if (isFirst && running > 0) {
      tell('Stopping: what has begun is finished first, as it is done whole or not at all.');
      return;
    }
    atEnd.cleanUp();
    tell(atEnd.line);
    source.exit(codes[name]);
  };
  source.on('SIGINT', hear('SIGINT'));
  source.on('SIGTERM', hear('SIGTERM'));
  return {
    signal: controller.signal,
    code: () => code,
    onEnd: (line, cleanUp = nothing) => {
      isSaid = true;
      atEnd = { line, cleanUp };
    },
    finishing: async (work) => {
      running += 1;
      become('Stopped in the middle. What had begun may be done, or not: look before you try it again.');
      try {
        const done = await work();
        become('Stopped. What was asked for is done.');
        return done;
      } finally {
        running -= 1;
      }
    },
  };
};
