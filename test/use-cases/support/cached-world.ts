import type { Actor, UserRole } from '../../../src/domain/actor.ts';
import { Fault } from '../../../src/domain/fault.ts';
import type { Session } from '../../../src/domain/session.ts';
import type { IdentityProvider } from '../../../src/ports/identity-provider.ts';
import type { Settings } from '../../../src/ports/platform.ts';
import { background } from '../../../src/use-cases/background.ts';
import { actorOf } from '../../../src/use-cases/actor-now.ts';
import type { FoundUser } from '../../../src/use-cases/users/commands.ts';
import { getUser } from '../../../src/use-cases/users/get-user.ts';
import { aPerson, aSite, aUser, anActor } from '../../support/builders.ts';
import { fakeIdentityProvider } from '../../support/fakes/identity-provider.ts';
import { startFakes } from '../../support/fakes/index.ts';
import { fakeSettings } from '../../support/fakes/settings.ts';
import { ampleMs } from '../../support/misbehaving-server.ts';

const issuer = 'https://oauth.example';
type Asked = 'holder' | 'find';

/** One person with rows at two sites of different OAuth clients, logged in at the first, and an OAuth server that can be told to fail. */
export const cachedWorld = async (said: Partial<Settings> = {}) => {
  const fakes = startFakes();
  const identity = fakeIdentityProvider(['client-1', 'client-2']);
  const calls: Record<Asked, number> = { holder: 0, find: 0 };
  const trouble: { instead?: (asked: Asked) => Promise<never> | undefined; cannot?: Asked } = {};
  const asked = async <T>(what: Asked, work: () => Promise<T>): Promise<T> => {
    calls[what] += 1;
    // A call to another machine takes a moment: others come meanwhile.
    await new Promise((resolve) => setTimeout(resolve, 5));
    await trouble.instead?.(what);
    return work();
  };
  const provider: IdentityProvider = {
    ...identity,
    can: (_client, operation) => operation !== trouble.cannot,
    holder: (client, token) => asked('holder', () => identity.holder(client, token)),
    find: (client, id, clientIds) => asked('find', () => identity.find(client, id, clientIds)),
  };
  const ports = { ...fakes, identity: provider, settings: fakeSettings({ oauthTimeLimitMs: ampleMs, ...said }) };
  const inBackground = background(ports);
  const sites = [1, 2].map((id) =>
    aSite({
      id,
      config: {
        oauth: {
          default: { 'auth-server-url': issuer, 'auth-client-id': `client-${id}`, 'auth-client-secret': 'secret' },
        },
      },
    }),
  );
  fakes.world.put.site(...sites);
  const person = aPerson({ issuer, fetchedAt: fakes.clock.now() });
  const { externalId } = person;
  const here = aUser({ siteId: 1, person, email: 'noor@example.org', role: 'moderator' });
  const there = aUser({ siteId: 2, person, email: 'noor@example.org', role: 'member' });
  fakes.world.put.user(here, there);
  const roles = (first: UserRole, second: UserRole): void => {
    identity.people.set(externalId, {
      externalId,
      email: 'noor@example.org',
      roles: { 'client-1': first, 'client-2': second },
    });
  };
  roles('moderator', 'member');
  const jti = 'jti-1';
  const session = async (more: Partial<Session> = {}): Promise<void> => {
    const now = fakes.clock.now();
    await fakes.sessions.open({
      ...{ jti, userId: here.id, provider: 'default', sid: null, checkedAt: now, createdAt: now },
      // An access token of the fake is the external id.
      ...{ accessToken: externalId, accessTokenExpiresAt: new Date(now.getTime() + 86_400_000) },
      expiresAt: new Date(now.getTime() + 40 * 86_400_000),
      ...more,
    });
  };
  const ask = actorOf(ports, inBackground);
  const view = getUser(ports, inBackground);
  return {
    ...{ ports, calls, person, here, there, roles, session, jti },
    log: fakes.log,
    clock: fakes.clock,
    people: identity.people,
    idle: () => inBackground.idle(),
    /** The actor of the session's token, or of one without jti. */
    actor: (named: { readonly jti?: string } = { jti }, whenKnown?: (actor: Actor) => void): Promise<Actor | null> =>
      ask({ userId: here.id, provider: 'default', reach: 'one-site', ...named }, whenKnown),
    /** The same by a session that counts at the site of each row. */
    actorByRows: (): Promise<Actor | null> => ask({ userId: here.id, provider: 'default', reach: 'rows', jti }),
    leaving: (): Promise<Actor | null> =>
      ask({ userId: here.id, provider: 'default', reach: 'one-site', jti, asKnown: true }),
    fixedToken: (): Promise<Actor | null> => ask({ userId: here.id, provider: 'default', reach: 'everywhere' }),
    view: (): Promise<FoundUser> =>
      view({ actor: anActor(), site: sites[0] ?? aSite(), userId: here.id, refresh: false }),
    /** From now on; nothing: the server is well. */
    server: (instead?: (asked: Asked) => Promise<never> | undefined): void => {
      if (instead === undefined) delete trouble.instead;
      else trouble.instead = instead;
    },
    /** A server that has no way to do this. */
    serverCannot: (what: Asked): void => {
      trouble.cannot = what;
    },
    isLoggedIn: async (): Promise<boolean> => (await fakes.sessions.find(jti)) !== null,
  };
};

export const unreachable = (): Promise<never> =>
  Promise.reject(new Fault('oauth-unreachable', { mayHaveHappened: false }));
export const hanging = (): Promise<never> => new Promise(() => undefined);
