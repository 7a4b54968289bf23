import express from 'express';
import type { Request, RequestHandler, Response } from 'express';
import { Fault } from '../../domain/fault.ts';
import { isJsonObject, type JsonObject, maxEntries } from '../../domain/json.ts';
import { jsonBody, type JsonRules } from './json-body.ts';
import { mustBeBounded } from './json-body.ts';
import { malformed, invalid } from './malformed.ts';

/**
 * The fields of a form (`application/x-www-form-urlencoded`). Faults: `unsupported-media-type` for another type,
 * `malformed-request` for what is no UTF-8 and for a field that is given more than once, `invalid-values` for more than 10,000.
 */
const formBody = (contentType: string, bytes: Uint8Array): JsonObject => {
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

/** How much a body may hold: much only where somebody sends a site's config. Source: user-api.md §5. */
export type BodyLimit = '256 kB' | '1 MB';

/** Bytes only, so that what is no UTF-8 is seen and not quietly replaced; the limit counts after decompression. */
const bytesUpTo = (limit: number): RequestHandler => express.raw({ type: () => true, limit });
const readers: Readonly<Record<BodyLimit, RequestHandler>> = {
  '256 kB': bytesUpTo(256 * 1024),
  '1 MB': bytesUpTo(1024 * 1024),
};

/** `either`: a form where its content type says so. `none`: nothing is needed; whatever is sent beside JSON and forms is not looked at. */
export type BodyKind = 'json' | 'form' | 'either' | 'none';

/** What a call takes. */
export interface BodyRules extends JsonRules {
  readonly kind: BodyKind;
  readonly limit?: BodyLimit;
}

/** The request's JSON object, or the fields of its form; an empty body is `{}` whatever its type. Faults: `body-too-large`, `unsupported-media-type`, those of jsonBody and formBody. */
export const readBody = async (request: Request, response: Response, rules: BodyRules): Promise<JsonObject> => {
  const { kind, limit = '256 kB' } = rules;
  await new Promise<void>((resolve, reject) => {
    readers[limit](request, response, (error?: unknown) => {
      if (error === undefined) resolve();
      else reject(bodyFault(error, limit));
    });
  });
  const bytes: unknown = request.body;
  if (!(bytes instanceof Uint8Array) || bytes.length === 0) return {};
  const contentType = request.get('content-type') ?? '';
  if (kind === 'form' || (kind !== 'json' && isForm(contentType))) return formBody(contentType, bytes);
  if (isJson(contentType)) return jsonBody(bytes, rules);
  if (kind === 'none') return isJsonAnyway(bytes) ? jsonBody(bytes, rules) : {};
  throw new Fault(
    'unsupported-media-type',
    {},
    'Bodies are JSON in UTF-8, and say so: Content-Type: application/json is missing.',
  );
};

/** Whoever wrote an object meant something, whatever the type says. `[object Object]`, which OpenStad's panel sends, is none. */
const isJsonAnyway = (bytes: Uint8Array): boolean => {
  const text = new TextDecoder().decode(bytes);
  if (!/^\s*\{/.test(text)) return false;
  mustBeBounded(text);
  try {
    return isJsonObject(JSON.parse(text));
  } catch {
    return false;
  }
};

const isForm = (contentType: string): boolean => /^application\/x-www-form-urlencoded\s*(?:;|$)/i.test(contentType);

/** In UTF-8, which its content type may say, in quotes or not. */
const isJson = (contentType: string): boolean =>
  /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i.test(contentType) &&
  /^(?:utf-?8|us-ascii)$/i.test(charsetOf(contentType) ?? 'utf-8');

const charsetOf = (contentType: string): string | undefined => {
  const [, quoted, plain] = /;\s*charset\s*=\s*(?:"([^"]*)"|([^\s;]*))/i.exec(contentType) ?? [];
  return quoted?.trim() ?? plain;
};

/** What the body reader throws, by its documented `type`. */
const bodyFault = (error: unknown, limit: BodyLimit): Fault => {
  const type = typeof error === 'object' && error !== null && 'type' in error ? error.type : null;
  if (type === 'entity.too.large') return new Fault('body-too-large', { limit }, `The body is over ${limit}.`);
  if (type === 'encoding.unsupported')
    return new Fault('unsupported-media-type', {}, 'The body has a compression that is not known here.');
  return malformed('', 'could not be read');
};
