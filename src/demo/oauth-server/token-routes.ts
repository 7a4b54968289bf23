import express, { type Request, type Response, type Router } from 'express';
import { isJsonObject } from '../../domain/json.ts';
import { isJwt, tokenSeconds, type AccessTokens, type Codes } from './tokens.ts';
import { askedClient, basicChallenge, clientOf, unauthorized } from './clients.ts';
import type { ClientSpec } from './options.ts';
import { errorPage } from './pages.ts';
import { roleName, userinfo } from './shapes.ts';
import type { PersonRow } from './state.ts';
import type { Store } from './store.ts';

const privileged: readonly (string | undefined)[] = ['admin', 'moderator', 'editor'];

/** Code → token, and token → person. */
export const tokenRoutes = (
  store: Store,
  clients: readonly ClientSpec[],
  codes: Codes,
  tokens: AccessTokens,
): Router => {
  const routes = express.Router();
  routes.post('/oauth/token', async (request, response) => {
    const client = clientOf(clients, request);
    if (client === undefined) {
      unauthorized(response, basicChallenge);
      return;
    }
    const { code, grant_type: grant } = textsIn(request);
    if (grant === 'authorization_code' && code === undefined) {
      refused(response, 400, 'invalid_request', 'Missing required parameter: code');
      return;
    }
    if (grant !== 'authorization_code' && grant !== 'client_credentials') {
      refused(response, 501, 'unsupported_grant_type', `Unsupported grant type: ${String(grant)}`);
      return;
    }
    // An application's own token is nobody's.
    const userId = grant === 'client_credentials' ? 0 : codes.redeem(code ?? '', client.clientId);
    if (userId === undefined) {
      refused(response, 403, 'invalid_grant', 'Invalid authorization code');
      return;
    }
    const accessToken = await tokens.issue(userId, client.clientId);
    plainJson(response, 200, { access_token: accessToken, expires_in: tokenSeconds, token_type: 'Bearer' });
  });
  routes.get('/api/userinfo', async (request, response) => {
    const inQuery: unknown = request.query['access_token'];
    const inHeader = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
    const token = inHeader ?? (typeof inQuery === 'string' ? inQuery : undefined);
    if (token === undefined) {
      unauthorized(response, 'Bearer realm="Users"');
      return;
    }
    if (!isJwt(token)) {
      response.status(500).send(errorPage());
      return;
    }
    const person = await tokens.holder(token);
    if (person === undefined) {
      unauthorized(response, 'Bearer realm="Users", error="invalid_token"');
      return;
    }
    // Not the token's own client: whichever the query names.
    const client = askedClient(clients, request);
    const role = client === undefined ? undefined : roleName(store.rolesOf(person.id), client.id);
    if (client === undefined || lacksItsCode(person, client, role)) response.status(500).send(errorPage());
    else response.json(userinfo(person, role));
  });
  routes.get('/api/revoke', async (request, response) => {
    const token: unknown = request.query['token'];
    const isGone = typeof token === 'string' && (await tokens.revoke(token));
    response.status(isGone ? 200 : 400).json(isGone ? {} : { error: 'invalid_token' });
  });
  return routes;
};

/** Whoever comes to such a client must have a code of it, unless their role there is above member. */
const lacksItsCode = (person: PersonRow, client: ClientSpec, role: string | undefined): boolean =>
  client.authTypes?.includes('UniqueCode') === true &&
  !privileged.includes(role) &&
  person.uniqueCodesAt?.includes(client.clientId) !== true;

const refused = (response: Response, status: number, error: string, description: string): void => {
  plainJson(response, status, { error, error_description: description });
};

/** As oauth2orize answers: no charset. */
const plainJson = (response: Response, status: number, body: object): void => {
  response.statusCode = status;
  response.setHeader('Content-Type', 'application/json');
  response.setHeader('Cache-Control', 'no-store');
  response.end(JSON.stringify(body));
};

const textsIn = (request: Request): Readonly<Record<string, string>> => {
  const body: unknown = request.body;
  if (!isJsonObject(body)) return {};
  return Object.fromEntries(
    Object.entries(body).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
};
