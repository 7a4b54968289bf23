import Joi from 'joi';
import { type FieldError, maxFaults, pointerToken } from '../../domain/fault.ts';
import { isJsonObject, sameJson, type Json } from '../../domain/json.ts';
import { normalisedIssuer } from '../../domain/sites/oauth-client.ts';
import { readText } from '../../domain/users/personal-text.ts';
import { roles } from '../../domain/actor.ts';
import { siteConfigShape, type ConfigShape } from '../../domain/sites/site-config-shape.ts';
import { isMoment } from '../../domain/sites/voting.ts';
import type { ChangedConfig } from '../../use-cases/sites/commands.ts';
import { isDomain } from '../where.ts';

/**
 * What is wrong in a site's config, one entry per value; keys that nobody reads are nobody's to judge, and what stood there before
 * may stay. A value ends at its first fault, the whole at a hundred. No message holds the value. Linear in the size of the config.
 */
export const siteConfigErrors = ({ before, after }: ChangedConfig): readonly FieldError[] => {
  const errors: FieldError[] = [];
  check(siteConfigShape, { value: after, before, pointer: '/config' }, errors);
  return errors;
};

interface Spot {
  readonly value: Json;
  readonly before: Json | undefined;
  readonly pointer: string;
}

const check = (shape: ConfigShape, spot: Spot, errors: FieldError[]): void => {
  if (errors.length >= maxFaults || spot.value === null) return;
  if (shape.kind === 'object' || shape.kind === 'named') checkKeys(shape, spot, errors);
  else if (shape.kind === 'hosts') checkItems(host, spot, errors);
  else if (shape.kind === 'texts') checkItems(anyText, spot, errors);
  else {
    const detail = shape.kind === 'either' ? unfitEither(shape, spot.value) : firstFault(schemaOf(shape), spot.value);
    if (detail !== null) refuse(spot, detail, errors);
  }
};

const checkKeys = (
  shape: Extract<ConfigShape, { kind: 'object' | 'named' }>,
  spot: Spot,
  errors: FieldError[],
): void => {
  if (!isJsonObject(spot.value)) {
    refuse(spot, 'must be of type object', errors);
    return;
  }
  if (shape.kind === 'named' && shape.most !== undefined && isMoreThan(shape.most, spot)) {
    refuse(spot, `must be ${shape.most} at most`, errors);
    return;
  }
  for (const [key, value] of Object.entries(spot.value)) {
    const below = { value, before: within(spot.before, key), pointer: `${spot.pointer}/${pointerToken(key)}` };
    if (shape.kind === 'object') {
      const inner = Object.hasOwn(shape.keys, key) ? shape.keys[key] : undefined;
      if (inner !== undefined) check(inner, below, errors);
    } else if (shape.name.test(key)) check(shape.each, below, errors);
    else refuse(below, 'is no name that can be used here', errors);
  }
};

/** More than there may be, and than there were. */
const isMoreThan = (most: number, { value, before }: Spot): boolean => {
  const count = (object: Json | undefined): number => (isJsonObject(object) ? Object.keys(object).length : 0);
  return count(value) > most && count(value) > count(before);
};

/** The first item that is wrong is told, and no other. */
const checkItems = (item: Joi.Schema, spot: Spot, errors: FieldError[]): void => {
  if (!Array.isArray(spot.value)) {
    refuse(spot, 'must be an array', errors);
    return;
  }
  for (const [index, value] of (spot.value as readonly Json[]).entries()) {
    const detail = firstFault(item, value);
    const below = { value, before: within(spot.before, index), pointer: `${spot.pointer}/${index}` };
    if (detail !== null && refuse(below, detail, errors)) return;
  }
};

const unfitEither = ({ shapes }: Extract<ConfigShape, { kind: 'either' }>, value: Json): string | null =>
  shapes.some((shape) => isRight(shape, value)) ? null : 'is none of what can stand here';

