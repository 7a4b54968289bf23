import { civitas } from '../client/index.ts';
import { isSignedOut, session, signedOut } from './session.ts';

/**
 * Everything that the console asks goes through here: the client, with the cookie of the session, and the header that no form can send.
 * It names the session that this page shows, so that a tab that is left open never acts as somebody who has logged in beside it.
 * Whatever is refused for want of a session leads to the way in, wherever it was asked; whoever may not has perhaps become less.
 */
export const api = civitas({
  url: location.origin,
  fetch: async (address, { headers, ...options } = {}) => {
    const response = await fetch(address, {
      ...options,
      headers: { ...Object.fromEntries(new Headers(headers)), 'X-Civitas-Console': session.peek()?.id ?? '1' },
      credentials: 'same-origin',
    });
    if (response.status === 401) signedOut();
    if (response.status === 403) void lookAgain();
    return response;
  },
});

let isLooking = false;
/** Asks once more who works here. Where there is no answer, what is asked next will say so. */
export const lookAgain = async (): Promise<void> => {
  if (isLooking || isSignedOut.peek() || session.peek() === null) return;
  isLooking = true;
  try {
    session.value = await api.call('listSessions');
  } catch {
    // Of a session that has ended everybody was told above.
  } finally {
    isLooking = false;
  }
};
