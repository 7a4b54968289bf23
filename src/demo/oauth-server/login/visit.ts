import type { Request, RequestHandler, Response } from 'express';
import { askedClient } from '../clients.ts';
import type { ClientSpec, OauthMail } from '../options.ts';
import { roleName } from '../shapes.ts';
import type { PersonRow } from '../state.ts';
import type { Store } from '../store.ts';
import { redirectUriIn, toLogin } from './kinds.ts';
import { formPage, type Field, type FormPage } from '../pages.ts';
import { browserSessions, type Session } from './session.ts';

/** One request of a browser to a page of a client. */
export interface Visit {
  readonly request: Request;
  readonly response: Response;
  readonly client: ClientSpec;
  readonly session: Session;
  /** Whoever is logged in. */
  readonly person: PersonRow | undefined;
  /** With what waits to be said, and in a form the fields that every form has. */
  readonly show: (page: FormPage) => void;
  readonly say: (message: string) => void;
  readonly goTo: (address: string) => void;
  readonly logIn: (person: PersonRow) => void;
}
export interface LoginWorld {
  readonly store: Store;
  readonly clients: readonly ClientSpec[];
  readonly ownUrl: () => string;
  readonly mails: OauthMail[];
  /** Leaves the cookie that forms need, and refuses what is posted without it. */
  readonly csrf: RequestHandler;
  /** A handler of a page of a client; without a client it throws, as theirs do. */
  readonly visit: (handle: (visit: Visit) => void) => RequestHandler;
  /** A handler of a page for whoever is logged in; others are sent to the login first. */
  readonly visitOfPerson: (handle: (visit: Visit & { readonly person: PersonRow }) => void) => RequestHandler;
  readonly roleOf: (person: PersonRow, client: ClientSpec) => string | undefined;
}

export const loginWorld = (parts: Pick<LoginWorld, 'store' | 'clients' | 'ownUrl' | 'mails'>): LoginWorld => {
  const { store, clients } = parts;
  const sessions = browserSessions();
  const visitOf = (request: Request, response: Response): Visit => {
    const client = askedClient(clients, request);
    if (client === undefined) throw new Error('No Client found for clientID');
    const session = sessions.of(request, response);
    return {
      ...{ request, response, client, session },
      person: session.userId === undefined ? undefined : store.byId(session.userId),
      show: ({ form, ...page }) => {
        const messages = session.messages.splice(0);
        const own: readonly Field[] = [
          { name: '_csrf', type: 'hidden', value: sessions.csrfToken(response) },
          { name: 'clientId', type: 'hidden', value: client.clientId },
        ];
        const whole = form === undefined ? {} : { form: { ...form, fields: [...own, ...form.fields] } };
        response.send(formPage({ ...page, messages, ...whole }));
      },
      say: (message) => session.messages.push(message),
      goTo: (address) => {
        response.redirect(address);
      },
      logIn: ({ id }) => {
        session.userId = id;
        session.twoFactorValid = false;
      },
    };
  };
  const visit: LoginWorld['visit'] = (handle) => (request, response) => {
    handle(visitOf(request, response));
  };
  return {
    ...parts,
    csrf: sessions.csrf,
    visit,
    visitOfPerson: (handle) =>
      visit((visited) => {
        const { person, session, client, request, goTo } = visited;
        if (person !== undefined) handle({ ...visited, person });
        else if (session.userId === undefined) goTo(toLogin('/login', client, request));
        // Deleted meanwhile.
        else goTo(`/logout?&client_id=${client.clientId}&redirect_uri=${redirectUriIn(request)}`);
      }),
    roleOf: (person, client) => roleName(store.rolesOf(person.id), client.id),
  };
};
