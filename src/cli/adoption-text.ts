import type { AdoptionReport, Found } from '../db/adoption/report.ts';
import type { OauthServerState } from '../use-cases/sites/check-oauth-servers.ts';
import { serverLine, type ToDo } from './adoption-to-do.ts';

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
