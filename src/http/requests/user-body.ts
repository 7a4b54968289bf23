import Joi from 'joi';
import type { JsonObject } from '../../domain/json.ts';
import { isBlank } from '../../domain/personal-text.ts';
import type { UserChange } from '../../domain/user-change.ts';
import { ruleOf, writableFields, type UserField } from '../../domain/user-fields.ts';
import { valueSchema } from './user-values.ts';
import { validated } from './validate.ts';

type Schemas = Readonly<Record<string, Joi.Schema>>;
const schemasOf = (fields: readonly UserField[]): Schemas =>
  Object.fromEntries(fields.map((field) => [field, valueSchema(ruleOf(field).shape)]));

const postcode = valueSchema(ruleOf('postcode').shape);
const zipCode = postcode.description(
  'Another name for `postcode`: where both are given, the one that differs from what is there counts.',
);

/** What PUT takes: every field that somebody may set, from the table of fields. */
export const updateBody = Joi.object<UserChange>({ ...schemasOf(writableFields), zipCode });

/** What POST takes: the same, with an address that it needs. */
export const createBody = Joi.object<UserChange & { readonly email: string }>({
  ...schemasOf(writableFields.filter((field) => ruleOf(field).create.length > 0)),
  zipCode,
  email: valueSchema(ruleOf('email').shape)
    .required()
    .invalid(null)
    .messages({ 'any.required': 'is needed', 'any.invalid': 'is needed' }),
});

/** A body as a change. Unknown keys and those that nobody can write are ignored, so that a client may send back what it got. */
export const parseUpdate = (body: JsonObject): UserChange => {
  const { zipCode, ...change } = validated(updateBody, cleared(body), 'body');
  const isSaidTwice = change.postcode !== undefined && change.postcode !== zipCode;
  // Which of two counts depends on the row (`onePostcode`).
  return { ...change, ...(zipCode === undefined ? {} : isSaidTwice ? { zipCode } : { postcode: zipCode }) };
};

export const parseCreate = (body: JsonObject): UserChange & { readonly email: string } => {
  const { zipCode, ...change } = validated(createBody, cleared(body), 'body');
  return { ...change, ...(zipCode === undefined || change.postcode != null ? {} : { postcode: zipCode }) };
};

/** `''`, and a text of which nothing can be seen, clears as `null` does. Source: user-api.md §2 "Text" and §3 "Update". */
const cleared = (body: JsonObject): JsonObject =>
  Object.fromEntries(
    Object.entries(body).map(([key, value]) => [key, typeof value === 'string' && isBlank(value) ? null : value]),
  );
