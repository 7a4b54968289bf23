import Joi from 'joi';
import { receiptKeyOf } from '../platform/receipt-keys.ts';

/** The joi rules that several settings share, or that take more than a word to say. */

export const seconds = Joi.number().integer().min(1).max(31_536_000).required();
export const text = Joi.string().trim().min(1).required();
export const perhapsText = Joi.string().trim().min(1).allow(null).default(null);
/** So many a minute; 0: no limit. */
export const limit = Joi.number().integer().min(0).max(1_000_000_000).required();
export const flag = Joi.boolean().required();

export const httpAddress = perhapsText.custom((value: string, { error }) => {
  const url = URL.canParse(value) ? new URL(value) : null;
  const plain =
    url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '' && url.search === '';
  return plain ? value : error('any.invalid');
});

export const databaseUrl = text.custom((value: string, { error }) => {
  if (value.startsWith('sqlite:')) return /^sqlite:(?!:memory:).+/.test(value) ? value : error('any.invalid');
  const url = URL.canParse(value) ? new URL(value) : null;
  return url !== null && url.protocol === 'mysql:' && url.pathname.length > 1 ? value : error('any.invalid');
});

export const redisUrl = perhapsText.custom((value: string, { error }) => {
  const url = URL.canParse(value) ? new URL(value) : null;
  return url !== null && /^rediss?:$/.test(url.protocol) && url.hostname !== '' ? value : error('any.invalid');
});

/** A name that this platform's time zones know. */
export const timeZone = text.custom((value: string, { error }) => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: value }).resolvedOptions().timeZone === ''
      ? error('any.invalid')
      : value;
  } catch {
    return error('any.invalid');
  }
});

/** 32 bytes in base64 (also without padding, also base64url), as an even list; nothing twice. */
export const dataKeys = Joi.array()
  .items(
    Joi.string()
      .pattern(/^[A-Za-z0-9+/_-]{43}=?$/)
      .required(),
  )
  .min(1)
  .unique()
  .required();

/** Ed25519 keys, the first a private one; none twice. */
export const receiptKeys = Joi.array()
  .items(Joi.string().required())
  .min(1)
  .required()
  .custom((texts: readonly string[], { error }) => {
    const keys = texts.map(receiptKeyOf);
    const names = new Set(keys.map((key) => key?.id));
    return (keys[0]?.secret ?? null) === null || keys.includes(null) || names.size < keys.length
      ? error('any.invalid')
      : texts;
  });

/** `name`, `name:port`, `[::1]:port`, as the host of an address is written. */
export const hosts = Joi.array()
  .items(Joi.string().pattern(/^(?:[a-z0-9.-]+|\[[0-9a-f:]+\])(?::\d{1,5})?$/))
  .required();

export const fixedTokens = Joi.array()
  .items(
    Joi.object({
      token: Joi.string().trim().min(8).pattern(/^\S+$/).required(),
      userId: Joi.number().integer().positive().required(),
      client: Joi.string().min(1).default('default'),
    }),
  )
  .unique('token')
  .required();

/** `true` is refused: it would let anybody say from which address they come. */
export const trustProxy = Joi.alternatives(
  Joi.boolean().valid(false),
  Joi.number().integer().min(1),
  Joi.string().pattern(/^(?!true$)[a-z0-9.:/, ]+$/i),
).required();

/** At least one level; none twice, by id or by the points it begins with. */
export const levels = Joi.array()
  .items(
    Joi.object({
      id: Joi.number().integer().positive().required(),
      name: Joi.string().trim().min(1).max(255).required(),
      iconUrl: Joi.string()
        .uri({ scheme: ['http', 'https'] })
        .allow(null)
        .required(),
      from: Joi.number().integer().min(0).required(),
    }),
  )
  .min(1)
  .unique('id')
  .unique('from')
  .required();
