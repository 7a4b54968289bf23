import { personalColumns, type ActivityType } from '../../src/activity-types/definition.ts';
import { activityTypes } from '../../src/activity-types/index.ts';
import { sideReferences, sideTables } from '../../src/side-tables/index.ts';
import type { Naming } from '../../src/side-tables/definition.ts';
import { code, codes, generated, table } from './table.ts';

const voting = { votingIsActive: true };
const closed = { votingIsActive: false };
const legend =
  '`keep`: the row stays as it is. `anonymize`: it stays and loses its personal columns. `remove`: no row stays behind.';

/** What people contribute, and what becomes of it. */
export const activityTypesPage = (): string =>
  generated(
    'Activity types',
    '`src/activity-types/`',
    `${legend} What stays shows the replaced name.`,
    table(
      [
        'type',
        'label',
        'table',
        'belongs to',
        'anonymized while voting is active',
        'anonymized else',
        'soft-deleted',
        'listed by a plan',
      ],
      activityTypes.map((type: ActivityType) => [
        code(type.name),
        type.label,
        code(type.table),
        type.belongsTo,
        code(type.whenAnonymized(voting)),
        code(type.whenAnonymized(closed)),
        code(type.whenHidden),
        type.listed === 'what-goes' ? 'what goes' : 'what stays',
      ]),
    ),
    '## Columns',
    table(
      ['type', 'shown in answers', 'not shown', 'personal'],
      activityTypes.map((type: ActivityType) => [
        code(type.name),
        codes(columnsOf(type, true)),
        codes(columnsOf(type, false)),
        codes(personalColumns(type)),
      ]),
    ),
  );

const columnsOf = (type: ActivityType, shown: boolean): readonly string[] =>
  Object.entries(type.columns).flatMap(([name, column]) => (column.shown === shown ? [name] : []));

/** What OpenStad keeps of users beside its six tables, and what becomes of it. */
export const sideTablesPage = (): string =>
  generated(
    'Side tables',
    '`src/side-tables/`',
    `Tables of OpenStad that hold something of a user; they are reached where they exist ([ADR 5](../../adr/0005-adoption.md)). ${legend} \`unlink\`: the row stays and names nobody. \`clear\`: it also loses its personal columns.`,
    table(
      [
        'table',
        'names somebody by',
        'personal columns',
        'anonymized while voting is active',
        'anonymized else',
        'soft-deleted',
        'deleted',
      ],
      sideTables.map((side) => [
        code(side.table),
        side.names.map(namingOf).join('; '),
        codes(personalColumns(side)),
        code(side.whenAnonymized(voting)),
        code(side.whenAnonymized(closed)),
        code(side.whenHidden),
        code(side.whenDeleted),
      ]),
    ),
    `Columns of the six tables that name a user who did not write the row: ${codes(sideReferences.map((one) => `${one.table}.${one.column}`))}. Anonymizing keeps them, deleting unlinks them.`,
  );

const namingOf = ({ column, holds, siteColumn, unless }: Naming): string =>
  [
    `${code(column)} (${holds.replaceAll('-', ' ')}`,
    siteColumn === undefined ? '' : `, at the site in ${code(siteColumn)}`,
    unless === undefined ? '' : `, unless ${code(unless.column)} is ${code(unless.is)}`,
    ')',
  ].join('');
