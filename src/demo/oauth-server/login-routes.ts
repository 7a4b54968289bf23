import { randomUUID } from 'node:crypto';
import express, { type Request, type Router } from 'express';
import type { ClientSpec } from './options.ts';
import type { Codes } from './codes.ts';
import { homePage, loginPage } from './pages.ts';
import type { Store } from './store.ts';

const cookie = 'development-oauth-session';
const mostShown = 500;

/**
 * The road of a browser: /dialog/authorize → /login → (a button) → /dialog/authorize → redirect_uri with a code. As in the real
 * server, `state` gets lost on it, and redirect_uri, query included, does not.
 */
export const loginRoutes = (
  store: Store,
  clients: readonly ClientSpec[],
  codes: Codes,
  ownUrl: () => string,
): Router => {
  const routes = express.Router();
  const sessions = new Map<string, number>();
  const userOf = (request: Request): number | undefined => {
    const id = sessions.get(sessionIn(request));
    return id === undefined ? undefined : store.byId(id)?.id;
  };

  routes.get('/', (_request, response) => {
    response.send(homePage());
  });
  routes.get('/dialog/authorize', (request, response) => {
    const client = clients.find(({ clientId }) => clientId === request.query['client_id']);
    const back = webAddress(request.query['redirect_uri']);
    if (client === undefined || back === null) {
      response.status(403).json({ message: 'Unknown client or redirect_uri' });
      return;
    }
    const userId = userOf(request);
    if (userId === undefined) {
      response.redirect(
        `/login?clientId=${encodeURIComponent(client.clientId)}&redirect_uri=${encodeURIComponent(back)}`,
      );
      return;
    }
    response.redirect(withQuery(back, 'code', codes.issue(userId, client.clientId)));
  });
  routes.get('/login', (request, response) => {
    response.set('Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'");
    response.send(loginPage(store.everybody().slice(0, mostShown), request.originalUrl));
  });
  routes.post('/login', express.urlencoded({ extended: false }), (request, response) => {
    const { userId } = (request.body ?? {}) as Readonly<Record<string, unknown>>;
    const person = store.byId(Number(userId));
    const { clientId, redirect_uri: back } = request.query;
    if (person === undefined || typeof clientId !== 'string' || typeof back !== 'string') {
      response.redirect(request.originalUrl);
      return;
    }
    const session = randomUUID();
    sessions.set(session, person.id);
    response.cookie(cookie, session, { httpOnly: true, sameSite: 'lax' });
    const query = new URLSearchParams({
      redirect_uri: back,
      response_type: 'code',
      client_id: clientId,
      scope: 'offline',
    });
    response.redirect(`/dialog/authorize?${query.toString()}`);
  });
  routes.get('/logout', (request, response) => {
    sessions.delete(sessionIn(request));
    response.clearCookie(cookie);
    const client = clients.find(({ clientId }) => clientId === request.query['clientId']);
    response.redirect(webAddress(request.query['redirectUrl']) ?? client?.siteUrl ?? ownUrl());
  });
  return routes;
};

const sessionIn = (request: Request): string =>
  new RegExp(`(?:^|; )${cookie}=([\\w-]+)`).exec(request.headers.cookie ?? '')?.[1] ?? '';

/** As it was given, if it is an http(s) address. */
const webAddress = (given: unknown): string | null =>
  typeof given === 'string' && /^https?:\/\//i.test(given) && URL.canParse(given) ? given : null;

const withQuery = (address: string, name: string, value: string): string =>
  `${address}${address.includes('?') ? '&' : '?'}${name}=${encodeURIComponent(value)}`;
