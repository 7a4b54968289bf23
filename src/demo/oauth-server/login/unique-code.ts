import express, { type Router } from 'express';
import { collated } from '../collation.ts';
import { redirectUriIn, toAuthorize, toPage } from './addresses.ts';
import { assertKind } from './kinds.ts';
import { textIn } from './session.ts';
import type { LoginWorld } from './visit.ts';

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
