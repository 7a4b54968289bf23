import type { Json } from '../../domain/json.ts';

/** What becomes of a value on its way into a text column; the markup goes later. */
export const columnOf = (value: Json | undefined): string | null => {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string') return value;
  if (value === false) return '0';
  if (typeof value === 'number') return String(value);
  // The library that takes markup out falls over a list, and makes nothing of all else.
  if (Array.isArray(value) && value.length > 0) throw new TypeError('this.buffer.charCodeAt is not a function');
  return '';
};

/** Anything that JSON can be is taken; what counts as false is an empty object. */
export const extraDataOf = (value: Json | undefined): string =>
  JSON.stringify(value === undefined || value === null || value === false || value === 0 || value === '' ? {} : value);
