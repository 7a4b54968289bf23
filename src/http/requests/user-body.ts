import Joi from 'joi';
import type { JsonObject } from '../../domain/json.ts';
import { isBlank, readText, type TextKind } from '../../domain/users/personal-text.ts';
import { roles, userRoles } from '../../domain/actor.ts';
import type { UserChange } from '../../domain/users/user-change.ts';
import { ruleOf, writableFields, type UserField, type Shape } from '../../domain/users/user-fields.ts';
import { validated } from './validate.ts';

/** The schema of a value that a body gives, from the shape that the field's table names; null clears. Source: domain/users/user-fields.ts. */
const valueSchema = (shape: Shape): Joi.Schema => {
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

/** Texts of a body, each with its field. */
type Texts = readonly (readonly [UserField, string])[];

/**
 * A body as a change. Unknown keys and those that nobody can write are ignored, and so are texts that stand in the row to the letter
 * (`areStored`), as a client may send back what it got: an OpenStad API keeps texts that no body may bring.
 */
export const parseUpdate = async (
  body: JsonObject,
  areStored: (texts: Texts) => Promise<readonly string[]>,
): Promise<UserChange> => {
  const odd = oddTexts(body);
  const stored = odd.length === 0 ? [] : await areStored(odd);
  const said = Object.fromEntries(Object.entries(body).filter(([key]) => !stored.includes(key)));
  const { zipCode, ...change } = validated(updateBody, cleared(said), 'body');
  const isSaidTwice = change.postcode !== undefined && change.postcode !== zipCode;
  // Which of two counts depends on the row (`onePostcode`).
  return { ...change, ...(zipCode === undefined ? {} : isSaidTwice ? { zipCode } : { postcode: zipCode }) };
};

/** Those that would not be kept as they are written, refused or not. */
const oddTexts = (body: JsonObject): Texts =>
  [...writableFields, 'zipCode' as const].flatMap((field) => {
    const written = body[field];
    const schema = textSchemas.get(field);
    if (typeof written !== 'string' || schema === undefined) return [];
    const read = schema.validate(written, { convert: false });
    return read.error === undefined && read.value === written ? [] : [[field, written] as const];
  });
const textSchemas: ReadonlyMap<string, Joi.Schema> = new Map(
  [...writableFields, 'zipCode' as const].flatMap((field) => {
    const { shape } = ruleOf(field);
    return 'maxLength' in shape ? [[field, valueSchema(shape)] as const] : [];
  }),
);

export const parseCreate = (body: JsonObject): UserChange & { readonly email: string } => {
  const { zipCode, ...change } = validated(createBody, cleared(body), 'body');
  return { ...change, ...(zipCode === undefined || change.postcode != null ? {} : { postcode: zipCode }) };
};

/** `''`, and a text of which nothing can be seen, clears as `null` does. Source: user-api.md §2 "Text" and §3 "Update". */
const cleared = (body: JsonObject): JsonObject =>
  Object.fromEntries(
    Object.entries(body).map(([key, value]) => [key, typeof value === 'string' && isBlank(value) ? null : value]),
  );
