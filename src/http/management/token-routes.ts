import Joi from 'joi';
import { Fault, isFault } from '../../domain/fault.ts';
import type { JsonObject } from '../../domain/json.ts';
import { keyPrefix } from '../../use-cases/clients/clients.ts';
import type { Credentials } from '../../use-cases/clients/commands.ts';
import type { ManagementUseCases } from '../../use-cases/index.ts';
import type { Answer, RouteMetadata, Route } from '../route.ts';
import { errorForms, problemOf } from '../problem-response.ts';
import { type Schema, reference } from '../openapi/schema.ts';
import { nothing } from '../requests/validate.ts';

/**
 * `client_id` and `client_secret` of the body; without a secret there, of HTTP Basic (which a proxy before us may use for itself).
 * Faults: `invalid-client` where neither is said; `token-refused` where they name two clients. Source: RFC 6749 §2.3, §2.3.1.
 */
const credentialsIn = (form: JsonObject, authorization: string | undefined): Credentials => {
  const { client_id: key, client_secret: secret } = form;
  const basic = basicIn(authorization);
  const namesAnother = key !== undefined && key !== '' && key !== basic?.key;
  if (basic?.key.startsWith(keyPrefix) === true && namesAnother)
    throw wrongRequest('The body names another client than HTTP Basic.');
  const said = typeof secret === 'string' && secret !== '' ? { key, secret } : basic;
  if (typeof said?.key !== 'string' || !isShort(said.key) || !isShort(said.secret))
    throw new Fault('invalid-client', { scheme: 'Basic' }, 'An API key and its secret are needed.');
  return { key: said.key, secret: said.secret };
};

/** What is longer is neither a key nor a secret. */
const isShort = (text: string): boolean => text !== '' && text.length <= 1024;

const basicIn = (authorization: string | undefined): Credentials | null => {
  const encoded = /^basic\s+([a-z0-9+/=_-]+)$/i.exec((authorization ?? '').trim())?.[1];
  const text = encoded === undefined ? '' : Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 1 ? null : { key: formText(text.slice(0, colon)), secret: formText(text.slice(colon + 1)) };
};

/** Both parts are encoded as in a form; many clients do not, which for our alphabet is the same. */
const formText = (text: string): string => {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
};

interface TokenRow extends Pick<RouteMetadata, 'path' | 'operationId' | 'summary' | 'who' | 'requestBody' | 'guarded'> {
  readonly answer: { readonly description: string; readonly schema?: Schema };
  readonly handler: (useCases: ManagementUseCases, credentials: Credentials, form: JsonObject) => Promise<Answer>;
}

/**
 * Where a client shows its secret: in the body (form or JSON) or by HTTP Basic. A wrong one is an answer, not a fault, so that it
 * is counted against its key and address. Source: management-api.md §1, RFC 6749, 7009, 7662.
 */
const tokenRow = ({ handler, answer, ...row }: TokenRow): Route => ({
  ...row,
  method: 'post',
  group: 'Clients',
  needsToken: false,
  scope: 'none',
  errors: 'oauth',
  bodyIs: 'either',
  cache: 'no-store',
  query: nothing,
  answer: { status: 200, schema: {}, ...answer },
  problems: ['invalid-client', 'token-refused', 'too-many-requests'],
  handle: async ({ management }, context) => {
    const form = await context.body({ kind: 'either' });
    const credentials = credentialsIn(form, context.header('authorization'));
    try {
      return await handler(management, credentials, form);
    } catch (error) {
      if (!isFault(error, 'invalid-client')) throw error;
      return { ...refusal(error), wrongSecretOf: credentials.key };
    }
  },
});

const refusal = (fault: Fault<'invalid-client'>): Answer => {
  const problem = problemOf(fault, '');
  return { status: problem.status, headers: problem.headers, body: errorForms.oauth.bodyOf(problem, fault) };
};

/** A field of the form as text; undefined where it is not said. */
const textIn = (form: JsonObject, name: string): string | undefined => {
  const value = form[name];
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value === 'string' && value.length <= 1024) return value;
  throw wrongRequest(`${name} must be a text.`);
};

