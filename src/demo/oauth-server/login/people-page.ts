import express, { type Router } from 'express';
import { loginPage } from '../pages.ts';
import { toAuthorize } from './addresses.ts';
import { textIn } from './session.ts';
import type { LoginWorld, Visit } from './visit.ts';

const maxShown = 500;

/** The demo's own way in, for clients that name none of the real ones: a page that lists the people, a button each. */
export const showPeople = ({ store }: LoginWorld, { request, response }: Visit): void => {
  response.set('Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'");
  response.send(loginPage(store.everybody().slice(0, maxShown), request.originalUrl));
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
