#!/usr/bin/env node
import { Command } from 'commander';
import { startApp, type RunningApp, endOnSignal, endOnUnhandledRejection, reportListenError } from './lifecycle.ts';
import { configHere } from './cli/command-errors.ts';
import { CommandFailed } from './cli/endings.ts';
import type { Config } from './config/index.ts';
import { createContainer, loggerOf, type Container } from './container.ts';
import { startWorkers } from './cluster/primary.ts';
import { databaseAtStart } from './database-at-start.ts';

const options = new Command('civitas')
  .description(
    'The user API of a city’s participation sites. Without any setting: the demo, with a development OAuth server.',
  )
  .option('--reset', 'demo only: forget the demo’s data and begin anew')
  .addHelpText('after', '\nSettings come from the environment and config/*.json; `npm run settings` lists them.')
  .parse()
  .opts<{ reset?: boolean }>();

const start = async (): Promise<void> => {
  const config = configHere({ existing: false });
  if (options.reset === true && !config.demo)
    throw new CommandFailed('--reset is for the demo only: this is a real installation.');
  const log = loggerOf(config);
  endOnUnhandledRejection(log);
  // The demo is loaded only where it runs: production never sees its code.
  const demo = config.demo
    ? await (await import('./demo/index.ts')).startDemo(config, { reset: options.reset === true, log })
    : null;
  const container = createContainer(config, { log });
  const database = demo === null ? databaseAtStart(container, config) : null;
  await (database?.looked ?? demo?.fill(container));
  const { workers } = config.server;
  // Once for all workers, and whenever the database is there.
  const checked = (database?.answered ?? Promise.resolve()).then(container.checkSites).catch((error: unknown) => {
    log.error({ err: error }, 'the sites could not be looked through');
  });
  // Where workers serve, this process keeps no connection to the database once that has answered.
  if (workers > 1) void checked.then(container.close);
  const running = workers === 1 ? await startApp(container, config) : await inWorkers(container, config);
  endOnSignal(log, async () => {
    await running.stop();
    await demo?.stop();
  });
  // Who reads this may send a signal at once.
  log.info({ url: running.url, demo: config.demo, workers }, 'civitas is listening');
  demo?.tell(running.url);
};

/** This process serves nothing then. */
const inWorkers = async ({ log }: Container, config: Config): Promise<RunningApp> => {
  const giveUp = (): void => process.exit(1);
  try {
    return await startWorkers({ config, log, giveUp });
  } catch (error) {
    log.fatal({ err: error }, 'the workers could not start');
    process.exit(1);
  }
};

/** In one line, what somebody can do about. */
const tellFailure = (error: unknown): never => {
  if (!(error instanceof CommandFailed)) return reportListenError(error);
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
};

await start().catch(tellFailure);
