import { Fault } from '../../domain/fault.ts';
import { oauthClientOf, type OauthClient } from '../../domain/sites/oauth-client.ts';
import type { Ports } from '../../ports/index.ts';
import type { LoginAtSite, LoginProvider } from './commands.ts';

/** The OAuth server that a login at this site goes through, as http speaks with it. Fault `oauth-not-configured` for an unknown name. */
export const loginProvider =
  (ports: Pick<Ports, 'settings' | 'identity'>) =>
  ({ site, provider }: LoginAtSite): LoginProvider => {
    const { identity } = ports;
    const client = loginClient(ports, { site, provider });
    const after = client.settings['after-login-redirect-uri'];
    return {
      issuer: client.issuer,
      clientId: client.clientId,
      afterLogin: after === undefined || after === '' ? null : after,
      stateIsIn: identity.stateIsIn(client),
      authorizationAddress: (wish) => identity.authorizationAddress(client, wish),
      exchange: (answer) => identity.exchange(client, answer),
      logoutAddress: (redirectUrl) => identity.logoutAddress(client, redirectUrl),
    };
  };

/** Who we are at the OAuth server that the site calls so. Fault `oauth-not-configured`. */
export const loginClient = ({ settings }: Pick<Ports, 'settings'>, { site, provider }: LoginAtSite): OauthClient => {
  const client = oauthClientOf(site, provider, settings.globalOauthClient);
  if (client === null)
    throw new Fault('oauth-not-configured', { provider }, 'This site has no OAuth server of that name.');
  return client;
};
