import Joi from 'joi';
import { roles, userRoles } from '../../domain/role.ts';
import type { Shape } from '../../domain/user-fields.ts';
import { cannotBeKept, cannotBeKeptText } from './kept-whole.ts';
import { longestRawName, withoutTags } from './strip-tags.ts';

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
      return text(shape.maxLength, (value) => value);
    case 'name':
      return text(shape.maxLength, withoutTags).description('Tags are taken out.');
    case 'email':
      return email(shape.maxLength);
  }
};

/** Length is counted as the database counts: in characters, not in UTF-16 units. */
const text = (maxLength: number, shaped: (value: string) => string): Joi.Schema =>
  Joi.string()
    .allow(null)
    .max(longestRawName)
    .custom((raw: string, { message }) => {
      const value = shaped(raw);
      if (cannotBeKept(value)) return message({ custom: cannotBeKeptText });
      if (Array.from(value).length > maxLength)
        return message({ custom: `must be at most ${maxLength} characters long` });
      return value === '' ? null : value;
    })
    .meta({ swagger: { maxLength } });

const address = Joi.string().email({ tlds: false });

const email = (maxLength: number): Joi.Schema =>
  Joi.string()
    .allow(null)
    .max(longestRawName)
    .custom((raw: string, { message }) => {
      const value = raw.trim();
      if (Array.from(value).length > maxLength)
        return message({ custom: `must be at most ${maxLength} characters long` });
      return address.validate(value).error === undefined ? value : message({ custom: 'must be an e-mail address' });
    })
    .meta({ swagger: { format: 'email', maxLength } });
