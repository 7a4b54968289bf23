import { Fault } from '../../../src/domain/fault.ts';
import type { LoginProvider } from '../../../src/use-cases/sessions/commands.ts';

export const oauthUrl = 'https://oauth.example.org';

/** `default` loses `state`, as OpenStad's server does; `second` keeps it; others are not there. The code `good` is the only good one. */
export const fakeWayIn = (provider: string): LoginProvider => {
  if (provider !== 'default' && provider !== 'second')
    throw new Fault('oauth-not-configured', { provider }, 'This site has no OAuth server of that name.');
  return {
    issuer: oauthUrl,
    clientId: 'one',
    afterLogin: provider === 'default' ? 'https://www.example.org/welcome?jwt=[[jwt]]' : null,
    stateIsIn: provider === 'default' ? 'redirect-uri' : 'state',
    authorizationAddress: async ({ redirectUri, privileged, state }) => {
      const own = { redirect_uri: redirectUri, response_type: 'code', client_id: 'one', scope: 'offline' };
      const more = provider === 'default' ? {} : { state, code_challenge: 'challenge' };
      const path = privileged ? '/auth/admin/login' : '/dialog/authorize';
      return `${oauthUrl}${path}?${new URLSearchParams({ ...own, ...more }).toString()}`;
    },
    exchange: async ({ address }) => {
      if (new URL(address).searchParams.get('code') !== 'good') throw new Fault('login-refused', { reason: 'code' });
      return { profile: { externalId: '1007' }, accessToken: 'access', accessTokenExpiresAt: null, sid: null };
    },
    logoutAddress: async (redirectUrl) => `${oauthUrl}/logout?redirectUrl=${encodeURIComponent(redirectUrl)}`,
  };
};
