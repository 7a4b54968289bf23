import { Fault, type FieldError } from '../fault.ts';

/** Who sends ten thousand mistakes need not read them all. Source: user-api.md §5. */
export const maxFaults = 100;
/** In the sentence, which goes out three times. */
const maxInDetail = 20;

/** What is wrong with the values of a request. At most a hundred are told, so that no answer grows with what was sent. */
export const invalidValues = (errors: readonly FieldError[]): Fault<'invalid-values'> => {
  const told = errors.slice(0, maxFaults);
  return new Fault('invalid-values', { errors: told }, sentenceOf(told));
};

/** The first of them, as one sentence. */
export const sentenceOf = (errors: readonly FieldError[]): string =>
  errors
    .slice(0, maxInDetail)
    .map(({ pointer, detail }) => (pointer === '' ? detail : `${pointer}: ${detail}`))
    .join('; ');

const maxToken = 64;

/** One step of a JSON pointer (RFC 6901) as it is told: of a key that nobody can read its beginning is enough. */
export const pointerToken = (key: string): string =>
  (key.length > maxToken ? `${key.slice(0, maxToken)}…` : key).replaceAll('~', '~0').replaceAll('/', '~1');
