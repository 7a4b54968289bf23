import { Fault, isFault } from '../../domain/fault.ts';
import { oauthClientOf, type OauthClient } from '../../domain/sites/oauth-client.ts';
import type { EndedLogin } from '../../ports/identity-provider.ts';
import type { Ports } from '../../ports/index.ts';
import { loginName } from '../person-keys.ts';
import { saveChanged } from '../person-sync/write-rows.ts';
import type { EndLoginCommand, SessionToEnd } from './commands.ts';

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

type Needs = Pick<Ports, 'identity' | 'sessions' | 'persons' | 'replays' | 'secrets' | 'settings' | 'inOneTransaction'>;

/**
 * The OAuth server says that a login has ended there (back-channel logout): the sessions that came of it end here, at every site;
 * where it names no login, all sessions of the person. One that is unknown here is no failure. Each message counts once.
 * Faults: `oauth-not-configured`, `oauth-unsupported`, `malformed-request` for a message that does not hold, those of the OAuth server.
 * Source: oauth-server.md §2; OpenID Connect Back-Channel Logout 1.0, 2.6 to 2.8.
 */
export const endLogin =
  (ports: Needs) =>
  async ({ site, provider, message }: EndLoginCommand): Promise<void> => {
    const client = oauthClientOf(site, provider, ports.settings.globalOauthClient);
    if (client === null)
      throw new Fault('oauth-not-configured', { provider }, 'This site has no OAuth server of that name.');
    const ended = await believed(ports, client, message);
    await ports.inOneTransaction(async () => {
      await mustBeNew(ports, client, ended);
      if (ended.sid !== null) await ports.sessions.endOfSid(loginName(ports.secrets, client.issuer, ended.sid));
      else if (ended.externalId !== null) await endAll(ports, client, ended.externalId);
    });
  };

const believed = async ({ identity }: Needs, client: OauthClient, message: string): Promise<EndedLogin> => {
  try {
    return await identity.endedLogin(client, message);
  } catch (error) {
    if (isFault(error, 'login-refused')) throw doesNotHold();
    throw error;
  }
};

/** Said once more, it could end a login of later. The memory is longer than a message is believed. */
const mustBeNew = async ({ replays, secrets }: Needs, client: OauthClient, { jti }: EndedLogin): Promise<void> => {
  const scope = secrets.fingerprint('ended login', JSON.stringify([client.issuer, client.clientId, jti]));
  if ((await replays.find(scope)) !== null) throw doesNotHold();
  await replays.remember(scope, { body: '', summary: '' });
};

const endAll = async ({ persons, sessions }: Needs, { issuer }: OauthClient, externalId: string): Promise<void> => {
  const person = await persons.byExternalId(issuer, externalId);
  if (person !== null) await sessions.endOfPerson(person.id);
};

const doesNotHold = (): Fault<'malformed-request'> => {
  const detail = 'is no logout token of this OAuth server for this site, is too old, or was used before';
  return new Fault('malformed-request', { errors: [{ pointer: 'logout_token', detail }] }, `logout_token ${detail}.`);
};
