import type { AdoptionReport, Found } from '../db/adoption/report.ts';
import type { OauthServerState } from '../use-cases/sites/check-oauth-servers.ts';

/** Something that is to be done by hand, and how. */
export interface ToDo {
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
export const serverLine = (server: Omit<OauthServerState, 'remedy'>): string => {
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
