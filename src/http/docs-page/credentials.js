import { element } from './elements.js';

/**
 * What whoever reads this page has given to be sent along.
 * @typedef {{ token: string, asXAuthorization: boolean, managementToken: string, key: string, secret: string }} Credentials
 */

/** Where the demo keeps the token, in this tab only; anywhere else nothing is kept, as a token in a browser's store is one lost. */
const kept = 'civitas-token';

/**
 * The fields for who asks: the token that people have first, everything else behind it.
 * @param {string | null} demoToken The demo's token to fill in; null: this is no demo.
 * @returns {{ readonly form: HTMLElement, readonly credentials: Credentials }}
 */
export const credentialFields = (demoToken) => {
  /** @type {Credentials} */
  const credentials = { token: '', asXAuthorization: false, managementToken: '', key: '', secret: '' };
  if (demoToken !== null) credentials.token = sessionStorage.getItem(kept) ?? '';
  /** @param {string} token */
  const useToken = (token) => {
    credentials.token = token;
    if (demoToken !== null) sessionStorage.setItem(kept, token);
  };
  const token = field('token', 'Token', credentials.token, useToken);
  const management = field('management-token', 'Token of a management client', '', (value) => {
    credentials.managementToken = value;
  });
  const form = element(
    'section',
    { class: 'credentials', 'aria-labelledby': 'who' },
    element('h2', { id: 'who' }, 'Who asks'),
    element(
      'p',
      {},
      'Without a token you are a visitor. The token that a login gave you, or a fixed token, is sent with every call below.',
    ),
    element(
      'div',
      { class: 'row' },
      token.label,
      demoToken === null
        ? null
        : element(
            'button',
            {
              type: 'button',
              id: 'fill-in',
              onclick: () => {
                token.input.value = demoToken;
                useToken(demoToken);
              },
            },
            `Fill in ${demoToken}`,
          ),
    ),
    element(
      'p',
      { class: 'note' },
      demoToken === null
        ? 'It stays on this page: a reload forgets it.'
        : 'This is the demo: here, and only here, the token survives a reload.',
    ),
    element(
      'details',
      {},
      element('summary', {}, 'Other ways in: X-Authorization, and back offices'),
      checkbox('x-authorization', 'Send the token as X-Authorization', (isOn) => {
        credentials.asXAuthorization = isOn;
      }),
      element(
        'p',
        {},
        'Calls under /api/v1 take the token of a management client, or its API key alone for what is public.',
      ),
      element(
        'div',
        { class: 'row' },
        field('api-key', 'API key', '', (value) => {
          credentials.key = value;
        }).label,
        field('secret', 'Secret', '', (value) => {
          credentials.secret = value;
        }).label,
      ),
      element('div', { class: 'row' }, management.label, tokenButton(credentials, management.input)),
    ),
  );
  return { form, credentials };
};

/**
 * @param {Credentials} credentials
 * @param {HTMLInputElement} input
 * @returns {HTMLElement}
 */
const tokenButton = (credentials, input) => {
  const said = element('span', { role: 'status' });
  const ask = async () => {
    said.textContent = 'Asking …';
    const answer = await fetch('/oauth/token', {
      method: 'POST',
      credentials: 'omit',
      headers: { Authorization: basic(credentials), 'Content-Type': 'application/x-www-form-urlencoded' },
      body: 'grant_type=client_credentials&scope=admin',
    });
    /** @type {{ access_token?: string, error_description?: string }} */
    const body = await answer.json();
    input.value = credentials.managementToken = body.access_token ?? '';
    said.textContent = answer.ok ? 'It counts for two hours.' : (body.error_description ?? String(answer.status));
  };
  return element(
    'span',
    {},
    element('button', { type: 'button', onclick: () => void ask() }, 'Get a token by key and secret'),
    ' ',
    said,
  );
};

/**
 * @param {string} id
 * @param {string} name
 * @param {string} value
 * @param {(value: string) => void} use
 */
const field = (id, name, value, use) => {
  const input = element('input', {
    id,
    type: 'text',
    autocomplete: 'off',
    autocapitalize: 'off',
    spellcheck: 'false',
    oninput: () => {
      use(input.value.trim());
    },
  });
  input.value = value;
  return { input, label: element('label', { class: 'field' }, element('span', {}, name), input) };
};

/**
 * @param {string} id
 * @param {string} name
 * @param {(isOn: boolean) => void} use
 */
const checkbox = (id, name, use) => {
  const input = element('input', {
    id,
    type: 'checkbox',
    onchange: () => {
      use(input.checked);
    },
  });
  return element('label', { class: 'check' }, input, ` ${name}`);
};

/** @param {Credentials} credentials */
const basic = ({ key, secret }) => `Basic ${btoa(`${key}:${secret}`)}`;

/**
 * What of it a call takes: headers, and what comes into its query.
 * @param {readonly Readonly<Record<string, readonly string[]>>[]} security The call's, as OpenAPI says it.
 * @param {Credentials} credentials
 * @returns {{ readonly headers: Record<string, string>, readonly query: Record<string, string> }}
 */
export const shown = (security, credentials) => {
  const takes = new Set(security.flatMap((one) => Object.keys(one)));
  const { token, asXAuthorization, managementToken, key, secret } = credentials;
  if (takes.has('managementToken') && managementToken !== '')
    return { headers: { Authorization: `Bearer ${managementToken}` }, query: {} };
  if (takes.has('apiKey') && key !== '') return { headers: {}, query: { api_key: key } };
  if (takes.has('clientSecret') && secret !== '') return { headers: { Authorization: basic(credentials) }, query: {} };
  if (takes.has('bearer') && token !== '')
    return { headers: { [asXAuthorization ? 'X-Authorization' : 'Authorization']: `Bearer ${token}` }, query: {} };
  return { headers: {}, query: {} };
};
