import { profileFields } from '../../domain/oauth-profile.ts';
import { isStorable } from './collation.ts';
import type { PersonRow } from './state.ts';

/** The real server answers its database's refusals with the statement, values and all; so do we, that nobody relies on better. */
export class StatementRefused extends Error {
  constructor(statement: string, reason: string) {
    super(`${statement} - ${reason}`);
    this.name = 'StatementRefused';
  }
}

type Verb = 'insert' | 'update';

export const assertStorable = (verb: Verb, row: PersonRow): void => {
  for (const [column, text] of [...columnsOf(row), ['extraData', JSON.stringify(row.extraData)] as const]) {
    if (text !== null && !isStorable(text)) {
      throw new StatementRefused(statement(verb, row), `Incorrect string value for column '${column}' at row 1`);
    }
  }
};

export const refuseTaken = (verb: Verb, row: PersonRow): never => {
  throw new StatementRefused(statement(verb, row), `Duplicate entry '${row.email ?? ''}' for key 'users_email_unique'`);
};

const columnsOf = (row: PersonRow): readonly (readonly [string, string | null])[] =>
  profileFields.map((field) => [field, row[field] ?? null] as const);

const statement = (verb: Verb, row: PersonRow): string => {
  const pairs = [...columnsOf(row), ['extraData', JSON.stringify(row.extraData)], ['password', row.password]] as const;
  if (verb === 'update') {
    return `update \`users\` set ${pairs.map(([name, text]) => `\`${name}\` = ${quoted(text, 'NULL')}`).join(', ')} where \`id\` = ${row.id}`;
  }
  const names = pairs.map(([name]) => `\`${name}\``).join(', ');
  return `insert into \`users\` (${names}) values (${pairs.map(([, text]) => quoted(text, 'DEFAULT')).join(', ')})`;
};

const quoted = (text: string | null, nothing: string): string =>
  text === null ? nothing : `'${text.replace(/['"\\]/g, (sign) => `\\${sign}`)}'`;
