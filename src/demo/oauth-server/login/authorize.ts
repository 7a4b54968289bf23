import express, { type Router } from 'express';
import type { Codes } from '../codes.ts';
import type { ClientSpec } from '../options.ts';
import type { PersonRow } from '../state.ts';
import { isAllowed, redirectUriIn, toPage, withParameters } from './addresses.ts';
import { isPrivileged } from './kinds.ts';
import { missingFields } from './required-fields.ts';
import type { LoginWorld } from './visit.ts';

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
