import type Joi from 'joi';

/** A text that every database gives back as it was: the embedded one gives back only what stands before U+0000. */
export const keptWhole: Joi.CustomValidator<string> = (text, { message }) =>
  text.includes('\0') ? message({ custom: 'holds a character that cannot be kept: U+0000' }) : text;
