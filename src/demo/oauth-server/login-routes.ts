import express, { type ErrorRequestHandler, type Router } from 'express';
import type { Codes } from './tokens.ts';
import { isAllowed, redirectUriIn, toLogin, toPage, adminChoices, choicesOf } from './login/kinds.ts';
import { anonymousRoutes, choosePersonRoutes, showPeople } from './login/without-proof.ts';
import { authorizeRoutes, requiredFieldRoutes } from './login/authorize.ts';
import { emailLinkRoutes } from './login/email-link.ts';
import { formPage, homePage } from './pages.ts';
import { passwordRoutes, uniqueCodeRoutes } from './login/by-secret.ts';
import { twoFactorRoutes } from './login/two-factor.ts';
import { loginWorld, type LoginWorld } from './login/visit.ts';

/**
 * The way of a browser: /dialog/authorize → /login → a way to log in → /dialog/authorize → redirect_uri with a code, as it was
 * recorded hop by hop, quirks included: `state` gets lost, redirect_uri is carried from address to address.
 */
export const loginRoutes = (
  parts: Pick<LoginWorld, 'store' | 'clients' | 'ownUrl' | 'mails'>,
  codes: Codes,
): Router => {
  const world = loginWorld(parts);
  const { visit, csrf, ownUrl } = world;
  const routes = express.Router();
  routes.get('/', (_request, response) => {
    response.send(homePage());
  });
  routes.use(authorizeRoutes(world, codes), choosePersonRoutes(world));
  routes.get(
    '/auth/admin/login',
    csrf,
    visit(({ request, goTo }) => {
      goTo(`/login/admin${/\?.*/s.exec(request.originalUrl)?.[0] ?? ''}`);
    }),
  );
  routes.get(
    '/login{/:route}',
    visit((visited) => {
      const { client, request, show, goTo } = visited;
      const isAdmin = request.params['route'] === 'admin';
      if (client.authTypes === undefined && !isAdmin) {
        showPeople(world, visited);
        return;
      }
      const choices = isAdmin ? adminChoices : choicesOf(client);
      const [first, ...others] = choices;
      if (first !== undefined && others.length === 0) {
        goTo(toLogin(first.path, client, request));
        return;
      }
      const links = choices.map(({ path, label }) => ({
        text: label,
        href: toPage(path, client, redirectUriIn(request)),
      }));
      show({ heading: 'Hoe wil je inloggen?', links });
    }),
  );
  routes.use(
    passwordRoutes(world),
    emailLinkRoutes(world),
    uniqueCodeRoutes(world),
    anonymousRoutes(world),
    requiredFieldRoutes(world),
    twoFactorRoutes(world),
  );
  routes.get(
    '/logout',
    visit(({ client, request, session, goTo }) => {
      delete session.userId;
      const { redirectUrl } = request.query;
      if (isAllowed(client, redirectUrl)) goTo(redirectUrl);
      else goTo(client.config?.logoutUrl ?? client.siteUrl ?? ownUrl());
    }),
  );
  routes.all('/logout', (_request, response) => {
    response.status(404).send(formPage({ heading: 'Pagina niet gevonden' }));
  });
  routes.use(anErrorPage);
  return routes;
};

/** Whatever went wrong. Express knows an error handler by its four parameters. */
const anErrorPage: ErrorRequestHandler = (error: unknown, _request, response, next) => {
  if (response.headersSent) next(error);
  else response.status(500).send(formPage({ heading: 'Er gaat iets mis...' }));
};
