import express, { type Router } from 'express';
import { loginPage } from '../pages.ts';
import { toAuthorize, rawRedirectUri, redirectUriIn, toPage, assertKind } from './kinds.ts';
import { textIn } from './session.ts';
import type { LoginWorld, Visit } from './visit.ts';

const maxShown = 500;

/** The demo's own way in, for clients that name none of the real ones: a page that lists the people, a button each. */
export const showPeople = ({ store }: LoginWorld, { request, response }: Visit): void => {
  response.set('Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'");
  response.vary('Accept-Language').send(loginPage(store.everybody().slice(0, maxShown), request.originalUrl, request));
};

export const choosePersonRoutes = ({ store, visit }: LoginWorld): Router => {
  const routes = express.Router();
  routes.post(
    '/login',
    visit(({ client, request, logIn, goTo }) => {
      const person = store.byId(Number(textIn(request, 'userId')));
      const { redirect_uri: redirectUri } = request.query;
      if (person === undefined || typeof redirectUri !== 'string' || client.authTypes !== undefined) {
        goTo(request.originalUrl);
        return;
      }
      logIn(person);
      goTo(toAuthorize(client, encodeURIComponent(redirectUri)));
    }),
  );
  return routes;
};

/** `Anonymous`: two redirects make a person without anything, if the browser keeps cookies. */
export const anonymousRoutes = ({ store, csrf, visit }: LoginWorld): Router => {
  const routes = express.Router();
  routes.use('/auth/anonymous', csrf);
  routes.get(
    '/auth/anonymous/login',
    visit(({ client, request, session, goTo }) => {
      assertKind(client, 'Anonymous', undefined);
      session.mayBecomeAnonymous = true;
      goTo(`/auth/anonymous/register${/\?.*/s.exec(request.originalUrl)?.[0] ?? ''}`);
    }),
  );
  routes.get(
    '/auth/anonymous/register',
    visit((visited) => {
      const { client, request, session, logIn, goTo } = visited;
      if (client.config?.users?.canCreateNewUsers === false) {
        refuse(visited, 'Cannot create new users');
      } else if (session.mayBecomeAnonymous === true) {
        session.mayBecomeAnonymous = false;
        logIn(store.insert({ extraData: null }));
        goTo(toAuthorize(client, redirectUriIn(request)));
      } else refuse(visited, 'Cookies zijn onmisbaar op deze site');
    }),
  );
  routes.get(
    '/auth/anonymous/info',
    visit(({ show }) => {
      show({ heading: '' });
    }),
  );
  return routes;
};

/** Its redirect_uri goes into the next address unencoded. */
const refuse = ({ client, request, say, goTo }: Visit, message: string): void => {
  say(message);
  goTo(toPage('/auth/anonymous/info', client, rawRedirectUri(request)));
};
