#!/usr/bin/env node
import { Command } from 'commander';
import { createContainer } from '../container.ts';
import { adopt } from '../db/adoption/adopt.ts';
import { adoptionText } from './adoption-text.ts';
import { configOrExit } from './config-or-exit.ts';

const { json } = new Command('civitas migrate')
  .description(
    'Brings the database that DATABASE_URL names up to date, or adopts an existing OpenStad database: adds what is missing, links each user to their person, and reports what it did and found. Loses nothing. Safe to repeat, to interrupt, and to run in two places at once.',
  )
  .option('--json', 'print the report as JSON')
  .addHelpText(
    'after',
    '\nThe report names ids, tables and columns, never a person’s values. Run it again after an OpenStad API has written users.',
  )
  .parse()
  .opts<{ json?: boolean }>();

const config = configOrExit();
const { database, migrator, ports, log, close } = createContainer(config);
try {
  const globalIssuer = ports.settings.globalOauthClient?.issuer ?? null;
  const report = await adopt({ ...ports, database, migrator, globalIssuer });
  process.stdout.write(json === true ? `${JSON.stringify(report, null, 2)}\n` : adoptionText(report));
} catch (error) {
  log.fatal({ err: error }, 'the migration stopped; run it again');
  process.exitCode = 1;
} finally {
  await close();
}
