import type { OauthClient } from '../../src/domain/sites/oauth-client.ts';
import { checkOauthServers } from '../../src/use-cases/sites/check-oauth-servers.ts';
import { aSite } from '../support/builders.ts';
import { fakeIdentityProvider } from '../support/fakes/identity-provider.ts';
import { fakeSettings } from '../support/fakes/settings.ts';
import { startFakes } from '../support/fakes/index.ts';

/** oauth-server.md §1 "Addresses": which sites are told to look through their settings. */
const issuer = 'https://oauth.example';
const inside = 'http://oauth.internal:8000';
const globalOauthClient: OauthClient = {
  issuer,
  internalUrl: inside,
  clientId: 'global',
  clientSecret: 'secret',
  adapter: 'openstad',
  settings: {},
};
const readingBy = (internal: string) => ({
  oauth: {
    default: {
      'auth-server-url': issuer,
      'auth-internal-server-url': internal,
      'auth-client-id': 'own',
      'auth-client-secret': 'secret',
    },
  },
});

test('a site that reads a server by an address of its own is named: neither one by the global address, nor one by the plain', async () => {
  const fakes = startFakes();
  fakes.world.put.site(aSite({ id: 1 }), aSite({ id: 2, config: readingBy(issuer) }));
  fakes.world.put.site(aSite({ id: 3, config: readingBy('http://elsewhere.example') }));
  const settings = fakeSettings({
    globalOauthClient,
    allowedOauthHosts: ['oauth.example', 'oauth.internal:8000', 'elsewhere.example'],
  });

  const states = await checkOauthServers({ ...fakes, settings, identity: fakeIdentityProvider(['global', 'own']) })();

  const remedyOf = (siteId: number) => states.find(({ siteIds }) => siteIds.includes(siteId))?.remedy;
  expect([remedyOf(1), remedyOf(2)]).toEqual([null, null]);
  expect(remedyOf(3)).toMatch(/settings of site 3: they read elsewhere\.example otherwise/);
});
