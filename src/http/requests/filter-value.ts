import type { Json } from '../../domain/json.ts';
import { isRole, isUserRole } from '../../domain/role.ts';
import { ruleOf, type Shape, type UserField } from '../../domain/user-fields.ts';
import { filterDate } from './filter-date.ts';
import { malformed } from './malformed.ts';

/** A value that a field can be compared with; dates as filter-date.ts reads them, null for "not set". Fault `malformed-request`. */
export const filterValue = (field: UserField, value: Json, timeZone: string): Json => {
  if (value === null) return null;
  const { shape } = ruleOf(field);
  const read = shape.kind === 'date' && typeof value === 'string' ? filterDate(value, timeZone) : value;
  if (read === undefined || !fits(value, shape))
    throw malformed('filter', `compares ${field} with a value of another kind`);
  return read;
};

const fits = (value: Json, { kind }: Shape): boolean => {
  switch (kind) {
    case 'number':
      return typeof value === 'number' && Number.isSafeInteger(value);
    case 'flag':
      return typeof value === 'boolean';
    case 'date':
      return typeof value === 'string';
    case 'role':
      return isRole(value);
    case 'userRole':
      return isUserRole(value);
    case 'gender':
      return value === 'male' || value === 'female';
    case 'text':
    case 'name':
    case 'email':
      return typeof value === 'string';
    case 'json':
      return false;
  }
};
