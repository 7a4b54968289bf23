import { civitas } from '../client/index.ts';

/** Everything that the console asks goes through here: the client, with the cookie of the session, and the header that no form can send. */
export const api = civitas({
  url: location.origin,
  fetch: (address, { headers, ...options } = {}) =>
    fetch(address, {
      ...options,
      headers: { ...Object.fromEntries(new Headers(headers)), 'X-Civitas-Console': '1' },
      credentials: 'same-origin',
    }),
});
