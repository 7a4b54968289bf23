import { profileFields } from '../../domain/people/oauth-profile.ts';
import type { PersonRow, RoleRow } from './state.ts';

/** The real server answers its database's refusals with the statement, values and all; so do we, that nobody relies on better. */
export class StatementRefused extends Error {
  constructor(statement: string, reason: string) {
    super(`${statement} - ${reason}`);
    this.name = 'StatementRefused';
  }
}

type Verb = 'insert' | 'update';
const database = 'development_oauth';
const maxCharacters = 255;

export const assertStorable = (verb: Verb, row: PersonRow): void => {
  const refuse = (reason: string): never => {
    throw new StatementRefused(statement(verb, row), reason);
  };
  for (const [column, text] of [...columnsOf(row), ['extraData', row.extraData] as const]) {
    if (text === null) continue;
    if (!isStorable(text))
      refuse(
        `ER_TRUNCATED_WRONG_VALUE_FOR_FIELD: Incorrect string value: '${firstBytes(text)}' for column \`${database}\`.\`users\`.\`${column}\` at row 1`,
      );
    if (column !== 'extraData' && text.length > maxCharacters)
      refuse(`ER_DATA_TOO_LONG: Data too long for column '${column}' at row 1`);
  }
  if (row.extraData !== null && !isValidJson(row.extraData))
    refuse(`UNKNOWN_CODE_PLEASE_REPORT: CONSTRAINT \`users.extraData\` failed for \`${database}\`.\`users\``);
};

export const refuseTaken = (verb: Verb, row: PersonRow): never => {
  throw new StatementRefused(
    statement(verb, row),
    `ER_DUP_ENTRY: Duplicate entry '${row.email ?? ''}' for key 'users_email_unique'`,
  );
};

/** What the database says of a text that is no SQL any more: a parameter that came twice, a negative limit. */
export const refuseSyntax = (statement: string, near: string): never => {
  throw new StatementRefused(
    statement,
    `ER_PARSE_ERROR: You have an error in your SQL syntax; check the manual that corresponds to your MariaDB server version for the right syntax to use near '${near}' at line 1`,
  );
};

export const refuseMixedCollations = (email: string): never => {
  throw new StatementRefused(
    `select \`users\`.* from \`users\` where \`email\` = '${email}' order by \`id\` DESC limit 1000`,
    "ER_CANT_AGGREGATE_2COLLATIONS: Illegal mix of collations (utf8mb4_general_ci,IMPLICIT) and (utf8mb3_general_ci,COERCIBLE) for operation '='",
  );
};

export const refuseUnnamedClient = (userId: number): never => {
  throw new StatementRefused(
    `select \`user_roles\`.* from \`user_roles\` where \`user_roles\`.\`clientId\` = NaN and \`user_roles\`.\`userId\` = ${userId} limit 1`,
    "ER_BAD_FIELD_ERROR: Unknown column 'NaN' in 'WHERE'",
  );
};

/** A role or a client that is not there. */
export const refuseReference = (role: RoleRow, old: RoleRow | undefined, missing: 'role' | 'client'): never => {
  const { clientId, roleId, userId, createdAt, updatedAt } = role;
  const statement =
    old === undefined
      ? `insert into \`user_roles\` (\`clientId\`, \`createdAt\`, \`roleId\`, \`updatedAt\`, \`userId\`) values (${clientId}, '${date(createdAt)}', ${roleId}, '${date(updatedAt)}', ${userId})`
      : `update \`user_roles\` set \`clientId\` = ${clientId}, \`userId\` = ${userId}, \`roleId\` = ${roleId}, \`createdAt\` = '${date(createdAt)}', \`updatedAt\` = '${date(updatedAt)}' where \`id\` = ${old.id}`;
  throw new StatementRefused(
    statement,
    `ER_NO_REFERENCED_ROW_2: Cannot add or update a child row: a foreign key constraint fails (\`${database}\`.\`user_roles\`, CONSTRAINT \`user_roles_${missing}id_foreign\` FOREIGN KEY (\`${missing}Id\`) REFERENCES \`${missing}s\` (\`id\`))`,
  );
};

