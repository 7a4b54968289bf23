import express, { type Router } from 'express';
import { rawRedirectUri, redirectUriIn, toAuthorize, toPage } from './addresses.ts';
import { assertKind } from './kinds.ts';
import type { LoginWorld, Visit } from './visit.ts';

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
