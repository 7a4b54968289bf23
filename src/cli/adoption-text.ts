import type { AdoptionReport } from '../db/adoption/report.ts';

/** The report as people read it. */
export const adoptionText = ({
  steps,
  tablesAdded,
  columnsAdded,
  people,
  countsPutRight,
  alone,
  misfits,
  undeclared,
}: AdoptionReport): string =>
  [
    ...(steps.length === 0 ? ['The database is up to date.'] : section('Migrated', steps)),
    ...section('Tables added', tablesAdded),
    ...section('Columns added', columnsAdded),
    `People: ${people.linkedNow} rows linked now, ${people.persons} persons in all.`,
    ...(countsPutRight === 0 ? [] : [`Totals of lists that were put right: ${countsPutRight}.`]),
    ...section(
      'Several rows of one person at one site (slot 0 is the one that login uses)',
      people.severalRows.map(
        ({ siteId, personId, rows }) =>
          `site ${siteId}, person ${personId}: ${rows
            .map(({ userId, slot, deleted }) => `user ${userId} in slot ${slot}${deleted ? ' (deleted)' : ''}`)
            .join(', ')}`,
      ),
    ),
    ...section(
      'Rows that stay a person of their own',
      Object.entries({
        'without a site': alone.withoutSite,
        'without a known OAuth server': alone.withoutIssuer,
        'without an external id': alone.withoutExternalId,
        'left over (run this again)': alone.leftOver,
      }).flatMap(listed),
    ),
    ...section('Users whose values do not fit (left as they are)', Object.entries(misfits).flatMap(listed)),
    ...section('Columns that nobody declared', undeclared.columns),
    ...section(
      'Columns of users that anonymizing clears although nobody declared them',
      undeclared.clearable.map((column) => `users.${column}`),
    ),
    ...section('Tables that nobody declared and that hold something of people', undeclared.tables),
    ...section('Looks personal, and anonymizing would leave it', undeclared.gaps),
  ]
    .map((line) => `${line}\n`)
    .join('');

const section = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : [`${title}:`, ...lines.map((line) => `  ${line}`)];

const listed = ([what, { count, ids }]: readonly [
  string,
  { readonly count: number; readonly ids: readonly number[] },
]): readonly string[] =>
  count === 0 ? [] : [`${count} ${what}: user ${ids.join(', ')}${count > ids.length ? ' …' : ''}`];
