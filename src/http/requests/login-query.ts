import Joi from 'joi';
import { flag, type Flag } from './validate.ts';

/** Which OAuth server: `?useOauth=`. */
export const useOauth = Joi.string()
  .pattern(/^[\w.-]{1,64}$/)
  .messages({
    'string.pattern.base': 'must be the name of OAuth settings',
    'string.empty': 'must be the name of OAuth settings',
  })
  .description("The name of OAuth settings in the site's config; default `default`.");
const text = Joi.string().allow('');

export interface LoginParameters {
  readonly redirectUrl?: string;
  readonly useOauth?: string;
  readonly loginPriviliged?: Flag;
  readonly forceNewLogin?: Flag;
}
/** Names as OpenStad's clients send them. Source: oauth-server.md §4. */
export const loginParameters = Joi.object<LoginParameters>({
  redirectUrl: text.description(
    "Where the browser goes afterwards, with the token as `jwt=`, or where it says `[[jwt]]`; its host must be one of the site's `allowedDomains`. Default: the site's `after-login-redirect-uri`.",
  ),
  useOauth,
  loginPriviliged: flag.description("By the OAuth server's way in for administrators."),
  forceNewLogin: flag.description('Log out at the OAuth server first.'),
});

export interface ConsoleLoginParameters {
  readonly site?: string;
  readonly returnTo?: string;
}
export const consoleLoginParameters = Joi.object<ConsoleLoginParameters>({
  site: Joi.string()
    .max(255)
    .description(
      'The site whose own OAuth client it is, by id or domain; the session then reaches the sites of that client. Default: the platform’s own site, else the global client.',
    ),
  returnTo: Joi.string().description(
    'Where the browser goes afterwards: a path below `/console`, which is the default.',
  ),
});

export interface ReturnParameters {
  readonly state?: string;
  readonly code?: string;
  readonly error?: string;
}
/** What the OAuth server sends the browser back with; whatever else stands there is for the adapter to read. */
export const returnParameters = Joi.object<ReturnParameters>({
  state: text.description('As the login was begun with.'),
  code: text.description('What the OAuth server vouches for the login with.'),
  error: text.description('Why it does not.'),
});

export interface LogoutParameters {
  readonly redirectUrl?: string;
  readonly useOauth?: string;
  readonly jwt?: string;
}
export const logoutParameters = Joi.object<LogoutParameters>({
  redirectUrl: text.description(
    "Where the browser goes afterwards; its host must be one of the site's `allowedDomains`.",
  ),
  useOauth,
  jwt: text.description(
    'The session token to end, for browsers, which send no header along; one that counts no more is ignored.',
  ),
});
