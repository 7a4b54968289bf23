import Joi from 'joi';
import { malformed } from '../requests/validate.ts';
import { route } from '../route.ts';
import { atNamedSite } from '../where.ts';
import { oauthTrouble } from '../problems.ts';

const parameters = Joi.object<{ readonly useOauth?: string }>({
  useOauth: Joi.string()
    .pattern(/^[\w.-]{1,64}$/)
    .messages({ 'string.pattern.base': 'must be the name of OAuth settings' })
    .description("The name of OAuth settings in the site's config; default `default`."),
});
const form = Joi.object({
  logout_token: Joi.string().required().description('A JWT, as OpenID Connect Back-Channel Logout 1.0 says.'),
});

/** Where an OpenID Connect server tells that a login has ended. Source: oauth-server.md §2. */
export const backchannelLogoutRoute = route({
  method: 'post',
  path: '/oauth/site/{siteId}/backchannel-logout',
  operationId: 'backchannelLogout',
  summary: 'Be told by an OpenID Connect server that a login has ended',
  group: 'Login',
  who: 'The OAuth server of the site, by what it has signed.',
  needsToken: false,
  query: parameters,
  requestBody: form,
  bodyIs: 'form',
  where: atNamedSite,
  handler: async ({ useCases }, { where: { site }, query, body }) => {
    const { logout_token: message } = body;
    if (typeof message !== 'string') throw malformed('logout_token', 'is needed');
    await useCases.endLogin({ site, provider: query.useOauth ?? 'default', message });
    return { status: 200, body: {} };
  },
  cache: 'no-store',
  answer: { status: 200, description: 'The sessions of that login have ended.', schema: { type: 'object' } },
  problems: ['site-not-found', ...oauthTrouble],
});
