#!/usr/bin/env node
import { Command } from 'commander';
import { createContainer } from '../container.ts';
import { adopt } from '../db/adoption/adopt.ts';
import { rehearse } from '../db/adoption/rehearse.ts';
import { StatementFailed } from '../db/database-fault.ts';
import { isFault } from '../domain/fault.ts';
import { personalFields } from '../domain/users/user-fields.ts';
import { createLogger } from '../platform/logger.ts';
import { checkOauthServers } from '../use-cases/sites/check-oauth-servers.ts';
import { adoptionText, toDoAfter } from './adoption-text.ts';
import { configOrExit, whyDatabaseFails } from './command-errors.ts';
import { tellProgress } from './progress.ts';

const { json = false, dryRun = false } = new Command('civitas migrate')
  .description(
    'Brings the database that DATABASE_URL names up to date, or adopts an existing OpenStad database: adds what is missing, links each user to their person, and reports what it did and found. Loses nothing. Safe to repeat, to interrupt, and to run in two places at once.',
  )
  .option('--dry-run', 'change nothing, and report what would be done and what was found')
  .option('--json', 'print the report as JSON')
  .addHelpText(
    'after',
    `
The report ends with what is to be done, and how. It names ids, tables and columns, never a person’s values; it goes to stdout,
what happens on the way to stderr. Each OAuth server of the sites is asked once whether it takes our credentials.
Run it again after an OpenStad API has written users. docs/adoption.md says what it adds and what it never touches.

  npm run migrate -- --dry-run
  npm run migrate -- --json > report.json`,
  )
  .parse()
  .opts<{ json?: boolean; dryRun?: boolean }>();

const config = configOrExit();
// What is printed may be piped on: the log stands beside it.
const level = process.stderr.isTTY ? 'warn' : config.log.level;
const log = createLogger({ level, personalFields, stream: process.stderr });
const container = createContainer(config, { log, readOnly: dryRun });
const { database, migrator, ports } = container;
const progress = tellProgress(process.stderr, log);
try {
  const globalIssuer = ports.settings.globalOauthClient?.issuer ?? null;
  const needs = { ...ports, database, migrator, globalIssuer, onProgress: progress.onProgress };
  const report = await (dryRun ? rehearse(needs) : adopt(needs));
  // An empty database that is only looked at has no sites yet; the global OAuth server is asked all the same.
  const hasSites = !dryRun || !report.tablesAdded.includes('sites');
  const sites = hasSites ? ports.sites : { ...ports.sites, all: () => Promise.resolve([]) };
  const oauthServers = await checkOauthServers({ ...ports, sites })();
  const toDo = toDoAfter(report, oauthServers);
  progress.end();
  process.stdout.write(
    json ? `${JSON.stringify({ ...report, oauthServers, toDo }, null, 2)}\n` : adoptionText(report, oauthServers, toDo),
  );
} catch (error) {
  progress.end();
  const line = whyDatabaseFails(error, config) ?? whyItStopped(error);
  if (line === null) log.fatal({ err: error }, 'the migration stopped; run it again');
  else process.stderr.write(`${line}\n`);
  process.exitCode = 1;
} finally {
  await container.close();
}

/** In one line; null for what nobody expected. */
function whyItStopped(error: unknown): string | null {
  if (isFault(error)) return error.message;
  const cause = error instanceof Error && error.cause instanceof StatementFailed ? error.cause : error;
  return cause instanceof StatementFailed
    ? `${cause.message}. What was done stays; put it right and run this again.`
    : null;
}
