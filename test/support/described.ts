import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { openapi } from '../../src/http/openapi/document.ts';
import { routes } from '../../src/http/routes.ts';

interface Described {
  readonly content?: Readonly<Record<string, { readonly schema?: object }>>;
}
/** An answer, as a test got it. */
export interface Seen {
  readonly status: number;
  readonly contentType: string | null;
  readonly body: unknown;
}

/** What the schemas say of texts that are dates and addresses is for readers: what is stored may be odd, and is shown all the same. */
const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
const document = openapi(routes);
ajv.addSchema(closed(document), 'openapi');

/** A segment of its own is told before one that may be any; as express does, a route of the table before those that come later. */
const patterns = routes.map((route) => ({
  route,
  pattern: new RegExp(`^${route.path.replaceAll(/\{\w+\}/g, '[^/]+')}/?$`, 'i'),
}));
const paths = document['paths'] as Readonly<
  Record<string, Readonly<Record<string, { readonly responses: Readonly<Record<string, Described>> }>>>
>;

const validators = new Map<object, ValidateFunction>();
/** References in it are the document's. */
const validatorOf = (schema: object): ValidateFunction => {
  const known = validators.get(schema);
  if (known !== undefined) return known;
  const text = JSON.stringify(closed(schema)).replaceAll('"#/components', '"openapi#/components');
  const made = ajv.compile(JSON.parse(text) as object);
  validators.set(schema, made);
  return made;
};

/**
 * Throws where the documentation does not know an answer: its status, its kind of content, or what stands in it. Answers of what is
 * not in the table of routes are anybody's.
 */
export const mustBeDescribed = (method: string, path: string, { status, contentType, body }: Seen): void => {
  const [pathname = ''] = path.split('?');
  const found = patterns.find(({ route, pattern }) => route.method === method.toLowerCase() && pattern.test(pathname));
  if (found === undefined) return;
  const { route } = found;
  const fault = (what: string): Error => new Error(`${route.operationId} answered ${status} ${what}`);
  const response = paths[route.path]?.[route.method]?.responses[String(status)];
  if (response === undefined) throw fault(`which openapi.json does not tell: ${JSON.stringify(body).slice(0, 400)}`);
  const kinds = Object.keys(response.content ?? {});
  const kind = contentType?.split(';')[0]?.trim() ?? null;
  if (kind === null ? kinds.length > 0 : !kinds.includes(kind))
    throw fault(`as ${String(kind)}, where openapi.json tells ${kinds.join(', ') || 'nothing'}`);
  const schema = kind === null ? undefined : response.content?.[kind]?.schema;
  if (schema === undefined || !kind?.endsWith('json')) return;
  const validate = validatorOf(schema);
  if (validate(body)) return;
  const wrong = (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath} ${message ?? ''} ${JSON.stringify(params)}`,
  );
  throw fault(`otherwise than openapi.json tells: ${wrong.join('\n').slice(0, 800)}`);
};

/** A `fetch` whose every answer has to be as the documentation says. */
export const described =
  (ask: typeof fetch): typeof fetch =>
  async (input, init) => {
    const response = await ask(input, init);
    const address = new URL(input instanceof Request ? input.url : input);
    const text = await response.clone().text();
    const contentType = response.headers.get('content-type');
    const body: unknown = contentType?.includes('json') === true ? JSON.parse(text) : text;
    mustBeDescribed(init?.method ?? 'GET', address.pathname, { status: response.status, contentType, body });
    return response;
  };

/** The same where what is not told is wrong: for readers a schema stays open, as more may come to it. */
function closed<T>(schema: T): T {
  if (typeof schema !== 'object' || schema === null) return schema;
  if (Array.isArray(schema)) return schema.map(closed) as T;
  const inner = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value as unknown)]));
  const isOpen = 'properties' in inner && inner['type'] === 'object' && !('additionalProperties' in inner);
  return { ...inner, ...(isOpen ? { additionalProperties: false } : {}) } as T;
}
