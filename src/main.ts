#!/usr/bin/env node
import { Command } from 'commander';
import { startApp } from './app.ts';
import { configOrExit } from './cli/config-or-exit.ts';
import { createContainer, loggerOf } from './container.ts';

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
  process.on('unhandledRejection', (error) => {
    log.fatal({ err: error }, 'unhandled rejection: this is a bug');
    process.exit(1);
  });
  // The demo is loaded only where it runs: production never sees its code.
  const demo = config.demo
    ? await (await import('./demo/index.ts')).startDemo(config, { reset: options.reset === true, log })
    : null;
  const container = createContainer(config, { log });
  if (demo === null) await mustBeMigrated(container);
  else await demo.fill(container);
  const app = await startApp(container, config);
  log.info({ url: app.url, demo: config.demo }, 'civitas is listening');
  demo?.tell(app.url);

  let stopping = false;
  const stop = (signal: NodeJS.Signals): void => {
    if (stopping) return;
    stopping = true;
    log.info({ signal }, 'stopping: no new connections, running requests finish');
    void app
      .stop()
      .then(() => demo?.stop())
      .then(() => {
        log.info({}, 'stopped');
        process.exit(0);
      });
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
};

/** A database that does not answer yet is waited for by /health/ready; one that is not migrated is not ours to serve. */
const mustBeMigrated = async (container: ReturnType<typeof createContainer>): Promise<void> => {
  const pending = await container.migrator.pending().catch(() => []);
  if (pending.length === 0) return;
  container.log.fatal({ pending }, 'the database is not migrated: run `npm run migrate` first');
  process.exit(1);
};

await start();
