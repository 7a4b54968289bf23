import type { Logger } from './platform/logger.ts';

/** An unhandled rejection is a bug, and ends the process with 1. Source: running.md. */
export const endOnUnhandledRejection = (log: Logger): void => {
  process.on('unhandledRejection', (error) => {
    log.fatal({ err: error }, 'unhandled rejection: this is a bug');
    process.exit(1);
  });
};

/**
 * From now on SIGTERM and SIGINT, or whoever calls what this answers, end the process: once, with 0 when `stop` has done its work,
 * with 1 when it failed. Source: running.md.
 */
export const endOnSignal = (log: Logger, stop: () => Promise<void>): ((because: string) => void) => {
  let stopping = false;
  const end = (because: string): void => {
    if (stopping) return;
    stopping = true;
    log.info({ because }, 'stopping: no new connections, running requests finish');
    stop().then(
      () => {
        log.info({}, 'stopped');
        process.exit(0);
      },
      (error: unknown) => {
        log.fatal({ err: error }, 'stopped, and not as it should');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
  return end;
};
