import type { Json } from '../../domain/json.ts';
import { ruleOf, type UserField } from '../../domain/users/user-fields.ts';
import { isDay, type Condition, type ListQuery, type Position } from '../../ports/user-store.ts';
import type { Dialect } from '../dialects/dialect.ts';
import { allOf, anyOf, listOf, raw, sql, type Sql, type Value } from '../sql.ts';
import { fieldExpression } from './field-expression.ts';
import { searchConditions } from './search.ts';

/** What a list asks of each row, beside who may see it. Values are bound; one that does not fit its field equals nothing. */
export const conditionsOf = (query: ListQuery, dialect: Dialect): readonly Sql[] => [
  ...query.conditions.map((condition) =>
    conditionOf(condition, fieldExpression(condition.field, query, dialect), dialect),
  ),
  ...searchConditions(query, dialect),
];

const conditionOf = ({ field, is, values }: Condition, expression: Sql, dialect: Dialect): Sql => {
  switch (is) {
    case 'equal':
    case 'one-of':
      return amongst(expression, field, values);
    case 'different':
      return isNotAmongst(expression, field, values);
    case 'containing':
      return anyOf(values.map((value) => contains(expression, value, dialect)));
  }
};

const amongst = (expression: Sql, field: UserField, values: readonly Json[]): Sql =>
  anyOf([...saidAmongst(expression, field, values), ...(values.includes(null) ? [sql`${expression} IS NULL`] : [])]);

/** Null is different from every value. */
const isNotAmongst = (expression: Sql, field: UserField, values: readonly Json[]): Sql => {
  const said = saidAmongst(expression, field, values);
  const differs = said.length === 0 ? raw('1 = 1') : sql`NOT ${anyOf(said)}`;
  return values.includes(null)
    ? sql`(${expression} IS NOT NULL AND ${differs})`
    : sql`(${expression} IS NULL OR ${differs})`;
};

/** Values one by one, and days from their first moment on. */
const saidAmongst = (expression: Sql, field: UserField, values: readonly Json[]): readonly Sql[] => {
  const fitting = fittingValues(field, values);
  const days = values.filter(isDay).map(({ from, before }) => [fittingDate(from), fittingDate(before)] as const);
  return [
    ...(fitting.length === 0 ? [] : [sql`${expression} IN ${listOf(fitting)}`]),
    ...days.flatMap(([from, before]) =>
      from === undefined || before === undefined ? [] : [sql`(${expression} >= ${from} AND ${expression} < ${before})`],
    ),
  ];
};

const contains = (expression: Sql, value: Json, dialect: Dialect): Sql => {
  if (typeof value !== 'string' && typeof value !== 'number') return raw('1 = 0');
  // SQLite's LIKE reads as far as there: `%\0` would be in every text.
  if (String(value).includes('\0')) return raw('1 = 0');
  const pattern = `%${String(value).replace(/[%_!]/g, '!$&')}%`;
  return dialect.name === 'mysql'
    ? sql`CAST(${expression} AS CHAR) LIKE ${pattern} ESCAPE '!'`
    : sql`${expression} LIKE ${pattern} ESCAPE '!'`;
};

/** The rows behind a position in the walk. NULLs come first upwards and last downwards; ids run the same way as the sort. */
export const behind = (query: ListQuery, { value, id }: Position, dialect: Dialect): Sql => {
  const { field, direction } = query.sort;
  const beyond = raw(direction === 'ASC' ? '>' : '<');
  const furtherId = sql`u.id ${beyond} ${id}`;
  if (field === 'id') return furtherId;
  const expression = fieldExpression(field, query, dialect);
  const [bound] = fittingValues(field, [value]);
  if (bound === undefined) {
    const sameNull = sql`(${expression} IS NULL AND ${furtherId})`;
    return direction === 'ASC' ? anyOf([sameNull, sql`${expression} IS NOT NULL`]) : sameNull;
  }
  return anyOf([
    sql`${expression} ${beyond} ${bound}`,
    allOf([sql`${expression} = ${bound}`, furtherId]),
    ...(direction === 'DESC' ? [sql`${expression} IS NULL`] : []),
  ]);
};

const fittingValues = (field: UserField, values: readonly Json[]): readonly Value[] =>
  values.map((value) => fitting(field, value)).filter((value) => value !== undefined);

/** A JSON value as its column holds it; undefined where it is none of that kind. */
const fitting = (field: UserField, value: Json): Value | undefined => {
  if (value === null || typeof value === 'object') return undefined;
  const { kind } = ruleOf(field).shape;
  if (field === 'externalUserId') return String(value);
  if (kind === 'number') return typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined;
  if (kind === 'flag') return typeof value === 'boolean' ? value : undefined;
  return kind === 'date' ? (typeof value === 'string' ? fittingDate(value) : undefined) : String(value);
};

/** Databases hold years of four digits. */
const fittingDate = (text: string): Date | undefined => {
  const date = new Date(text);
  const year = date.getUTCFullYear();
  return year >= 1 && year <= 9999 ? date : undefined;
};
