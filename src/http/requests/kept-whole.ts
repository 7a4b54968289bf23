import type Joi from 'joi';

/** The embedded database gives back only what stands before it. */
export const cannotBeKept = (text: string): boolean => text.includes('\0');
export const cannotBeKeptText = 'holds a character that cannot be kept: U+0000';

/** A text that every database gives back as it was. */
export const keptWhole: Joi.CustomValidator<string> = (text, { message }) =>
  cannotBeKept(text) ? message({ custom: cannotBeKeptText }) : text;