const columnsOf = (row: PersonRow): readonly (readonly [string, string | null])[] =>
  profileFields.map((field) => [field, row[field] ?? null] as const);

const statement = (verb: Verb, row: PersonRow): string => {
  const { firstName, lastName, email, phoneNumber, extraData, streetName, houseNumber, city, suffix, postcode } = row;
  const createdAt = date(row.createdAt);
  const updatedAt = date(row.updatedAt);
  if (verb === 'insert') {
    const values = {
      ...{ city, createdAt, email, extraData, firstName, houseNumber, lastName, password: row.password },
      ...{ phoneNumber, postcode, streetName, suffix, updatedAt },
    };
    const names = Object.keys(values).map((name) => `\`${name}\``);
    return `insert into \`users\` (${names.join(', ')}) values (${Object.values(values)
      .map((text) => quoted(text, 'DEFAULT'))
      .join(', ')})`;
  }
  const values = {
    ...{ firstName, lastName, email, phoneNumber, extraData, hashedPhoneNumber: null, streetName, houseNumber, city },
    ...{ suffix, postcode, password: row.password, resetPasswordToken: null, createdAt, updatedAt },
  };
  const pairs = Object.entries(values).map(([name, text]) => `\`${name}\` = ${quoted(text, 'NULL')}`);
  return `update \`users\` set ${pairs.join(', ')}, \`twoFactorToken\` = NULL, \`twoFactorConfigured\` = 0, \`phoneNumberConfirmed\` = 0 where \`id\` = ${row.id}`;
};

const quoted = (text: string | null | undefined, nothing: string): string => {
  if (text === null || text === undefined) return nothing;
  return `'${text.replace(/['"\\]/g, (sign) => `\\${sign}`)}'`;
};

const date = (iso: string): string => iso.replace('T', ' ').replace('Z', '');

/** As MySQL shows where a text stops to be one: six bytes from there, those that are no ASCII in hex. */
const firstBytes = (text: string): string => {
  const from = Buffer.from(text.slice(text.search(/[\u{10000}-\u{10FFFF}\p{Surrogate}]/u)));
  const bytes = [...from.subarray(0, 6)].map((byte) =>
    byte < 0x80 ? String.fromCharCode(byte) : `\\x${byte.toString(16).toUpperCase()}`,
  );
  return bytes.join('') + (from.length > 6 ? '...' : '');
};

const deepest = 31;

/** MariaDB's `json_valid`, which guards the column of extraData: no half characters, nothing nested deeper than 31. */
const isValidJson = (text: string): boolean => {
  if (/(?<!\\)(?:\\\\)*\\ud[89a-f]/i.test(text)) return false;
  try {
    return depthOf(text) <= deepest && JSON.parse(text) !== undefined;
  } catch {
    return false;
  }
};

const depthOf = (text: string): number => {
  let depth = 0;
  let most = 0;
  for (const [sign] of text.replace(/"(?:[^"\\]|\\.)*"/g, '').matchAll(/[[{}\]]/g)) {
    depth += sign === '{' || sign === '[' ? 1 : -1;
    most = Math.max(most, depth);
  }
  return most;
};

/** What MySQL's general collation makes of a text: case, accents and trailing spaces do not count. */
export const collated = (text: string): string =>
  text
    .normalize('NFD')
    .replace(/\p{Mn}/gu, '')
    .toLowerCase()
    .replace(/(?<! ) +$/, '');

/** utf8mb3, which the program speaks with its database: nothing beyond U+FFFF. */
export const isStorable = (text: string): boolean => !/[\u{10000}-\u{10FFFF}\p{Surrogate}]/u.test(text);

/** What stands in the database all the same is read as question marks. */
export const asRead = (text: string): string => text.replace(/[\u{10000}-\u{10FFFF}]/gu, '?');

/** MySQL compares an id with the number that a text begins with: `1003abc`, `1003.0`, ` 1003` and `1.003e3` are one. */
export const asNumber = (text: string): number => {
  const number = Number.parseFloat(text);
  return Number.isNaN(number) ? 0 : number;
};
