import { ruleOfProblem } from '../problems.ts';
import type { Route } from '../route.ts';
import type { FaultCode } from '../../domain/fault.ts';
import { schemas } from './components.ts';
import { reference, type Schema } from './described.ts';
import { headers } from './headers.ts';
import { jsonSchema, propertiesOf } from './json-schema.ts';

/** The OpenAPI 3.1 document of a table of routes. */
export const openapi = (routes: readonly Route[]): Schema => ({
  openapi: '3.1.0',
  info: {
    title: 'Civitas',
    version: '1',
    description:
      'The people of participation sites: a cache of an OAuth server, and anonymizing that does exactly what it previewed.',
    license: { name: 'EUPL-1.2', identifier: 'EUPL-1.2' },
  },
  servers: [{ url: '/' }],
  tags: groups.map(([name, description]) => ({ name, description })),
  paths: pathsOf(routes),
  components: { schemas, headers, securitySchemes },
});

const groups = [
  ['Sites', 'The sites, as users belong to them.'],
  ['Users', 'A user is one row at one site; the person behind it is kept by the OAuth server.'],
  ['Activity', 'What users contributed.'],
  ['Anonymize', 'See exactly what will happen; then exactly that happens.'],
  ['Login', 'Where people come in by the OAuth server of a site, and where it says that they have left.'],
  ['Receipts', 'What was done, signed: the proof that people keep.'],
] as const;

const securitySchemes = {
  bearer: { type: 'http', scheme: 'bearer', description: 'A session token or a fixed token.' },
  xAuthorization: {
    type: 'apiKey',
    in: 'header',
    name: 'X-Authorization',
    description: '`Bearer <token>`, or a fixed token as it is. Wins over `Authorization`.',
  },
};

const pathsOf = (routes: readonly Route[]): Schema => {
  const paths: Record<string, Record<string, Schema>> = {};
  for (const route of routes) paths[route.path] = { ...paths[route.path], [route.method]: operation(route) };
  return paths;
};

const operation = (route: Route): Schema => ({
  operationId: route.operationId,
  summary: route.summary,
  description: route.who,
  tags: [route.group],
  security: [...(route.needsToken ? [] : [{}]), { bearer: [] }, { xAuthorization: [] }],
  parameters: [...pathParameters(route), ...queryParameters(route), ...headerParameters(route)],
  ...(route.requestBody === undefined
    ? {}
    : {
        requestBody: {
          required: false,
          content: { [mediaTypes[route.bodyIs ?? 'json']]: { schema: jsonSchema(route.requestBody) } },
        },
      }),
  responses: responses(route),
});

const mediaTypes = { json: 'application/json', form: 'application/x-www-form-urlencoded' } as const;

const pathParameters = ({ path }: Route): readonly Schema[] =>
  [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema:
      path === '/api/site/{siteId}' || path.startsWith('/oauth/') || name === 'token'
        ? { type: 'string' }
        : { type: 'integer', minimum: 1 },
  }));

const queryParameters = ({ query }: Route): readonly Schema[] =>
  propertiesOf(query).map(({ name, schema: { description, ...schema }, required }) => ({
    name,
    in: 'query',
    required,
    ...(description === undefined ? {} : { description }),
    schema,
  }));

const headerParameters = ({ conditional, repeatable, answer }: Route): readonly Schema[] => [
  ...(conditional === true ? [{ name: 'If-Match', in: 'header', schema: { type: 'string' } }] : []),
  ...(repeatable === true
    ? [{ name: 'Idempotency-Key', in: 'header', schema: { type: 'string', maxLength: 255 } }]
    : []),
  ...(answer.notModified === true ? [{ name: 'If-None-Match', in: 'header', schema: { type: 'string' } }] : []),
];

/** What every route can fail with, by what it takes. */
const commonProblems = (route: Route): readonly FaultCode[] => [
  'malformed-request',
  'unauthenticated',
  'role-unconfirmed',
  'not-ready',
  ...(route.requestBody === undefined ? [] : (['invalid-values', 'body-too-large', 'unsupported-media-type'] as const)),
];

const responses = (route: Route): Schema => {
  const { answer } = route;
  const named = (answer.headers ?? []).map((name) => [name, { $ref: `#/components/headers/${name}` }] as const);
  const good = {
    description: answer.description,
    ...(named.length === 0 ? {} : { headers: Object.fromEntries(named) }),
    ...(answer.schema === undefined
      ? {}
      : { content: { [answer.mediaType ?? 'application/json']: { schema: answer.schema } } }),
  };
  return {
    [answer.status]: good,
    ...(answer.notModified === true ? { 304: { description: 'You have it already.' } } : {}),
    ...problemResponses([...commonProblems(route), ...route.problems]),
  };
};

const problemResponses = (codes: readonly FaultCode[]): Schema => {
  const titles = new Map<number, ReadonlySet<string>>();
  for (const code of codes) {
    const { status, title } = ruleOfProblem(code);
    titles.set(status, new Set([...(titles.get(status) ?? []), `${title} (\`${code}\`)`]));
  }
  const content = { 'application/problem+json': { schema: reference('Problem') } };
  return Object.fromEntries(
    [...titles].map(([status, said]) => [status, { description: [...said].join('; '), content }]),
  );
};
