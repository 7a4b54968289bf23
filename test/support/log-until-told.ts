import { createLogger } from '../../src/platform/logger.ts';

/** A process of its own that logs, and ends when it is told to: at once, as main.ts does when nothing is left to close. */
const logger = createLogger({ level: 'info', personalFields: [] });
setInterval(() => undefined, 1000);
process.on('SIGTERM', () => {
  logger.info({}, 'stopping');
  void Promise.resolve().then(() => {
    logger.info({}, 'stopped');
    process.exit(0);
  });
});
logger.info({}, 'ready');
