#!/usr/bin/env node
import { Command } from 'commander';
import { startApp, type RunningApp, endOnSignal, endOnUnhandledRejection, reportListenError } from './lifecycle.ts';
import { configOrExit } from './cli/command-errors.ts';
import type { Config } from './config/index.ts';
import { createContainer, loggerOf, type Container } from './container.ts';
import { startWorkers } from './cluster/primary.ts';

const options = new Command('civitas')
  .description(
    'The user API of a city’s participation sites. Without any setting: the demo, with a development OAuth server.',
  )
  .option('--reset', 'demo only: forget the demo’s data and begin anew')
  .addHelpText('after', '\nSettings come from the environment and config/*.json; `npm run settings` lists them.')
  .parse()
  .opts<{ reset?: boolean }>();

const start = async (): Promise<void> => {
  const config = configOrExit();
  if (options.reset === true && !config.demo) {
    process.stderr.write('--reset is for the demo only: this is a real installation.\n');
    process.exit(1);
  }
  const log = loggerOf(config);
  endOnUnhandledRejection(log);
  // The demo is loaded only where it runs: production never sees its code.
  const demo = config.demo
    ? await (await import('./demo/index.ts')).startDemo(config, { reset: options.reset === true, log })
    : null;
  const container = createContainer(config, { log });
  if (demo === null) await mustBeMigrated(container);
  else await demo.fill(container);
  const { workers } = config.server;
  const running = workers === 1 ? await startApp(container, config) : await inWorkers(container, config);
  endOnSignal(log, async () => {
    await running.stop();
    await demo?.stop();
  });
  // Who reads this may send a signal at once.
  log.info({ url: running.url, demo: config.demo, workers }, 'civitas is listening');
  demo?.tell(running.url);
};

/** This process serves nothing then: it keeps no connection to the database. */
const inWorkers = async ({ log, close }: Container, config: Config): Promise<RunningApp> => {
  await close();
  const giveUp = (): void => process.exit(1);
  try {
    return await startWorkers({ config, log, giveUp });
  } catch (error) {
    log.fatal({ err: error }, 'the workers could not start');
    process.exit(1);
  }
};

/** A database that does not answer yet is waited for by /health/ready; one that is not migrated is not ours to serve. */
const mustBeMigrated = async (container: Container): Promise<void> => {
  const pending = await container.migrator.pending().catch(() => []);
  if (pending.length === 0) return;
  container.log.fatal({ pending }, 'the database is not migrated: run `npm run migrate` first');
  process.exit(1);
};

await start().catch(reportListenError);
