import type Joi from 'joi';
import joiToSwagger from 'joi-to-swagger';
import { isJsonObject, type Json, type JsonObject } from '../../domain/json.ts';
import type { Schema } from './described.ts';

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
