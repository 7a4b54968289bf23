import type { PersonRow } from './state.ts';
import express, { type Request, type Router } from 'express';

const escapes = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' } as const;
const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => escapes[sign as keyof typeof escapes]);

const languages = ['en', 'nl'] as const;
type Language = (typeof languages)[number];

const page = (title: string, body: string, language: Language = 'en'): string => `<!DOCTYPE html>
<html lang="${language}">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1.0">
  <title>${escaped(title)}</title>
</head>
<body>
  <p><strong>${words[language].warning}</strong></p>
  ${body}
</body>
</html>
`;

/** What the demo's own page says; those that stand for real ones speak as these do. */
const words: Readonly<Record<Language, Readonly<Record<'title' | 'heading' | 'warning', string>>>> = {
  en: {
    title: 'Log in',
    heading: 'Log in as',
    warning: 'Development only: this server lets anybody in as anybody.',
  },
  nl: {
    title: 'Inloggen',
    heading: 'Inloggen als',
    warning: 'Alleen om te ontwikkelen: deze server laat iedereen binnen als wie dan ook.',
  },
};

/** One button per person; `action` is where they are posted to. In the language that the browser asks for. */
export const loginPage = (people: readonly PersonRow[], action: string, request: Request): string => {
  const wanted = request.acceptsLanguages([...languages]);
  const language = languages.find((one) => one === wanted) ?? languages[0];
  const { title, heading } = words[language];
  const list = people.map((person) => button(person, action)).join('');
  return page(title, `<h1>${heading}</h1>\n  <ul>${list}\n  </ul>`, language);
};

export const homePage = (): string => page('Development OAuth server', '<h1>Development OAuth server</h1>');

export const errorPage = (): string => page('', '<h1>500</h1>');

export const notFoundPage = (): string => page('', '<h1>404</h1>');

const button = (person: PersonRow, action: string): string => {
  const name = [person.firstName, person.lastName].filter(Boolean).join(' ') || `person ${person.id}`;
  return `
    <li><form method="post" action="${escaped(action)}">
      <button name="userId" value="${person.id}">${escaped(name)}</button> ${escaped(person.email ?? 'no address')}
    </form></li>`;
};

export interface Field {
  readonly name: string;
  readonly type: 'text' | 'email' | 'password' | 'hidden';
  readonly value?: string;
}
export interface FormPage {
  readonly heading: string;
  readonly messages?: readonly string[];
  readonly form?: { readonly action: string; readonly fields: readonly Field[] };
  readonly links?: readonly { readonly text: string; readonly href: string }[];
  /** Shown, and not sent. */
  readonly secret?: string;
}

/** A page of theirs, by what a browser does with it: its heading, what it says, its form and its links. */
export const formPage = ({ heading, messages = [], form, links = [], secret }: FormPage): string =>
  page(
    heading,
    [
      `<h1>${escaped(heading)}</h1>`,
      ...messages.map((message) => `<p class="message">${escaped(message)}</p>`),
      ...(secret === undefined ? [] : [`<code>${secret}</code>`]),
      ...(form === undefined
        ? []
        : [
            `<form method="POST" action="${escaped(form.action)}">`,
            ...form.fields.map(inputOf),
            '<button>Verder</button></form>',
          ]),
      ...links.map(({ text, href }) => `<a href="${escaped(href)}">${escaped(text)}</a>`),
    ].join('\n  '),
  );

const inputOf = ({ name, type, value }: Field): string =>
  `<input name="${escaped(name)}" type="${type}"${value === undefined ? '' : ` value="${escaped(value)}"`}${type === 'hidden' ? '' : ' required'}>`;

/**
 * A page of a site, as far as the demo needs one: a login leads here, the token is taken out of the address, and the API is asked
 * who that is. It stands beside the login pages, as another origin than the API, which the demo's sites allow.
 */
export const landing = (apiUrl: string): Router => {
  const routes = express.Router();
  const policy = `default-src 'none'; script-src 'self'; connect-src ${apiUrl}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
  routes.get('/site', (_request, response) => {
    response.set({
      'Content-Security-Policy': policy,
      'Referrer-Policy': 'no-referrer',
      'Cache-Control': 'no-store',
    });
    response.send(sitePage);
  });
  routes.get('/site.js', (_request, response) => {
    response.type('js').send(script(apiUrl));
  });
  return routes;
};

const sitePage = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>A page of a site</title>
    <script src="/site.js" defer></script>
  </head>
  <body>
    <h1>A page of a site</h1>
    <p id="who">…</p>
    <p><a id="login" href="">Log in</a> <button id="logout" hidden>Log out</button></p>
    <pre id="me"></pre>
  </body>
</html>
`;

const script = (apiUrl: string): string => `const api = ${JSON.stringify(apiUrl)};
const query = new URLSearchParams(location.search);
const site = /^\\d+$/.test(query.get('site') ?? '') ? query.get('site') : '1';
const token = query.get('jwt');
const here = location.origin + '/site?site=' + site;
const at = (name) => document.getElementById(name);
// A token in an address is seen by whoever looks over a shoulder, and stays in the history.
history.replaceState(null, '', here);
const ask = (method, path) => fetch(api + '/oauth/site/' + site + path, { method, headers: token ? { Authorization: 'Bearer ' + token } : {} });
const show = async () => {
  const answer = await ask('GET', '/me');
  const me = await answer.json();
  at('who').textContent = answer.status === 200 ? 'You are ' + (me.displayName ?? 'nobody') + '.' : 'You are logged out (' + answer.status + ').';
  at('me').textContent = JSON.stringify(me, null, 2);
  at('logout').hidden = answer.status !== 200 || !token;
};
at('login').href = api + '/oauth/site/' + site + '/login?forceNewLogin=1&redirectUrl=' + encodeURIComponent(here);
at('logout').addEventListener('click', async () => {
  await ask('POST', '/logout');
  await show();
});
show();
`;
