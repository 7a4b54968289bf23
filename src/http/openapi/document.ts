import type Joi from 'joi';
import type { Scope } from '../../domain/actor.ts';
import type { FaultCode } from '../../domain/fault.ts';
import type { ErrorForm } from '../problem-response.ts';
import { ruleOfProblem } from '../problems.ts';
import type { BodyKind } from '../requests/body.ts';
import type { Route } from '../route.ts';
import { schemas } from './components.ts';
import { problemOfAny } from './problem-components.ts';
import { curlOf, answerText, type Examples, type RecordedCall } from './recorded.ts';
import { reference, type Schema, jsonSchema, propertiesOf } from './schema.ts';

/** The OpenAPI 3.1 document of a table of routes; with `examples`, with what the demo answers. */
export const openapi = (routes: readonly Route[], examples?: Examples): Schema => ({
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
  paths: pathsOf(routes, examples),
  components: {
    schemas,
    headers,
    securitySchemes,
    ...(examples === undefined ? {} : { examples: examples.problems }),
  },
});

const groups = [
  ['Sites', 'The sites, as users belong to them.'],
  [
    'Users',
    'A user is one row at one site; the person behind it is kept by the OAuth server. Under `/api/v1/users` management clients find the people of their sites, one entry a person.',
  ],
  ['Activity', 'What users contributed.'],
  ['Anonymize', 'See exactly what will happen; then exactly that happens.'],
  ['Login', 'Where people come in by the OAuth server of a site, and where it says that they have left.'],
  ['Receipts', 'What was done, signed: the proof that people keep.'],
  ['Clients', 'Back offices and platforms that manage people by program, and their tokens.'],
] as const;

const securitySchemes = {
  bearer: {
    type: 'http',
    scheme: 'bearer',
    description:
      'A session token, whose role counts at its own site (elsewhere it is a member’s at most), or a fixed token, whose role counts on every site.',
  },
  xAuthorization: {
    type: 'apiKey',
    in: 'header',
    name: 'X-Authorization',
    description: '`Bearer <token>`, or a fixed token as it is. Wins over `Authorization`.',
  },
  console: {
    type: 'apiKey',
    in: 'cookie',
    name: '__Host-civitas-console',
    description:
      'A session at the console, with the role of each of one’s rows at its site; `civitas-console` where this machine is reached by plain http. It counts for pages of this API’s own origin, which send `X-Civitas-Console`, and for no others.',
  },
  managementToken: {
    type: 'oauth2',
    description:
      'A management client, by its API key and secret. The token goes into `Authorization: Bearer …`, or `Authentication: Bearer …`.',
    flows: {
      clientCredentials: {
        tokenUrl: '/oauth/token',
        scopes: {
          public: 'People who are listable to everybody, as visitors see them.',
          authentication: 'All people of the sites; anonymizing and deleting.',
          admin: 'Details, the export, and what is kept beside the OAuth server.',
        } satisfies Record<Scope, string>,
      },
    },
  },
  apiKey: { type: 'apiKey', in: 'query', name: 'api_key', description: 'The API key, for what needs `public`.' },
  clientSecret: { type: 'http', scheme: 'basic', description: 'API key and secret; or both in the body.' },
};

/** Who may come in, in OpenAPI's words. */
const securityOf = ({ scope, needsToken, path, ofConsole }: Route): readonly Schema[] => {
  if (ofConsole === true) return needsToken ? [{ console: [] }] : [{}];
  if (scope === undefined && path.startsWith('/api/'))
    return [...(needsToken ? [] : [{}]), { bearer: [] }, { xAuthorization: [] }, { console: [] }];
  if (scope === undefined) return [...(needsToken ? [] : [{}]), { bearer: [] }, { xAuthorization: [] }];
  if (scope === 'none') return [{}, { clientSecret: [] }];
  return [{ managementToken: [scope] }, ...(scope === 'public' ? [{ apiKey: [] }] : [])];
};

