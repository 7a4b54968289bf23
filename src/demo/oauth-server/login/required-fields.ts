import express, { type Router } from 'express';
import { profileFields, type ProfileField } from '../../../domain/people/oauth-profile.ts';
import type { ClientSpec } from '../options.ts';
import type { PersonRow } from '../state.ts';
import { redirectUriIn, toAuthorize, toPage } from './addresses.ts';
import { textIn } from './session.ts';
import type { LoginWorld } from './visit.ts';

/** What a client wants to know of everybody, and this person has not said. */
export const missingFields = ({ requiredUserFields = [] }: ClientSpec, person: PersonRow): readonly string[] =>
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
