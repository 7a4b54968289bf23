import { createHash, timingSafeEqual } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import { isJsonObject } from '../../domain/json.ts';
import { collated, refuseSyntax } from './sql.ts';
import type { ClientSpec } from './options.ts';

/** 401 as passport answers it: a bare word, no content type. */
export const unauthorized = (response: Response, challenge: string): void => {
  response.statusCode = 401;
  response.setHeader('WWW-Authenticate', challenge);
  response.end('Unauthorized');
};

export const basicChallenge = 'Basic realm="Users"';

/** Lets one of our clients in, by Basic credentials or `client_id` and `client_secret` in a body; whom the call is about does not matter. */
export const clientsOnly =
  (clients: readonly ClientSpec[]): RequestHandler =>
  (request, response, next) => {
    if (clientOf(clients, request) === undefined) unauthorized(response, basicChallenge);
    else next();
  };

export const clientOf = (clients: readonly ClientSpec[], request: Request): ClientSpec | undefined => {
  const encoded = /^Basic (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (encoded !== undefined) {
    const [clientId = '', ...secret] = Buffer.from(encoded, 'base64').toString().split(':');
    return clientWith(clients, clientId, secret.join(':'));
  }
  const body: unknown = request.body;
  const { client_id: clientId, client_secret: secret } = isJsonObject(body) ? body : {};
  return typeof clientId === 'string' && typeof secret === 'string' ? clientWith(clients, clientId, secret) : undefined;
};

/** The id is compared by their database, which ignores case; the secret by the program. */
const clientWith = (clients: readonly ClientSpec[], clientId: string, secret: string): ClientSpec | undefined =>
  clients.find((client) => collated(client.clientId) === collated(clientId) && isSame(client.clientSecret, secret));

const isSame = (one: string, other: string): boolean => timingSafeEqual(digest(one), digest(other));
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Which client a call is about: the body goes before the query, `clientId` before `client_id`, both before the path. */
export const askedClient = (
  clients: readonly ClientSpec[],
  request: Request,
  inPath?: string,
): ClientSpec | undefined => {
  const body: unknown = request.body;
  const { clientId, client_id: snakeCase } = request.query;
  const named = [isJsonObject(body) ? body['clientId'] : undefined, clientId, snakeCase, inPath];
  const asked: unknown = named.find((one) => one !== undefined && one !== null && one !== '');
  if (Array.isArray(asked)) {
    const values = asked.map((one) => `'${String(one)}'`).join(', ');
    refuseSyntax(
      `select \`clients\`.* from \`clients\` where \`clients\`.\`clientId\` = ${values} limit 1`,
      ` ${values.slice(values.indexOf(', ') + 2)} limit 1`,
    );
  }
  return typeof asked === 'string' ? clientCalled(clients, asked) : undefined;
};

/** The column's collation ignores case. */
const clientCalled = (clients: readonly ClientSpec[], clientId: string): ClientSpec | undefined =>
  clients.find((client) => collated(client.clientId) === collated(clientId));