const isRight = (shape: ConfigShape, value: Json): boolean => {
  const errors: FieldError[] = [];
  check(shape, { value, before: undefined, pointer: '' }, errors);
  return errors.length === 0;
};

/** But for what stood there already. */
const refuse = ({ value, before, pointer }: Spot, detail: string, errors: FieldError[]): boolean => {
  if (sameJson(before, value)) return false;
  if (errors.length < maxFaults) errors.push({ pointer, detail });
  return true;
};

const within = (value: Json | undefined, key: string | number): Json | undefined =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Readonly<Record<string | number, Json>>)[key]
    : undefined;

const firstFault = (schema: Joi.Schema, value: Json): string | null =>
  schema.validate(value, { convert: false, errors: { label: false, wrap: { array: false } } }).error?.details[0]
    ?.message ?? null;

/** A schema each, made once. */
const schemaOf = (shape: ConfigShape): Joi.Schema => {
  const known = schemas.get(shape) ?? newSchemaOf(shape);
  schemas.set(shape, known);
  return known;
};
const schemas = new WeakMap<ConfigShape, Joi.Schema>();

const newSchemaOf = (shape: ConfigShape): Joi.Schema => {
  switch (shape.kind) {
    case 'flag':
      return Joi.boolean().allow(null);
    case 'text':
      return Joi.string().max(shape.maxLength).allow(null);
    case 'name':
      return Joi.string()
        .max(shape.maxLength)
        .custom((text: string, { message }) => {
          const { refused } = readText('name', text);
          return refused === null ? text : message({ custom: refused });
        })
        .allow(null);
    case 'count':
      return Joi.number().integer().min(1).allow(null);
    case 'word':
      return word(shape.words);
    case 'role':
      return word(roles);
    case 'audience':
      return Joi.alternatives(word(audience), Joi.array().items(word(audience))).messages(
        unfit(`must be one, or a list, of ${audience.join(', ')}`),
      );
    case 'moment':
      return textThat(isMoment, 'must be a date, as 2024-03-01 or 2024-03-01 12:00:00').allow(null);
    case 'hosts':
      return Joi.array().items(host).allow(null);
    case 'address':
      return textThat(
        (text) => normalisedIssuer(text) !== null,
        'must be an http(s) address without user and password',
      ).allow(null);
    case 'path':
      return textThat((text) => /^(?!\/\/)[^\s\\]+$/.test(text), 'must be a path').allow(null);
    case 'list':
      return Joi.array().allow(null);
    case 'texts':
      return Joi.array().items(anyText).allow(null);
    case 'either':
      return Joi.alternatives(...shape.shapes.map(schemaOf));
    case 'object':
      return Joi.object(keysOf(shape.keys)).unknown(true).allow(null);
    case 'named':
      return Joi.object().pattern(shape.name, schemaOf(shape.each)).allow(null);
  }
};

const keysOf = (keys: Readonly<Record<string, ConfigShape>>): Record<string, Joi.Schema> =>
  Object.fromEntries(Object.entries(keys).map(([key, shape]) => [key, schemaOf(shape)]));

const audience = [...roles, 'owner'] as const;
const word = (words: readonly string[]): Joi.Schema =>
  Joi.string()
    .valid(...words)
    .allow(null);

const unfit = (message: string): Record<string, string> => ({
  'alternatives.match': message,
  'alternatives.types': message,
  'alternatives.any': message,
});

const textThat = (isFitting: (text: string) => boolean, must: string): Joi.StringSchema =>
  Joi.string()
    .max(2048)
    .custom((text: string, { message }) => (isFitting(text) ? text : message({ custom: must })));

const isHost = (text: string): boolean => isDomain(text) || /^\[[0-9a-f:]+\](?::\d{1,5})?$/i.test(text);
const host = textThat(isHost, 'must be a host, with or without port');
const anyText = Joi.string();

/** As documented, from the one list of what we read (domain/sites/site-config-shape.ts). */
export const siteConfigSchema: Joi.ObjectSchema = Joi.object(keysOf(siteConfigShape.keys)).unknown(true);
