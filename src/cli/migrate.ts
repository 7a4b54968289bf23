#!/usr/bin/env node
import { Command } from 'commander';
import { createContainer } from '../container.ts';
import { configOrExit } from './config-or-exit.ts';

new Command('civitas migrate')
  .description(
    'Brings the database that DATABASE_URL names up to date. Safe to repeat, and to run in two places at once.',
  )
  .parse();

const container = createContainer(configOrExit());
try {
  const done = await container.migrator.up();
  process.stdout.write(
    done.length === 0 ? 'The database is up to date.\n' : `Migrated:\n${done.map((name) => `  ${name}\n`).join('')}`,
  );
} catch (error) {
  container.log.fatal({ err: error }, 'the migration stopped; run it again');
  process.exitCode = 1;
} finally {
  await container.close();
}
