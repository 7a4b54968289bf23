import type { Column } from '../../activity-types/definition.ts';
import { roles, userRoles } from '../../domain/actor.ts';
import type { Shape } from '../../domain/users/user-fields.ts';
import type { Schema } from './described.ts';

export const object = (properties: Readonly<Record<string, Schema>>, required: readonly string[] = []): Schema => ({
  type: 'object',
  properties,
  ...(required.length === 0 ? {} : { required }),
});
export const listOf = (items: Schema): Schema => ({ type: 'array', items });
export const text: Schema = { type: 'string' };
export const id: Schema = { type: 'integer', minimum: 1 };
export const date: Schema = { type: 'string', format: 'date-time' };
export const orNull = (schema: Schema): Schema => ({ ...schema, type: [schema['type'], 'null'] });

/** A field's values in an answer. */
export const ofShape = (shape: Shape): Schema => {
  switch (shape.kind) {
    case 'number':
      return { type: ['integer', 'null'] };
    case 'flag':
      return { type: ['boolean', 'null'] };
    case 'date':
      return orNull(date);
    case 'json':
      return { type: 'object', additionalProperties: true };
    case 'role':
      return { type: ['string', 'null'], enum: [...roles, null] };
    case 'userRole':
      return { type: 'string', enum: userRoles };
    case 'gender':
      return { type: ['string', 'null'], enum: ['male', 'female', null] };
    case 'text':
    case 'name':
    case 'email':
      return { type: ['string', 'null'], maxLength: shape.maxLength };
  }
};

/** A contribution's column in an answer. */
export const ofColumn = (column: Column): Schema => {
  const kinds = {
    number: 'number',
    text: 'string',
    flag: 'boolean',
    date: 'string',
    json: 'object',
    point: 'object',
  } as const;
  return { type: [kinds[column.kind], 'null'], ...(column.kind === 'date' ? { format: 'date-time' } : {}) };
};