const pathsOf = (routes: readonly Route[], examples: Examples | undefined): Schema => {
  const paths: Record<string, Record<string, Schema>> = {};
  for (const route of routes) paths[route.path] = { ...paths[route.path], [route.method]: operation(route, examples) };
  return paths;
};

const operation = (route: Route, examples: Examples | undefined): Schema => ({
  operationId: route.operationId,
  summary: route.summary,
  description: route.who,
  tags: [route.group],
  security: securityOf(route),
  parameters: [...pathParameters(route), ...queryParameters(route), ...headerParameters(route)],
  ...(route.requestBody === undefined
    ? {}
    : { requestBody: { required: false, content: bodyContent(route.requestBody, route.bodyIs ?? 'json') } }),
  responses: responses(route, examples),
  ...recordedSample(examples?.ofCall(route.operationId)),
});

/** No `example` of a request: tools fill it in, and the next click would write it. */
const recordedSample = (call: RecordedCall | undefined): Schema =>
  call === undefined
    ? {}
    : {
        'x-codeSamples': [{ lang: 'Shell', label: 'curl', source: curlOf(call) }],
        'x-answer': { status: call.answer.status, headers: call.answer.headers, body: answerText(call) },
      };

const mediaTypes: Readonly<Record<BodyKind, readonly string[]>> = {
  json: ['application/json'],
  form: ['application/x-www-form-urlencoded'],
  either: ['application/x-www-form-urlencoded', 'application/json'],
  none: ['application/json'],
};
const bodyContent = (body: Joi.ObjectSchema, kind: BodyKind): Schema => {
  const schema = jsonSchema(body);
  return Object.fromEntries(mediaTypes[kind].map((type) => [type, { schema }]));
};

const pathParameters = ({ path }: Route): readonly Schema[] =>
  [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema:
      path === '/api/site/{siteId}' ||
      path.startsWith('/oauth/') ||
      ['token', 'uid', 'operationId', 'sessionId', 'run'].includes(name ?? '')
        ? { type: 'string' }
        : { type: 'integer', minimum: 1 },
  }));

