import { civitas } from '../client/index.ts';
import { session } from './session.ts';

/**
 * Everything that the console asks goes through here: the client, with the cookie of the session, and the header that no form can send.
 * It names the session that this page shows, so that a tab that is left open never acts as somebody who has logged in beside it.
 */
export const api = civitas({
  url: location.origin,
  fetch: (address, { headers, ...options } = {}) =>
    fetch(address, {
      ...options,
      headers: { ...Object.fromEntries(new Headers(headers)), 'X-Civitas-Console': session.peek()?.id ?? '1' },
      credentials: 'same-origin',
    }),
});
