import express, { type Router } from 'express';

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
    response.send(page);
  });
  routes.get('/site.js', (_request, response) => {
    response.type('js').send(script(apiUrl));
  });
  return routes;
};

const page = `<!doctype html>
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
