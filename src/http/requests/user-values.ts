import Joi from 'joi';
import { roles, userRoles } from '../../domain/role.ts';
import { readText, type TextKind } from '../../domain/personal-text.ts';
import type { Shape } from '../../domain/user-fields.ts';

/** The schema of a value that a body gives, from the shape that the field's table names; null clears. Source: domain/user-fields.ts. */
export const valueSchema = (shape: Shape): Joi.Schema => {
  switch (shape.kind) {
    case 'number':
      return Joi.number().integer().allow(null);
    case 'flag':
      return Joi.boolean().allow(null);
    case 'date':
      return Joi.string().isoDate().allow(null);
    case 'json':
      return Joi.object().unknown();
    case 'role':
      return Joi.string()
        .valid(...roles)
        .allow(null);
    case 'userRole':
      return Joi.string().valid(...userRoles);
    case 'gender':
      return Joi.string().valid('male', 'female').allow(null);
    case 'text':
      return text(shape.kind, shape.maxLength);
    case 'name':
      return text(shape.kind, shape.maxLength).description('Tags are taken out.');
    case 'email':
      return text(shape.kind, shape.maxLength, 'email');
  }
};

/** How much is looked at: what is longer before it is read fits no column afterwards, but by tags. */
const maxWrittenLength = 1000;

/** Length is counted as the database counts: in characters, not in UTF-16 units. */
const text = (kind: TextKind, maxLength: number, format?: 'email'): Joi.Schema =>
  Joi.string()
    .allow(null)
    .max(maxWrittenLength)
    .custom((written: string, { message }) => {
      const { value, refused } = readText(kind, written);
      if (refused !== null) return message({ custom: refused });
      if (value === null) return null;
      if (Array.from(value).length > maxLength)
        return message({ custom: `must be at most ${maxLength} characters long` });
      if (format === 'email' && email.validate(value).error !== undefined)
        return message({ custom: 'must be an e-mail address' });
      return value;
    })
    .meta({ swagger: { ...(format === undefined ? {} : { format }), maxLength } });

const email = Joi.string().email({ tlds: false });