const queryParameters = ({ query }: Route): readonly Schema[] =>
  propertiesOf(query).map(({ name, schema: { description, explode, ...schema }, required }) => ({
    name,
    in: 'query',
    required,
    ...(description === undefined ? {} : { description }),
    // A list with commas: a name that is repeated is refused.
    ...(explode === undefined ? {} : { explode }),
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
  'too-many-requests',
  ...(route.scope === undefined || route.scope === 'none' ? [] : (['insufficient-scope', 'invalid-values'] as const)),
  'role-unconfirmed',
  'not-ready',
  // Of an address with broken percent-encoding express reads no parameter.
  ...(route.path.includes('{') ? (['not-found'] as const) : []),
  ...(takesBody(route) ? (['invalid-values', 'body-too-large', 'unsupported-media-type'] as const) : []),
];

/** Every way in which a route can fail. */
const problemsOf = (route: Route): readonly FaultCode[] => [...new Set([...commonProblems(route), ...route.problems])];

/** Those of management clients, and those that remove something, look into every body, for what would go unheard. */
const takesBody = ({ requestBody, errors, method, refusesUnknown }: Route): boolean =>
  requestBody !== undefined || ((errors === 'management' || refusesUnknown === true) && method !== 'get');

const responses = (route: Route, examples: Examples | undefined): Schema => {
  const { answer, operationId } = route;
  const recorded = examples?.ofCall(operationId)?.answer;
  const example = recorded?.status === answer.status ? (recorded.json ?? recorded.text) : undefined;
  const named = (answer.headers ?? []).map((name) => [name, { $ref: `#/components/headers/${name}` }] as const);
  const good = {
    description: answer.description,
    ...(named.length === 0 ? {} : { headers: Object.fromEntries(named) }),
    ...(answer.schema === undefined
      ? {}
      : {
          content: {
            [answer.mediaType ?? 'application/json']: {
              schema: answer.schema,
              ...(example === undefined ? {} : { example }),
            },
            ...(answer.orAs === undefined ? {} : { [answer.orAs]: { schema: { type: 'string' } } }),
          },
        }),
  };
  return {
    [answer.status]: good,
    ...(route.repeatable === true && answer.status !== 200 ? { 200: { ...good, description: 'A repeat.' } } : {}),
    ...(answer.notModified === true ? { 304: { description: 'You have it already.' } } : {}),
    ...problemResponses(route, examples),
  };
};

interface ErrorContent {
  readonly type: string;
  /** Of one status, by what it can be. */
  readonly schemaOf: (codes: readonly FaultCode[]) => Schema;
}
const errorContent: Readonly<Record<ErrorForm | 'problem', ErrorContent>> = {
  problem: { type: 'application/problem+json', schemaOf: problemOfAny },
  management: { type: 'application/json', schemaOf: () => reference('ManagementError') },
  oauth: { type: 'application/json', schemaOf: () => reference('OAuthError') },
};

const problemResponses = (route: Route, examples: Examples | undefined): Schema => {
  const codes = problemsOf(route);
  const { errors, forBrowsers } = route;
  const asPage = forBrowsers === true ? { 'text/html': { schema: { type: 'string' } } } : {};
  const statuses = [...new Set(codes.map((code) => ruleOfProblem(code).status))];
  return Object.fromEntries(
    statuses.map((status) => {
      const ofStatus = codes.filter((code) => ruleOfProblem(code).status === status);
      const titles = ofStatus.map((code) => `${ruleOfProblem(code).title} (\`${code}\`)`);
      const { type, schemaOf } = errorContent[errors ?? 'problem'];
      const shown =
        examples === undefined
          ? {}
          : { examples: Object.fromEntries(ofStatus.map((code) => [code, examples.ofProblem(code, errors)])) };
      return [
        status,
        {
          description: titles.join('; '),
          ...(told.has(status) ? { headers: toldHeaders } : {}),
          content: { [type]: { schema: schemaOf(ofStatus), ...shown }, ...asPage },
        },
      ];
    }),
  );
};

/** Statuses after which a client is told when to come back. */
const told: ReadonlySet<number> = new Set([429, 503]);
const toldHeaders = { 'Retry-After': { $ref: '#/components/headers/Retry-After' } };

const header = (description: string): Schema => ({ description, schema: { type: 'string' } });

/** Headers of answers, by name. */
const headers: Readonly<Record<string, Schema>> = {
  ETag: header('The tag of this representation, for `If-None-Match` and `If-Match`.'),
  Location: header('Where the new thing is, or how far what was begun is, or where a browser is sent.'),
  Total: header('How many there are.'),
  'Per-Page': header('How many a page.'),
  'Retry-After': header('Seconds to wait before asking again; not with each 503.'),
  Age: header('Seconds since the profile came from the OAuth server (to whom `X-Cache` is told).'),
  'X-Cache': header(
    '`HIT`, `STALE` or `MISS` (owner, and fixed tokens of moderators and above; moderators of the site: `MISS` only. Not of somebody who was added and has not logged in here).',
  ),
  'X-Plan-Digest': header(
    'The digest of the plan: send it as `If-Match` with `do-`, and exactly that plan is carried out.',
  ),
  Link: header(
    '`</receipts/…>; rel="receipt"`: where the signed receipt is read; absent where nothing was left to do.',
  ),
  'X-OAuth-Removal': header(
    '`done`, `pending`, `kept` or `none`: what became of the person at the OAuth server; to platform admins `kept;reason=…`. Absent where somebody was added and has not logged in.',
  ),
  'X-OAuth-Values': header(
    "`done`, `pending` or `none`: what became of the person's values for these sites at the OAuth server.",
  ),
};
