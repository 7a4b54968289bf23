import type Joi from 'joi';
import joiToSwagger from 'joi-to-swagger';
import { isJsonObject, type Json, type JsonObject } from '../../domain/json.ts';
import type { Column } from '../../activity-types/definition.ts';
import { roles, userRoles } from '../../domain/actor.ts';
import type { Shape } from '../../domain/users/user-fields.ts';

/** A piece of an OpenAPI document. */
export type Schema = Readonly<Record<string, unknown>>;

/** How an endpoint's good answer is described. */
export interface Described {
  readonly status: 200 | 201 | 202 | 302;
  readonly description: string;
  /** Absent where the answer has no body. */
  readonly schema?: Schema;
  /** `application/json` unless said otherwise. */
  readonly mediaType?: string;
  /** The media type of another text that says the same, for who asks for it. */
  readonly orAs?: string;
  /** Headers of the answer, by the names they have under `components`. */
  readonly headers?: readonly string[];
  /** Whether it may answer 304 to whom has it already. */
  readonly notModified?: boolean;
}

export const reference = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` });

/** A request schema as JSON Schema (OpenAPI 3.1). joi-to-swagger writes 3.0, where null is a flag beside the type. */
export const jsonSchema = (schema: Joi.Schema): Schema => {
  const written: Json = JSON.parse(JSON.stringify(joiToSwagger.default(schema).swagger)) as Json;
  return isJsonObject(written) ? modern(written) : {};
};

/** Nor does it know that keys beside those named are ignored, not refused. */
const modern = ({ nullable, ...rest }: JsonObject): JsonObject => {
  const kept = Object.entries(rest).filter(([key, value]) => key !== 'additionalProperties' || value !== false);
  const renewed = Object.fromEntries(kept.map(([key, value]) => [key, renewedValue(value)]));
  if (nullable !== true) return renewed;
  const values = renewed['enum'];
  return {
    ...renewed,
    ...(renewed['type'] === undefined ? {} : { type: [renewed['type'], 'null'] }),
    ...(Array.isArray(values) ? { enum: [...(values as readonly Json[]), null] } : {}),
  };
};

const renewedValue = (value: Json): Json => {
  if (Array.isArray(value)) return value.map(renewedValue);
  return isJsonObject(value) ? modern(value) : value;
};

/** The properties of an object schema, each with whether it is needed. */
export const propertiesOf = (
  schema: Joi.ObjectSchema,
): readonly { readonly name: string; readonly schema: Schema; readonly required: boolean }[] => {
  const { properties, required } = jsonSchema(schema);
  const needed = Array.isArray(required) ? (required as readonly unknown[]) : [];
  return Object.entries(isJsonObject(properties) ? properties : {}).flatMap(([name, property]) =>
    isJsonObject(property) ? [{ name, schema: property, required: needed.includes(name) }] : [],
  );
};

export const object = (properties: Readonly<Record<string, Schema>>, required: readonly string[] = []): Schema => ({
  type: 'object',
  properties,
  ...(required.length === 0 ? {} : { required }),
});
/** An object all of whose keys are always there. */
export const objectOfAll = (properties: Readonly<Record<string, Schema>>): Schema =>
  object(properties, Object.keys(properties));
export const listOf = (items: Schema): Schema => ({ type: 'array', items });
export const text: Schema = { type: 'string' };
/** A text that is JSON, and what stands in it. To the typed client it is that. */
export const asJson = (contentSchema: Schema): Schema => ({
  type: 'string',
  contentMediaType: 'application/json',
  contentSchema,
});
export const id: Schema = { type: 'integer', minimum: 1 };
export const date: Schema = { type: 'string', format: 'date-time' };
export const orNull = (schema: Schema): Schema => ({ ...schema, type: [schema['type'], 'null'] });

const links = { self: text, first: text };
/** Of a page by its number. `mayBeUncounted`: the total is null, and there is no last page, where too much would have to be looked at. */
export const numberedMetadata = (mayBeUncounted = false): Schema => {
  const total: Schema = { type: mayBeUncounted ? ['integer', 'null'] : 'integer', minimum: 0 };
  const counted = { page: { type: 'integer' }, pageSize: { type: 'integer' }, pageCount: total, totalCount: total };
  const all = { ...links, last: text, previous: text, next: text };
  return object(
    { ...counted, cursor: text, links: object(all, [...Object.keys(links), ...(mayBeUncounted ? [] : ['last'])]) },
    [...Object.keys(counted), 'links'],
  );
};
/** Of a page by cursor: a walk has no number and no last page. */
export const walkMetadata = object(
  { pageSize: { type: 'integer' }, cursor: text, links: object({ ...links, next: text }, Object.keys(links)) },
  ['pageSize', 'links'],
);

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

/** Columns of contributions that always hold something: `ActivityRow`. */
const alwaysSaid: ReadonlySet<string> = new Set(['id', 'userId', 'createdAt']);

/** A contribution's column in an answer. */
export const ofColumn = (name: string, column: Column): Schema => {
  const kinds = {
    number: 'integer',
    text: 'string',
    flag: 'boolean',
    date: 'string',
    json: 'object',
    point: 'object',
  } as const;
  const type = alwaysSaid.has(name) ? kinds[column.kind] : [kinds[column.kind], 'null'];
  return { type, ...(column.kind === 'date' ? { format: 'date-time' } : {}) };
};
