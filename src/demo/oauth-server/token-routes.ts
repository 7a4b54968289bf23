import express, { type Request, type Response, type Router } from 'express';
import { isJsonObject } from '../../domain/json.ts';
import { isJwt, tokenSeconds, type AccessTokens } from './access-tokens.ts';
import type { Codes } from './codes.ts';
import { basicChallenge, clientWith, unauthorized } from './credentials.ts';
import type { ClientSpec } from './options.ts';
import { errorPage } from './pages.ts';
import { roleName, userinfo } from './shapes.ts';
import type { Store } from './store.ts';

/** Code → token, and token → person. */
export const tokenRoutes = (
  store: Store,
  clients: readonly ClientSpec[],
  codes: Codes,
  tokens: AccessTokens,
): Router => {
  const routes = express.Router();
  routes.post('/oauth/token', express.urlencoded({ extended: false }), async (request, response) => {
    const { client_id: clientId, client_secret: secret, code, grant_type: grant } = textsIn(request);
    if (clientWith(clients, clientId ?? '', secret ?? '') === undefined) {
      unauthorized(response, basicChallenge);
      return;
    }
    const userId = grant === 'authorization_code' ? codes.redeem(code ?? '', clientId ?? '') : undefined;
    if (userId === undefined || store.byId(userId) === undefined) {
      plainJson(response, 403, { error: 'invalid_grant', error_description: 'Invalid authorization code' });
      return;
    }
    const accessToken = await tokens.issue(userId, clientId ?? '');
    plainJson(response, 200, { access_token: accessToken, expires_in: tokenSeconds, token_type: 'Bearer' });
  });
  routes.get('/api/userinfo', async (request, response) => {
    const token = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
    if (token === undefined) {
      unauthorized(response, 'Bearer realm="Users"');
      return;
    }
    if (!isJwt(token)) {
      response.status(500).send(errorPage());
      return;
    }
    const holder = await tokens.holder(token);
    if (holder === undefined) {
      unauthorized(response, 'Bearer realm="Users", error="invalid_token"');
      return;
    }
    const clientRow = clients.find(({ clientId }) => clientId === holder.clientId)?.id ?? 0;
    response.json(userinfo(holder.person, roleName(store.rolesOf(holder.person.id), clientRow)));
  });
  return routes;
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
