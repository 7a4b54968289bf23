import { randomBytes } from 'node:crypto';
import express, { type Request, type Router } from 'express';
import { redirectUriIn, toAuthorize, toPage, assertKind, isPrivileged } from './kinds.ts';
import { textIn } from './session.ts';
import type { LoginWorld } from './visit.ts';

const lifeMs = 10 * 60 * 1000;

/** `Url`: a link by e-mail, good once within ten minutes, in whatever browser it is opened. */
export const emailLinkRoutes = ({ store, csrf, visit, roleOf, ownUrl, mails }: LoginWorld): Router => {
  const routes = express.Router();
  const tokens = new Map<string, { readonly userId: number; readonly until: number }>();
  routes.get(
    '/auth/url/login{/:route}',
    csrf,
    visit(({ client, request, response, show }) => {
      assertKind(client, 'Url', request.params['route']);
      response.set('Cache-Control', 'no-store, no-cache, must-revalidate, proxy-revalidate');
      show({
        heading: 'Registreren of inloggen per e-mail',
        form: {
          action: `?&clientId=${client.clientId}&redirect_uri=${redirectUriIn(request)}`,
          fields: [{ name: 'email', type: 'email' }],
        },
      });
    }),
  );
  routes.post(
    '/auth/url/login{/:route}',
    csrf,
    visit(({ client, request, person: present, say, goTo }) => {
      const failed = (address: string): void => {
        say('Het is niet gelukt om de e-mail te versturen!');
        goTo(address);
      };
      const { config = {} } = client;
      const redirectUri = config.emailRedirectUrl ?? redirectUriIn(request);
      const email = textIn(request, 'email');
      const known = store.byEmail(email);
      // Meant to give the address to the anonymous person; it breaks inside.
      const isAnonymous = known === undefined && present?.email === null;
      if (isAnonymous || (known === undefined && config.users?.canCreateNewUsers === false)) {
        failed(request.get('referer') ?? '/auth/url/login');
        return;
      }
      // A new person is made before the link is opened.
      const person = known ?? store.insert({ email, extraData: null });
      if (request.params['route'] === 'admin' && !isPrivileged(roleOf(person, client))) {
        failed(toPage('/auth/url/login', client, redirectUri));
        return;
      }
      const token = randomBytes(16).toString('hex');
      tokens.set(token, { userId: person.id, until: Date.now() + lifeMs });
      const link = `${ownUrl()}/auth/url/authenticate?token=${token}&clientId=${client.clientId}&redirect_uri=${redirectUri}`;
      mails.push({ to: email, link });
      say(`De e-mail is verstuurd naar: ${person.email ?? ''}`);
      goTo(toPage('/auth/url/confirmation', client, redirectUri));
    }),
  );
  routes.get(
    '/auth/url/confirmation',
    csrf,
    visit(({ client, request, show }) => {
      const again = `/login?&clientId=${client.clientId}&redirect_uri=${redirectUriIn(request)}`;
      show({ heading: 'E-mail verstuurd!', links: [{ text: 'probeer het opnieuw', href: again }] });
    }),
  );
  routes.get(
    '/auth/url/authenticate',
    csrf,
    visit(({ show }) => {
      show({ heading: 'Inloggen', form: { action: '', fields: [] } });
    }),
  );
  routes.post(
    '/auth/url/authenticate',
    csrf,
    visit(({ client, request, logIn, say, goTo }) => {
      const held = tokens.get(tokenIn(request));
      const person = held === undefined || held.until < Date.now() ? undefined : store.byId(held.userId);
      if (person === undefined) {
        say('De url is geen geldige login url, wellicht is deze verlopen');
        goTo(toPage('/auth/url/login', client, redirectUriIn(request)));
        return;
      }
      for (const [token, { userId }] of tokens) if (userId === person.id) tokens.delete(token);
      logIn(person);
      goTo(toAuthorize(client, redirectUriIn(request)));
    }),
  );
  return routes;
};

const tokenIn = ({ query }: Request): string => (typeof query['token'] === 'string' ? query['token'] : '');
