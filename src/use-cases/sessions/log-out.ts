import type { Ports } from '../../ports/index.ts';
import { saveChanged } from '../person-sync/write-rows.ts';
import type { SessionToEnd } from './commands.ts';

/**
 * Ends a session, and takes back the access token that an OpenStad API beside us reads. Answers whether there was a session to
 * end: fixed tokens, and those that an OpenStad API made, name none. Source: oauth-server.md §4.
 */
export const logOut =
  (ports: Pick<Ports, 'users' | 'sessions' | 'outbox' | 'settings' | 'clock' | 'inOneTransaction'>) =>
  async ({ userId, jti }: SessionToEnd): Promise<boolean> => {
    if (ports.settings.isBesideOpenstad) await takeBackAccessToken(ports, userId);
    if (jti !== null) await ports.sessions.end(jti);
    return jti !== null;
  };

const takeBackAccessToken = async (
  ports: Pick<Ports, 'users' | 'outbox' | 'clock' | 'inOneTransaction'>,
  userId: number,
): Promise<void> => {
  const { person } = await ports.users.actorRows(userId, null);
  if (person === null) return;
  await ports.inOneTransaction(async () => {
    const rows = (await ports.users.person(person.id, 'locked'))?.rows ?? [];
    const own = rows.filter((row) => row.id === userId);
    await saveChanged(ports, own, (row) => ({ ...row, externalAccessToken: null }), {
      siteOf: () => null,
      through: null,
    });
  });
};
