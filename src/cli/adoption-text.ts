import type { AdoptionReport, Found } from '../db/adoption/report.ts';
import type { OauthServerState } from '../use-cases/sites/check-oauth-servers.ts';

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

/** Something that is to be done by hand, and how. */
interface ToDo {
  readonly what: string;
  readonly remedy: string;
}

/** How a report ends: what keeps people from logging in comes first. Source: running.md, "Databases". */
export const toDoAfter = (report: AdoptionReport, servers: readonly OauthServerState[]): readonly ToDo[] => [
  ...servers.flatMap(({ remedy, ...server }) => (remedy === null ? [] : [{ what: serverLine(server), remedy }])),
  ...rows(
    report.alone.withoutIssuer,
    'of sites without an OAuth server',
    'Set AUTH_SERVER_URL (with AUTH_CLIENT_ID and AUTH_CLIENT_SECRET), or oauth.default in the config of their sites; then run this again, which links them.',
  ),
  ...rows(
    report.alone.leftOver,
    'left over: removed at the OAuth server just now, or written while this ran',
    'Run this again.',
  ),
  ...rows(
    report.alone.withoutSite,
    'without a site',
    'No call reaches them, as a right holds at a site: give them one (UPDATE users SET siteId = … WHERE id = …), or delete them in the database; then run this again.',
  ),
  ...report.people.severalRows.map(({ siteId, rows: some }) => ({
    what: `One person has ${some.length} rows at site ${siteId}: user ${some.map(({ userId }) => userId).join(', ')}`,
    remedy: `Login and POST use user ${some.find(({ slot }) => slot === 0)?.userId ?? 0}; do-anonymizeall reaches all of them. To be rid of one: DELETE /api/site/${siteId}/user/${some.findLast(({ deleted }) => !deleted)?.userId ?? 0}, which takes its contributions along.`,
  })),
  ...report.oddValues.map(({ table, column, what, remedy, ...found }) => ({
    what: `${table}.${column} ${what}: ${counted(found, table === 'users' ? 'user' : 'row')}`,
    remedy,
  })),
  ...report.declarations.map(({ columns, where, line }) => ({
    what: `Nobody declared ${columns.join(', ')}: anonymizing would leave ${columns.length === 1 ? 'it' : 'them'}`,
    remedy: `${where}: ${line}`,
  })),
];

/** `login.example.org (sites 1, 2): allowed, reachable, credentials refused`. */
const serverLine = (server: Omit<OauthServerState, 'remedy'>): string => {
  const of =
    server.siteIds.length === 0
      ? 'the global one'
      : `site${server.sites === 1 ? '' : 's'} ${server.siteIds.join(', ')}`;
  const more = server.sites > server.siteIds.length ? ' …' : '';
  return `OAuth server ${server.host ?? 'without an address'} (${of}${more}): ${stateOf(server).join(', ')}`;
};

const stateOf = ({
  host,
  allowed,
  complete,
  reachable,
  credentialsAccepted,
}: Omit<OauthServerState, 'remedy'>): readonly string[] => {
  if (host === null) return ['not configured'];
  if (!allowed) return ['not allowed'];
  if (!complete) return ['allowed', 'settings incomplete'];
  if (reachable !== true) return ['allowed', 'not reachable'];
  return [
    'allowed',
    'reachable',
    ...(credentialsAccepted === null ? [] : [`credentials ${credentialsAccepted ? 'accepted' : 'refused'}`]),
  ];
};

const rows = (found: Found, what: string, remedy: string): readonly ToDo[] =>
  found.count === 0
    ? []
    : [{ what: `${found.count === 1 ? 'A user' : `${found.count} users`} ${what}: ${counted(found, 'user')}`, remedy }];

const counted = ({ count, ids }: Found, name: string): string =>
  `${name} ${ids.join(', ')}${count > ids.length ? ` … (${count})` : ''}`;
