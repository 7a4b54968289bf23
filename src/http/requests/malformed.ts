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
