import { owns, atLeast, rolesUpTo } from '../../domain/actor.ts';
import { ruleOf, type UserField } from '../../domain/users/user-fields.ts';
import type { User } from '../../domain/users/user.ts';
import type { ListQuery } from '../../ports/user-store.ts';
import type { Dialect } from '../dialects/dialect.ts';
import { expressionOf } from '../rows/values.ts';
import { userMeanings } from '../rows/user-row.ts';
import { anyOf, listOf, raw, sql, type Sql } from '../sql.ts';

type Asking = Pick<ListQuery, 'actor' | 'role'>;

/** A field as conditions and sort see it: null where the actor may not see it. */
export const fieldExpression = (field: UserField, asking: Asking, dialect: Dialect): Sql => {
  const column = meantColumn(field, dialect);
  switch (sight(field, asking)) {
    case 'always':
      return caseInsensitive(field, raw(column), dialect);
    case 'never':
      return raw('NULL');
    case 'some-rows':
      return caseInsensitive(field, sql`CASE WHEN ${seesDetails(asking, dialect)} THEN ${raw(column)} END`, dialect);
  }
};

/** Whether the field of this one row counts, by the same rule as in SQL. */
export const isSeen = (field: UserField, asking: Asking, user: User): boolean => {
  const seen = sight(field, asking);
  return seen === 'some-rows'
    ? owns(asking.actor, user) || atLeast(asking.role, user.detailsViewableByRole ?? 'moderator')
    : seen === 'always';
};

/** Rows that are the actor's own: by id, and by person. None for a visitor. */
export const ownRows = ({ actor }: Pick<ListQuery, 'actor'>): readonly Sql[] => [
  ...(actor.userId === null ? [] : [sql`u.id = ${actor.userId}`]),
  ...(actor.userId === null || actor.personId === null ? [] : [sql`u.personId = ${actor.personId}`]),
];
export const isOwn = (asking: Pick<ListQuery, 'actor'>): Sql => anyOf(ownRows(asking));

const sight = (field: UserField, { role }: Asking): 'always' | 'never' | 'some-rows' => {
  switch (ruleOf(field).view) {
    case 'everybody':
      return 'always';
    case 'admin':
      return role === 'admin' ? 'always' : 'never';
    case 'details':
      return role === 'admin' ? 'always' : 'some-rows';
    case 'by-key':
    case 'nobody':
      return 'never';
  }
};

/** `seesDetails` of domain/users/user-visibility.ts, as a condition on the row `u`. */
export const seesDetails = ({ actor, role }: Asking, dialect: Dialect): Sql =>
  anyOf([
    isOwn({ actor }),
    sql`COALESCE(${raw(meantColumn('detailsViewableByRole', dialect))}, 'moderator') IN ${listOf(rolesUpTo(role))}`,
  ]);

const meantColumn = (field: UserField, dialect: Dialect): string => {
  if (field === 'externalUserId') return externalId(dialect);
  const column = `u.\`${field}\``;
  return isMeant(field) ? expressionOf(userMeanings[field], column, dialect) : column;
};
const isMeant = (field: UserField): field is keyof typeof userMeanings => Object.hasOwn(userMeanings, field);

/** As `externalIdOf` of domain/users/user-visibility.ts tells it, but as a text, as most of them are none but digits. */
const externalId = (dialect: Dialect): string => {
  const own = expressionOf(userMeanings.externalUserId, 'u.`externalUserId`', dialect);
  const isWithheld = expressionOf(userMeanings.profileWithheld, 'u.`profileWithheld`', dialect);
  return `CASE WHEN ${isWithheld} = 1 THEN NULL ELSE COALESCE(p.externalId, CAST(${own} AS CHAR)) END`;
};

/** A CASE loses its column's collation on SQLite, so it is said again. */
const caseInsensitive = (field: UserField, expression: Sql, dialect: Dialect): Sql => {
  if (!isText(field)) return expression;
  const [before = '', after = ''] = dialect.caseInsensitive('\u0000').split('\u0000');
  return sql`${raw(before)}${expression}${raw(after)}`;
};

const isText = (field: UserField): boolean => ['text', 'name', 'email'].includes(ruleOf(field).shape.kind);
