import Joi from 'joi';
import type { Schema } from '../openapi/described.ts';

/** Digits as text, documented as the number they are. */
const number = (description: string, minimum: number, schema: Schema = {}): Joi.StringSchema =>
  Joi.string().meta({ swagger: { type: 'integer', minimum, description, ...schema }, swaggerOverride: true });

export const pageNumber = (description: string): Joi.StringSchema =>
  number(description, 0)
    .pattern(/^\d{1,9}$/)
    .messages({ 'string.pattern.base': 'must be a number from 0', 'string.empty': 'must be a number from 0' });

export const pageSizeNumber: Joi.StringSchema = number('How many a page.', 1, { maximum: 1000, default: 20 })
  .pattern(/^(?:[1-9]\d{0,2}|1000)$/)
  .messages({
    'string.pattern.base': 'must be a number from 1 to 1000',
    'string.empty': 'must be a number from 1 to 1000',
  });