const neededIn = (form: JsonObject, name: string): string => {
  const value = textIn(form, name);
  if (value === undefined) throw wrongRequest(`${name} is needed.`);
  return value;
};

const wrongRequest = (detail: string): Fault<'token-refused'> =>
  new Fault('token-refused', { error: 'invalid_request' }, detail);

/** `scope`, or `scopes` as half of the manual has it; words between blanks. */
const scopesIn = (form: JsonObject): readonly string[] => {
  const [scope, scopes] = [textIn(form, 'scope'), textIn(form, 'scopes')];
  if (scope !== undefined && scopes !== undefined && scope !== scopes)
    throw wrongRequest('scope and scopes say different things.');
  return (scope ?? scopes ?? '').split(/\s+/).filter((word) => word !== '');
};

const mustBeClientCredentials = (form: JsonObject): void => {
  if (neededIn(form, 'grant_type') === 'client_credentials') return;
  throw new Fault('token-refused', { error: 'unsupported_grant_type' }, 'The only grant_type is client_credentials.');
};

const seconds = (date: Date): number => Math.floor(date.getTime() / 1000);

const text = (description: string): Joi.StringSchema => Joi.string().description(description);
const client = {
  client_id: text('The API key; or by HTTP Basic.'),
  client_secret: text('The secret; or by HTTP Basic.'),
};
const token = text('The access token.').required();

export const tokenRoutes: readonly Route[] = [
  tokenRow({
    path: '/oauth/token',
    operationId: 'giveToken',
    summary: 'Get an access token for the management API',
    who: 'Clients, by API key and secret. The token is valid for two hours.',
    guarded: 'token',
    requestBody: Joi.object({
      grant_type: Joi.string().valid('client_credentials').required(),
      ...client,
      scope: text(
        '`public`, `authentication`, `admin`, with blanks between; each includes the ones before it. Default `public`.',
      ),
      scopes: text('Another name for `scope`.'),
    }),
    handler: async ({ grantToken }, credentials, form) => {
      mustBeClientCredentials(form);
      const {
        token: given,
        scopes,
        createdAt,
        expiresAt,
      } = await grantToken({ ...credentials, scopes: scopesIn(form) });
      return {
        status: 200,
        headers: { Pragma: 'no-cache' },
        body: {
          access_token: given,
          token_type: 'Bearer',
          expires_in: Math.round((expiresAt.getTime() - createdAt.getTime()) / 1000),
          created_at: seconds(createdAt),
          scope: scopes.join(' '),
        },
      };
    },
    answer: { description: 'The token, shown this once.', schema: reference('AccessToken') },
  }),
  tokenRow({
    path: '/oauth/revoke',
    operationId: 'revokeToken',
    summary: "End one of the client's own access tokens",
    who: 'Clients, by API key and secret. A token that is unknown, or somebody else’s, is answered alike.',
    requestBody: Joi.object({ ...client, token, token_type_hint: text('Not heeded.') }),
    handler: async ({ revokeToken }, credentials, form) => {
      await revokeToken({ ...credentials, token: neededIn(form, 'token') });
      return { status: 200, body: {} };
    },
    answer: { description: 'It counts no more.', schema: { type: 'object' } },
  }),
  tokenRow({
    path: '/oauth/introspect',
    operationId: 'introspectToken',
    summary: "Ask about one of the client's own access tokens",
    who: 'Clients, by API key and secret.',
    requestBody: Joi.object({ ...client, token, token_type_hint: text('Not heeded.') }),
    handler: async ({ introspectToken }, credentials, form) => {
      const known = await introspectToken({ ...credentials, token: neededIn(form, 'token') });
      if (known === null) return { status: 200, body: { active: false } };
      const { key, scopes, createdAt, expiresAt } = known;
      return {
        status: 200,
        body: {
          active: true,
          scope: scopes.join(' '),
          client_id: key,
          token_type: 'Bearer',
          iat: seconds(createdAt),
          exp: seconds(expiresAt),
        },
      };
    },
    answer: { description: 'Whether it counts, and for what.', schema: reference('TokenIntrospection') },
  }),
];
