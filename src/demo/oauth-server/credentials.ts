import { createHash, timingSafeEqual } from 'node:crypto';
import type { RequestHandler, Response } from 'express';
import type { ClientSpec } from './options.ts';

/** 401 as passport answers it: a bare word, no content type. */
export const unauthorized = (response: Response, challenge: string): void => {
  response.statusCode = 401;
  response.setHeader('WWW-Authenticate', challenge);
  response.end('Unauthorized');
};

export const basicChallenge = 'Basic realm="Users"';

/** Lets one of our clients in, by Basic credentials. */
export const clientsOnly =
  (clients: readonly ClientSpec[]): RequestHandler =>
  (request, response, next) => {
    const encoded = /^Basic (.+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '';
    const [clientId = '', ...secret] = Buffer.from(encoded, 'base64').toString().split(':');
    if (clientWith(clients, clientId, secret.join(':')) === undefined) unauthorized(response, basicChallenge);
    else next();
  };

export const clientWith = (clients: readonly ClientSpec[], clientId: string, secret: string): ClientSpec | undefined =>
  clients.find((client) => client.clientId === clientId && isSame(client.clientSecret, secret));

const isSame = (one: string, other: string): boolean => timingSafeEqual(digest(one), digest(other));
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
