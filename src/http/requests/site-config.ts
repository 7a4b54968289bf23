import Joi from 'joi';
import { pointerToken } from '../../domain/extra-data-rules.ts';
import type { FieldError } from '../../domain/fault.ts';
import type { JsonObject } from '../../domain/json.ts';
import { normalisedIssuer } from '../../domain/oauth-client.ts';
import { roles } from '../../domain/role.ts';
import { siteConfigShape, type ConfigShape } from '../../domain/site-config-shape.ts';
import { isMoment } from '../../domain/voting.ts';
import { isDomain } from './ids.ts';

/** What is wrong in a site's config, one entry per value; keys that nobody reads are nobody's to judge. No message holds the value. */
export const siteConfigErrors = (config: JsonObject): readonly FieldError[] => {
  const { error } = siteConfigSchema.validate(config, {
    abortEarly: false,
    convert: false,
    errors: { label: false, wrap: { array: false } },
  });
  const found = (error?.details ?? []).map(({ path, message }) => ({
    pointer: `/config${path.map((step) => `/${pointerToken(String(step))}`).join('')}`,
    detail: message,
  }));
  return [...new Map(found.map((one) => [one.pointer, one])).values()];
};

const schemaOf = (shape: ConfigShape): Joi.Schema => {
  switch (shape.kind) {
    case 'flag':
      return Joi.boolean().allow(null);
    case 'text':
      return Joi.string().max(shape.maxLength).allow(null);
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
      return Joi.array().items(textThat(isHost, 'must be a host, with or without port')).allow(null);
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
      return Joi.array().items(Joi.string()).allow(null);
    case 'either':
      return Joi.alternatives(...shape.shapes.map(schemaOf)).messages(unfit('is none of what can stand here'));
    case 'object':
      return Joi.object(keysOf(shape.keys)).unknown(true).allow(null);
    case 'named':
      return Joi.object()
        .pattern(shape.name, schemaOf(shape.each))
        .messages({ 'object.unknown': 'is no name that can be used here' })
        .allow(null);
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

const textThat = (isRight: (text: string) => boolean, must: string): Joi.StringSchema =>
  Joi.string()
    .max(2048)
    .custom((text: string, { message }) => (isRight(text) ? text : message({ custom: must })));

const isHost = (text: string): boolean => isDomain(text) || /^\[[0-9a-f:]+\](?::\d{1,5})?$/i.test(text);

/** From the one list of what we read (domain/site-config-shape.ts). */
export const siteConfigSchema: Joi.ObjectSchema = Joi.object(keysOf(siteConfigShape.keys)).unknown(true);
