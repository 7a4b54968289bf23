#!/usr/bin/env node
import { Command } from 'commander';
import { createContainer } from '../container.ts';
import { adopt } from '../db/adoption/adopt.ts';
import { rehearse } from '../db/adoption/rehearse.ts';
import type { OnProgress, Progress, AdoptionReport, Found } from '../db/adoption/report.ts';
import { StatementFailed } from '../db/database-fault.ts';
import { isFault } from '../domain/fault.ts';
import { personalFields } from '../domain/user-fields.ts';
import { createLogger } from '../platform/logger.ts';
import type { Log } from '../ports/log.ts';
import { checkOauthServers, type OauthServerState } from '../use-cases/sites/check-oauth-servers.ts';
import { toDoAfter, serverLine, type ToDo } from './adoption-to-do.ts';
import { configOrExit } from './config-or-exit.ts';
import { whyDatabaseFails } from './database-trouble.ts';

/** The report as people read it; what is to be done stands last. */
export const adoptionText = (
  report: AdoptionReport,
  servers: readonly OauthServerState[],
  toDo: readonly ToDo[],
): string => {
  const { steps, tablesAdded, columnsAdded, alters, people, countsPutRight, alone, undeclared } = report;
  const words = report.dryRun ? beforehand : afterwards;
  return [
    ...(report.dryRun ? ['A dry run: nothing was changed.'] : []),
    ...(steps.length === 0 ? ['The database is up to date.'] : section(words.steps, steps)),
    ...section(words.tables, tablesAdded),
    ...section(words.columns, columnsAdded),
    ...section('Statements on tables that are there', alters),
    `People: ${people.linkedNow} rows ${words.linked}, ${people.persons} persons ${words.persons}.`,
    ...(countsPutRight === 0 ? [] : [`Totals of lists that ${words.putRight}: ${countsPutRight}.`]),
    ...section(
      'Several rows of one person at one site (slot 0 is the one that login uses)',
      people.severalRows.map(
        ({ siteId, personId, rows }) =>
          `site ${siteId}${personId === null ? '' : `, person ${personId}`}: ${rows
            .map(({ userId, slot, deleted }) => `user ${userId} in slot ${slot}${deleted ? ' (deleted)' : ''}`)
            .join(', ')}`,
      ),
    ),
    ...section('Rows that stay a person of their own', [
      ...listed('without a site', alone.withoutSite),
      ...listed('without a known OAuth server', alone.withoutIssuer),
      ...listed('without an external id', alone.withoutExternalId),
      ...listed('left over (run this again)', alone.leftOver),
    ]),
    ...section('Columns that nobody declared', undeclared.columns),
    ...section(
      'Columns of users that anonymizing clears although nobody declared them',
      undeclared.clearable.map((column) => `users.${column}`),
    ),
    ...section('Tables that nobody declared and that hold something of people', undeclared.tables),
    ...section('OAuth servers', servers.map(serverLine)),
    ...(toDo.length === 0
      ? ['Nothing is left to do.']
      : ['What to do:', ...toDo.flatMap(({ what, remedy }, at) => [`  ${at + 1}. ${what}.`, `     ${remedy}`])]),
  ]
    .map((line) => `${line}\n`)
    .join('');
};

const afterwards = {
  steps: 'Migrated',
  tables: 'Tables added',
  columns: 'Columns added',
  linked: 'linked now',
  persons: 'in all',
  putRight: 'were put right',
} as const;
const beforehand: Readonly<Record<keyof typeof afterwards, string>> = {
  steps: 'Steps to be done',
  tables: 'Tables to be added',
  columns: 'Columns to be added',
  linked: 'to be linked',
  persons: 'so far',
  putRight: 'are to be put right',
};

const section = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : [`${title}:`, ...lines.map((line) => `  ${line}`)];

const listed = (what: string, { count, ids }: Found): readonly string[] =>
  count === 0 ? [] : [`${count} ${what}: user ${ids.join(', ')}${count > ids.length ? ' …' : ''}`];

const pauseMs = 5_000;

/** Says how far a long work is: at a terminal in one line that is written over, else in the log, every few seconds. */
const tellProgress = (
  terminal: { readonly isTTY?: boolean; write(text: string): unknown },
  log: Pick<Log, 'info'>,
  now: () => number = Date.now,
): { readonly onProgress: OnProgress; readonly end: () => void } => {
  let toldAt = now();
  let isOpen = false;
  return {
    onProgress: (progress) => {
      if (terminal.isTTY === true) {
        isOpen = true;
        terminal.write(`\r\u001b[K${lineOf(progress)}`);
      } else if (now() - toldAt >= pauseMs) {
        toldAt = now();
        log.info({ ...progress }, 'adopting');
      }
    },
    end: () => {
      if (isOpen) terminal.write('\r\u001b[K');
      isOpen = false;
    },
  };
};

const lineOf = ({ work, done, of }: Progress): string => {
  if (of === null) return done === 0 ? work : `${work}: ${done} rows`;
  return `${work}: ${done} of ${of}`;
};

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
