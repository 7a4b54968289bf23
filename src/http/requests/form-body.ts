import { Fault } from '../../domain/fault.ts';
import { maxEntries, type JsonObject } from '../../domain/json.ts';
import { invalid, malformed } from './malformed.ts';

/**
 * The fields of a form (`application/x-www-form-urlencoded`). Faults: `unsupported-media-type` for another type,
 * `malformed-request` for what is no UTF-8 and for a field that is given more than once, `invalid-values` for more than 10,000.
 */
export const formBody = (contentType: string, bytes: Uint8Array): JsonObject => {
  if (!/^application\/x-www-form-urlencoded\s*(?:;|$)/i.test(contentType))
    throw new Fault('unsupported-media-type', {}, 'This call takes a form: application/x-www-form-urlencoded.');
  const text = decoded(bytes);
  mustBeFew(text);
  const fields = [...new URLSearchParams(text)];
  const names = fields.map(([name]) => name);
  if (new Set(names).size < names.length) throw malformed('', 'names a field more than once');
  // A name like __proto__ becomes an own key.
  return Object.fromEntries(fields);
};

const mustBeFew = (text: string): void => {
  let fields = 1;
  for (let at = text.indexOf('&'); at !== -1 && fields <= maxEntries; at = text.indexOf('&', at + 1)) fields += 1;
  if (fields > maxEntries) throw invalid('', `holds more than ${maxEntries} fields`);
};

const decoded = (bytes: Uint8Array): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw malformed('', 'is not UTF-8');
  }
};
