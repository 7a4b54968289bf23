import express, { type Router } from 'express';
import { encodedUnlessItSeemsSo, redirectUriIn, toAuthorize, toPage } from './addresses.ts';
import { isPassword, newSecret } from './one-time-password.ts';
import { textIn } from './session.ts';
import type { LoginWorld } from './visit.ts';

/** The code of an authenticator app, asked of the roles that the client says; the first time the app is set up. */
export const twoFactorRoutes = ({ csrf, visitOfPerson }: LoginWorld): Router => {
  const routes = express.Router();
  /** By person; in memory: after a restart the app is set up anew. */
  const secrets = new Map<number, string>();
  const configured = new Set<number>();
  const assertNotYet = (id: number): void => {
    if (configured.has(id)) throw new Error('Not allowed to configure two factor token again.');
  };
  routes.use('/auth/two-factor', csrf);
  routes.get(
    '/auth/two-factor',
    visitOfPerson(({ client, request, person, show, goTo }) => {
      if (!configured.has(person.id)) {
        goTo(toPage('/auth/two-factor/configure', client, encodedUnlessItSeemsSo(request)));
        return;
      }
      show({
        heading: 'Valideer two factor token',
        form: {
          action: `/auth/two-factor?&clientId=${client.clientId}&redirect_uri=${redirectUriIn(request)}`,
          fields: [{ name: 'twoFactorToken', type: 'text' }],
        },
      });
    }),
  );
  routes.post(
    '/auth/two-factor',
    visitOfPerson(({ client, request, person, session, say, goTo }) => {
      if (isPassword(secrets.get(person.id) ?? '', textIn(request, 'twoFactorToken'))) {
        session.twoFactorValid = true;
        goTo(toAuthorize(client, redirectUriIn(request)));
        return;
      }
      say('Two factor validatie is niet gelukt, probeer het nogmaals.');
      goTo(request.get('referer') ?? toPage('/login', client, encodedUnlessItSeemsSo(request)));
    }),
  );
  routes.get(
    '/auth/two-factor/configure',
    visitOfPerson(({ client, request, person, show }) => {
      assertNotYet(person.id);
      const secret = secrets.get(person.id) ?? newSecret();
      secrets.set(person.id, secret);
      show({
        heading: 'Configureer je two-factor app',
        secret,
        form: {
          action: `/auth/two-factor/configure?&clientId=${client.clientId}&redirect_uri=${redirectUriIn(request)}`,
          fields: [],
        },
      });
    }),
  );
  routes.post(
    '/auth/two-factor/configure',
    visitOfPerson(({ client, request, person, say, goTo }) => {
      assertNotYet(person.id);
      configured.add(person.id);
      say('Two factor authentication configured!');
      goTo(toPage('/auth/two-factor', client, encodedUnlessItSeemsSo(request)));
    }),
  );
  return routes;
};
