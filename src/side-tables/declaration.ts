import { activityTypes } from '../activity-types/index.ts';
import { sideTables } from './index.ts';
import type { CatalogColumn } from './unknown.ts';

/** How columns that nobody declared are declared. */
export interface Declaration {
  /** Which ones, as `table.column`. */
  readonly columns: readonly string[];
  /** What is to be done with the line; a sentence that it ends. */
  readonly where: string;
  readonly line: string;
}

/**
 * A line for each gap, ready to be put in, or for a whole table that nobody knows: a proposal, as only whoever added it knows what
 * it holds. Source: running.md, "Databases".
 */
export const declarationsFor = (catalog: readonly CatalogColumn[], gaps: readonly string[]): readonly Declaration[] => {
  const missing = catalog.filter(({ table, column }) => gaps.includes(`${table}.${column}`));
  const tables = [...new Set(missing.map(({ table }) => table))];
  return tables.flatMap((table): readonly Declaration[] => {
    const columns = missing.filter((one) => one.table === table);
    const known = adviceFor(table);
    if (known === undefined) return [ofTable(catalog, columns, table)];
    return columns.map((one) => ({ columns: [`${table}.${one.column}`], where: known.where, line: known.line(one) }));
  });
};

/** How a column of one table is declared. */
interface TableAdvice {
  readonly where: string;
  readonly line: (column: CatalogColumn) => string;
}

const adviceFor = (table: string): TableAdvice | undefined => {
  if (table === 'users') return { where: 'Let it be null, and anonymizing clears it', line: nullable };
  const type = activityTypes.find((one) => one.table === table);
  if (type !== undefined)
    return {
      where: `Declare it in src/activity-types/${type.name}.ts, columns`,
      line: (one) => `${one.column}: personal('${kindOf(one)}'),`,
    };
  const isKnown = sideTables.some((one) => one.table === table);
  return isKnown
    ? { where: `Declare it in src/side-tables/index.ts, columns of ${table}`, line: sideColumn }
    : undefined;
};

const ofTable = (catalog: readonly CatalogColumn[], personal: readonly CatalogColumn[], table: string): Declaration => {
  const all = catalog.filter((one) => one.table === table);
  const names = personal.flatMap((one) => {
    const holds = heldBy(one);
    return holds === null ? [] : [`{ column: '${one.column}', holds: '${holds}' }`];
  });
  const key = all.some(({ column }) => column === 'uid') ? 'uid' : 'id';
  const columns = all.map((one) =>
    personal.includes(one) && heldBy(one) !== 'user-id' ? sideColumn(one) : `${one.column}: kept,`,
  );
  return {
    columns: personal.map(({ column }) => `${table}.${column}`),
    where: 'Declare it in src/side-tables/index.ts, workings',
    line: `{ table: '${table}', key: '${key}', names: [${names.join(', ')}], columns: { ${columns.join(' ')} }, whenAnonymized: () => 'anonymize', whenHidden: 'anonymize', whenDeleted: 'clear' },`,
  };
};

/** What a column says of whom a row is about; null: it only holds something of them. */
const heldBy = ({ column, type, refersToUsers }: CatalogColumn): 'user-id' | 'email' | null => {
  if (
    refersToUsers ||
    (isNumber(type) && /(user|person|owner|author|member|account|creator)_?id$|[a-z](By|_by)(Id|_id)?$/i.test(column))
  )
    return 'user-id';
  return /mail/i.test(column) ? 'email' : null;
};

/** A column that may not be null holds an empty text once emptied; a number would have to be null. */
const sideColumn = (one: CatalogColumn): string => {
  if (one.nullable) return `${one.column}: personal(),`;
  if (kindOf(one) === 'json') return `${one.column}: personal('{}'),`;
  return kindOf(one) === 'text'
    ? `${one.column}: personal(''),`
    : `${one.column}: personal(), /* first: ${nullable(one)} */`;
};

const nullable = ({ table, column, type }: CatalogColumn): string =>
  `ALTER TABLE \`${table}\` MODIFY COLUMN \`${column}\` ${type} NULL;`;

const isNumber = (type: string): boolean => /int|decimal|float|double|numeric/i.test(type);

const kindOf = ({ type }: CatalogColumn): 'number' | 'text' | 'flag' | 'date' | 'json' | 'point' => {
  if (/^tinyint\(1\)/i.test(type)) return 'flag';
  if (isNumber(type)) return 'number';
  if (/^(date|time)/i.test(type)) return 'date';
  if (/^json/i.test(type)) return 'json';
  return /^(point|geometry)/i.test(type) ? 'point' : 'text';
};
