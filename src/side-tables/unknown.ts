import { userFieldNames } from '../domain/users/user-fields.ts';
import { personalTables } from './index.ts';

/** A column as the database has it. */
export interface CatalogColumn {
  readonly table: string;
  readonly column: string;
  /** As the database writes it: `varchar(64)`. */
  readonly type: string;
  readonly nullable: boolean;
  /** Computed from others: it follows them, and cannot be written. */
  readonly generated: boolean;
  /** A foreign key to users. */
  readonly refersToUsers: boolean;
}

/** What no table of ours declares. Columns are written `table.column`. */
export interface Undeclared {
  /** Of `users`, may be null: anonymizing clears them. Names alone. */
  readonly clearable: readonly string[];
  /** Of tables that are declared. */
  readonly columns: readonly string[];
  /** Whole tables that name users, or look as if they held something of people. */
  readonly tables: readonly string[];
  /** What looks personal and nobody clears. Sites with `anonymize.requireComplete` refuse while there is any. */
  readonly gaps: readonly string[];
}

/** Compares what the database has with what is declared. Source: running.md, "Adopting". */
export const undeclaredIn = (catalog: readonly CatalogColumn[]): Undeclared => {
  const unknown = catalog.filter(({ table, column }) => !isOurs(table) && declared.get(table)?.has(column) !== true);
  const clearable = unknown.filter((one) => one.table === 'users' && one.nullable && !one.generated);
  const gaps = unknown.filter((one) => !one.generated && !clearable.includes(one) && looksPersonal(one));
  return {
    clearable: clearable.map(({ column }) => column),
    columns: unknown.filter(({ table }) => declared.has(table)).map(nameOf),
    tables: [...new Set(gaps.map(({ table }) => table).filter((table) => !declared.has(table)))],
    gaps: gaps.map(nameOf),
  };
};

const nameOf = ({ table, column }: CatalogColumn): string => `${table}.${column}`;

const declared: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['users', new Set<string>(userFieldNames)],
  ...personalTables.map(({ table, columns }) => [table, new Set(Object.keys(columns))] as const),
]);

/** Our own books: what they hold of people is said where they are written. */
const isOurs = (table: string): boolean => table.startsWith('civitas_');

/** Whatever somebody added to `users` and may not be null is about a person; elsewhere the name has to tell. */
const looksPersonal = ({ table, column, refersToUsers }: CatalogColumn): boolean =>
  table === 'users' || refersToUsers || personalNames.some((pattern) => pattern.test(column));

const personalNames: readonly RegExp[] = [
  /(^|_)(user|person|owner|author|member|account|creator|customer|klant)_?(id|nr|number|nummer)?$/i,
  /(user|person|owner|author|member|creator|customer)_?id$/i,
  /[a-z](By|_by)(Id|_id)?$/,
  /mail/i,
  /(^|_)ip(_|$)|Ip$|ip_?address/i,
  /phone|telefoon|mobiel/i,
  /(first|last|full|nick|family|middle|user)_?name|(voor|achter|gebruikers)naam|^naam$/i,
  /street|straat|(^|_)adres|(^|[a-z_])address$|house_?(number|nr)|huisnummer|post_?code|zip_?code/i,
  /birth|geboorte|gender|geslacht|nationali/i,
  /password|wachtwoord|token|finger_?print|session/i,
  /(^|_)(bsn|iban)(_|$)|klantnummer|passport|paspoort/i,
];
