import type Joi from 'joi';
import { Fault } from '../../domain/fault.ts';

/** A 400 that names what cannot be read: a query parameter, a header, or a JSON pointer. Never carries the value itself. */
export const malformed = (pointer: string, detail: string): Fault<'malformed-request'> =>
  new Fault(
    'malformed-request',
    { errors: [{ pointer, detail }] },
    pointer === '' ? sentence(detail) : `${pointer}: ${detail}`,
  );

/** A 422 for one field. */
export const invalid = (pointer: string, detail: string): Fault<'invalid-values'> =>
  new Fault(
    'invalid-values',
    { errors: [{ pointer, detail }] },
    pointer === '' ? sentence(detail) : `${pointer}: ${detail}`,
  );

const sentence = (detail: string): string => `The body ${detail}.`;

/** A text that every database gives back as it was: the embedded one gives back only what stands before U+0000. */
export const keptWhole: Joi.CustomValidator<string> = (text, { message }) =>
  text.includes('\0') ? message({ custom: 'holds a character that cannot be kept: U+0000' }) : text;
