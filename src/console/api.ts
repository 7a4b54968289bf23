import { signal } from '@preact/signals';
import { civitas } from '../client/index.ts';
import { areSitesCut, everySite, isPlatformAdmin, isSignedOut, lastChange, session, signedOut } from './session.ts';

/**
 * Everything that the console asks goes through here: the client, with the cookie of the session, and the header that no form can send.
 * It names the session that this page shows, so that a tab that is left open never acts as somebody who has logged in beside it.
 * Whatever is refused for want of a session leads to the way in, wherever it was asked; whoever may not has perhaps become less.
 */
export const api = civitas({
  url: location.origin,
  fetch: async (address, { headers, ...options } = {}) => {
    const ask = (): Promise<Response> =>
      fetch(address, {
        ...options,
        headers: { ...Object.fromEntries(new Headers(headers)), 'X-Civitas-Console': session.peek()?.id ?? '1' },
        credentials: 'same-origin',
        // Nothing of anybody stays in what a browser keeps of answers.
        cache: 'no-store',
      });
    const response = await (isChange(address, options.method) ? told(ask) : ask());
    if (response.status === 401) signedOut(isOfEnded(response));
    if (response.status === 403) void lookAgain();
    return response;
  },
});

/** Something is to be done; that it is over with the session is told by what follows it. */
const isChange = (address: RequestInfo | URL, method = 'GET'): boolean =>
  method !== 'GET' && address !== `${location.origin}/oauth/console/logout`;

/** Its page tells what became of it, while there is one: else the way in does. */
const told = async (ask: () => Promise<Response>): Promise<Response> => {
  lastChange.value = 'underWay';
  try {
    const response = await ask();
    const { ok, status } = response;
    const isOver = status === 401 || isSignedOut.peek();
    lastChange.value = !isOver ? null : ok ? 'done' : status < 500 ? 'undone' : 'unsure';
    return response;
  } catch (error) {
    lastChange.value = isSignedOut.peek() ? 'unsure' : null;
    throw error;
  }
};

/** Whoever shows no session never had one here; else it counts no more. */
const isOfEnded = ({ headers }: Response): boolean =>
  headers.get('WWW-Authenticate')?.includes('invalid_token') === true;

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

/** Why not all sites are known that there are; null: they are, or are being read. */
export const unreadSites = signal<unknown>(null);
/** Where a session tells a platform admin of the first sites only: reads the others. */
export const readSites = async (): Promise<void> => {
  if (!areSitesCut() || !isPlatformAdmin()) return;
  unreadSites.value = null;
  try {
    everySite.value = (await api.sites.list()).map(({ id, title }) => ({ id, title }));
  } catch (error) {
    unreadSites.value = error;
  }
};
