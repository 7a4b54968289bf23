import express, { type Router } from 'express';
import { redirectUriIn, toAuthorize, toPage, assertKind } from './kinds.ts';
import { textIn } from './session.ts';
import type { LoginWorld } from './visit.ts';
import { collated } from '../sql.ts';

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

const memberRole = 2;

/** `UniqueCode`: a code on paper; the first use makes a person of whom nothing is known, later ones bring them back. */
export const uniqueCodeRoutes = ({ store, csrf, visit }: LoginWorld): Router => {
  const routes = express.Router();
  const owners = new Map<string, number>();
  routes.get(
    '/auth/code/login',
    csrf,
    visit(({ client, request, show }) => {
      assertKind(client, 'UniqueCode', undefined);
      show({
        heading: 'Controleer stemcode',
        form: {
          action: toPage('/auth/code/login', client, redirectUriIn(request)),
          fields: [{ name: 'unique_code', type: 'text' }],
        },
      });
    }),
  );
  routes.post(
    '/auth/code/login',
    csrf,
    visit(({ client, request, logIn, say, goTo }) => {
      const given = collated(textIn(request, 'unique_code'));
      if (client.uniqueCodes?.some((code) => collated(code) === given) !== true) {
        say('Vul een geldige stemcode in. Heb je een typefout gemaakt? Stemcodes zijn hoofdlettergevoelig.');
        goTo(toAuthorize(client, redirectUriIn(request)).replace('/dialog/authorize', '/auth/code/login'));
        return;
      }
      const key = JSON.stringify([client.clientId, given]);
      const known = store.byId(owners.get(key) ?? NaN);
      const person = known ?? store.insert({ extraData: null });
      if (known === undefined) {
        owners.set(key, person.id);
        store.setRole(person.id, client.id, memberRole);
        store.overwrite({ ...person, uniqueCodesAt: [client.clientId] });
      }
      logIn(person);
      goTo(toAuthorize(client, redirectUriIn(request)));
    }),
  );
  return routes;
};
