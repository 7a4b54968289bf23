import { Fault } from '../../domain/fault.ts';
import type { JsonObject } from '../../domain/json.ts';
import { malformed } from './malformed.ts';

/**
 * The fields of a form (`application/x-www-form-urlencoded`). Faults: `unsupported-media-type` for another type,
 * `malformed-request` for what is no UTF-8 and for a field that is given more than once.
 */
export const formBody = (contentType: string, bytes: Uint8Array): JsonObject => {
  if (!/^application\/x-www-form-urlencoded\s*(?:;|$)/i.test(contentType))
    throw new Fault('unsupported-media-type', {}, 'This call takes a form: application/x-www-form-urlencoded.');
  const fields = [...new URLSearchParams(decoded(bytes))];
  const names = fields.map(([name]) => name);
  if (new Set(names).size < names.length) throw malformed('', 'names a field more than once');
  // A name like __proto__ becomes an own key.
  return Object.fromEntries(fields);
};

const decoded = (bytes: Uint8Array): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw malformed('', 'is not UTF-8');
  }
};
