import { createConnection } from 'mysql2/promise';
import type { Database } from '../../src/db/database.ts';
import { rendered, type Sql } from '../../src/db/sql.ts';
import { ruleOf, userFieldNames, type UserField } from '../../src/domain/users/user-fields.ts';
import type { TestDatabase } from './database.ts';

/** What stands in a column, as no API would write it. */
export type Stored = string | number | null;

/** Writes past the program, as old programs and imports did: MariaDB takes any date and any enumeration then. */
export interface OtherProgram {
  readonly write: (statement: Sql) => Promise<void>;
  readonly close: () => Promise<void>;
}
export const otherProgram = async ({
  database,
  url,
}: Pick<TestDatabase, 'database' | 'url'>): Promise<OtherProgram> => {
  if (database.dialect.name === 'embedded')
    return {
      write: async (statement) => {
        await database.change(statement);
      },
      close: async () => undefined,
    };
  const connection = await createConnection(url);
  await connection.query("SET SESSION sql_mode = 'ALLOW_INVALID_DATES'");
  return {
    write: async (statement) => {
      const { text, values } = rendered(statement);
      await connection.query(text, [...values]);
    },
    close: () => connection.end(),
  };
};

const dates = {
  mysql: [
    ...[
      '0000-00-00 00:00:00',
      '0000-00-00 12:00:00',
      '2020-00-00 00:00:00',
      '2020-05-00 00:00:00',
      '0000-05-05 00:00:00',
    ],
    ...[
      '0020-05-05 01:02:03',
      '2024-02-31 00:00:00',
      '9999-12-31 23:59:59',
      '1969-12-31 23:59:59',
      '1970-01-01 00:00:00',
    ],
    ...['2020-06-01 10:00:00', '2020-06-01 10:00:01', '2019-12-31 23:59:59'],
  ],
  embedded: [
    ...['0000-00-00 00:00:00', '2020-00-00 00:00:00', '2024-02-31 00:00:00.000 +00:00', 'yesterday', '', '12', 5, -7.5],
    ...[
      '2020-06-01 10:00:00',
      '2020-06-01 10:00:00.000',
      '2020-06-01 10:00:00.000 +00:00',
      '2020-06-01 10:00:00.001 +00:00',
    ],
    ...[
      '2020-06-01T10:00:00Z',
      '2020-06-01',
      '2020-06-01 24:00:00',
      '2020-06-01 10:00:60',
      '2020-06-01 10:00:00.000 +02:00',
    ],
    ...['0020-05-05 01:02:03.000 +00:00', '0000-05-05 00:00:00.000 +00:00', '9999-12-31 23:59:59.999 +00:00'],
    ...['1969-12-31 23:59:59.000 +00:00', '1970-01-01 00:00:00.000 +00:00', '+12024-01-01 00:00:00'],
  ],
} as const;
const flags = { mysql: [0, 1, 7, -1, 127], embedded: [0, 1, 7, -1, 7.5, 'yes', ''] } as const;
const words = {
  mysql: ['', 'admin', 'all', 'member', 'moderator', 'male', 'female'],
  embedded: ['', 'admin', 'all', 'member', 'moderator', 'male', 'Admin', 'alm', 'aaa', 'zzz'],
} as const;
const userRoles = ['', 'none', 'Admin', 'admin ', 'admin', 'all', 'member', 'editor', 'ADMIN', '0'];
const texts = ['', ' ', 'a', 'A', 'a ', 'a\0', 'a\0b', '\0', 'ä', 'Z', '_', '%', 'ß', 'ss', '😀', "'"];
const numbers = { mysql: [-5, 0, 5, 12, 2147483647], embedded: [-5, 0, 5, 12, 'many', ''] } as const;

/** What a column of `users` may hold of itself, null aside. */
export const oddValues = (field: UserField, { name }: Pick<Database['dialect'], 'name'>): readonly Stored[] => {
  switch (ruleOf(field).shape.kind) {
    case 'date':
      return dates[name];
    case 'flag':
      return flags[name];
    case 'role':
    case 'gender':
      return words[name];
    case 'userRole':
      return userRoles;
    case 'text':
    case 'name':
    case 'email':
      return texts;
    case 'number':
      return numbers[name];
    case 'json':
      return ['{}', '[]', '5', 'null', '{"a":1}'];
  }
};

/** Columns by which a list is sorted, that are free to hold anything (keys are not). */
export const oddFields: readonly UserField[] = userFieldNames.filter(
  (field) => ruleOf(field).query && field !== 'id' && field !== 'siteId',
);

/** Old tables say NOT NULL where ours do, or not at all. */
export const mayBeNull = (field: UserField): boolean =>
  !['role', 'complete', 'lastLogin', 'createdAt', 'updatedAt'].includes(field);
