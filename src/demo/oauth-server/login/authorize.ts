import express, { type Router } from 'express';
import type { Codes } from '../tokens.ts';
import type { ClientSpec } from '../options.ts';
import type { PersonRow } from '../state.ts';
import { isAllowed, redirectUriIn, toPage, withParameters, isPrivileged, toAuthorize } from './kinds.ts';
import type { LoginWorld } from './visit.ts';
import { profileFields, type ProfileField } from '../../../domain/people/oauth-profile.ts';
import { textIn } from './session.ts';

/** Where a login begins and ends: first the person, then what the client asks of them, at last a code for an allowed address. */
export const authorizeRoutes = ({ roleOf, visitOfPerson }: LoginWorld, codes: Codes): Router => {
  const routes = express.Router();
  routes.get(
    '/dialog/authorize',
    visitOfPerson(({ client, request, person, session, goTo }) => {
      const role = roleOf(person, client);
      if (missingFields(client, person).length > 0) {
        goTo(toPage('/auth/required-fields', client, redirectUriIn(request)));
        return;
      }
      if (client.twoFactorRoles?.includes(role ?? 'member') === true && session.twoFactorValid !== true) {
        goTo(toPage('/auth/two-factor', client, redirectUriIn(request)));
        return;
      }
      if (needsCode(client, person) && !isPrivileged(role)) {
        // redirect_uri gets lost here.
        goTo(`/login?clientId=${client.clientId}`);
        return;
      }
      const { redirect_uri: redirectUri, client_id: clientId, response_type: type, state } = request.query;
      if (clientId === undefined || type !== 'code' || !isAllowed(client, redirectUri))
        throw new Error('Unauthorized: no response_type, or an address that is not allowed');
      const echoed = typeof state === 'string' ? { state } : {};
      goTo(withParameters(redirectUri, { code: codes.issue(person.id, client.clientId), ...echoed }));
    }),
  );
  return routes;
};

const needsCode = ({ authTypes, clientId }: ClientSpec, { uniqueCodesAt }: PersonRow): boolean =>
  authTypes?.includes('UniqueCode') === true && uniqueCodesAt?.includes(clientId) !== true;

/** What a client wants to know of everybody, and this person has not said. */
const missingFields = ({ requiredUserFields = [] }: ClientSpec, person: PersonRow): readonly string[] =>
  requiredUserFields.filter((name) => !isField(name) || (person[name] ?? '') === '');

export const requiredFieldRoutes = ({ store, csrf, visitOfPerson }: LoginWorld): Router => {
  const routes = express.Router();
  routes.use('/auth/required-fields', csrf);
  routes.get(
    '/auth/required-fields',
    visitOfPerson(({ client, request, person, show, goTo }) => {
      const missing = missingFields(client, person);
      if (missing.includes('email')) {
        if (client.authTypes?.some((type) => type === 'Url' || type === 'Local') !== true)
          throw new Error('E-mail is required but no auth type enabled that is able to validate it properly');
        goTo(toPage('/login', client, redirectUriIn(request)));
        return;
      }
      if (!missing.every(isField)) throw new TypeError('a required field that is none');
      show({
        heading: 'Aanvullende gegevens',
        form: {
          action: `/auth/required-fields?redirect_uri=${redirectUriIn(request)}`,
          fields: missing.map((name) => ({ name, type: 'text' })),
        },
      });
    }),
  );
  routes.post(
    '/auth/required-fields',
    visitOfPerson(({ client, request, person, goTo }) => {
      const said = (client.requiredUserFields ?? [])
        .filter(isField)
        .filter((name) => textIn(request, name) !== '' && (name !== 'email' || person.email === null))
        .map((name) => [name, textIn(request, name)] as const);
      store.change(person, Object.fromEntries(said));
      goTo(toAuthorize(client, redirectUriIn(request)));
    }),
  );
  return routes;
};

const isField = (name: string): name is ProfileField => (profileFields as readonly string[]).includes(name);
