import express, { type Router } from 'express';
import { redirectUriIn, toAuthorize, toPage } from './addresses.ts';
import { assertKind } from './kinds.ts';
import { textIn } from './session.ts';
import type { LoginWorld } from './visit.ts';

/** Everybody's: this server lets anybody in as anybody who knows the way. */
export const everybodysPassword = 'password123';

/** `Local`: e-mail address and password. */
export const passwordRoutes = ({ store, csrf, visit }: LoginWorld): Router => {
  const routes = express.Router();
  routes.get(
    '/auth/local/login{/:route}',
    csrf,
    visit(({ client, request, show }) => {
      assertKind(client, 'Local', request.params['route']);
      const redirectUri = redirectUriIn(request);
      show({
        heading: 'Inloggen',
        form: {
          action: `?&clientId=${client.clientId}&redirect_uri=${redirectUri}`,
          fields: [
            { name: 'email', type: 'text' },
            { name: 'password', type: 'password' },
          ],
        },
        links: [{ text: 'Wachtwoord vergeten?', href: toPage('/auth/local/forgot', client, redirectUri) }],
      });
    }),
  );
  routes.post(
    '/auth/local/login{/:route}',
    csrf,
    visit(({ client, request, logIn, say, goTo }) => {
      const person = store.byEmail(textIn(request, 'email'));
      if (person !== undefined && textIn(request, 'password') === everybodysPassword) {
        logIn(person);
        goTo(toAuthorize(client, redirectUriIn(request)));
        return;
      }
      say('Incorrect combination email/password');
      goTo(toPage('/auth/local/login', client, redirectUriIn(request)));
    }),
  );
  return routes;
};
