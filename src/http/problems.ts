import type { FaultCode } from '../domain/fault.ts';

export interface ProblemRule {
  readonly status: number;
  readonly title: string;
  /** One paragraph for whoever follows `type`: what happened and what to do about it. */
  readonly help: string;
}

/** Every way a request can fail, as HTTP says it; complete for the compiler. Source: user-api.md §5. */
export const problems = {
  unauthenticated: {
    status: 401,
    title: 'A valid token is needed',
    help: 'The request carried no token where one is needed, or one that is malformed, expired, ended, forged, or whose user is gone. Log in again and send the token as `X-Authorization: Bearer …` or `Authorization: Bearer …`.',
  },
  forbidden: {
    status: 403,
    title: 'Not allowed',
    help: 'You are known, but may not do this. `rule` names the rule that refused, and `field` the field where one is concerned. Nothing was changed anywhere.',
  },
  'site-not-found': {
    status: 404,
    title: 'No such site',
    help: 'There is no site with this id or domain, or it was removed.',
  },
  'user-not-found': {
    status: 404,
    title: 'No such user',
    help: 'There is no such user at this site: never, no longer, at another site only, or not for your eyes.',
  },
  'not-found': {
    status: 404,
    title: 'Nothing here',
    help: 'Nothing lives at this address. The addresses of this API are listed in /openapi.json, for reading in /docs.',
  },
  'method-not-allowed': {
    status: 405,
    title: 'Not with this method',
    help: 'The address exists, but not for this method; the `Allow` header lists those it takes.',
  },
  'malformed-request': {
    status: 400,
    title: 'The request cannot be read',
    help: 'The body is no JSON object, or a query parameter, a header or the address is not as described. `errors` names each; `pointer` is the name of the parameter or header, or a JSON pointer into the body.',
  },
  'invalid-values': {
    status: 422,
    title: 'Some values are wrong',
    help: 'The body could be read, but holds values that are not allowed, is nested deeper than 32, or holds more than 10,000 keys and list items. `errors` has one entry per wrong field with a JSON pointer to it: at most a hundred, and of a long key its beginning. Nothing was changed anywhere.',
  },
  'body-too-large': {
    status: 413,
    title: 'The body is too large',
    help: 'The body is larger than `limit`. Send less.',
  },
  'unsupported-media-type': {
    status: 415,
    title: 'Only JSON',
    help: 'Bodies are JSON in UTF-8: send `Content-Type: application/json`.',
  },
  conflict: {
    status: 409,
    title: 'Not as things stand',
    help: 'The request is fine but does not fit the present state: `rule` says why (somebody who is at this site already, an address that another user of the site has, a user who is anonymized, a user that the configuration names in `setting`, personal values that nobody declared at a site that wants all or nothing, a table of somebody else that refers to the user, a site that has not ended, a run that is done, cancelled, paused or not started, or somebody else’s plan).',
  },
  'precondition-failed': {
    status: 412,
    title: 'Changed meanwhile',
    help: 'What you saw (the ETag in `If-Match`) is not what is there now. Nothing was done: look again and decide anew.',
  },
  'plan-changed': {
    status: 412,
    title: 'Not what was previewed',
    help: 'What would be done is another plan than the one whose digest came in `If-Match`: one more vote, another site, a closed voting. Nothing was done. `current` is the summary of the plan as it is now; preview again and send its digest; of a run over a list of people plan another.',
  },
  'preview-required': {
    status: 428,
    title: 'A preview is needed first',
    help: 'A site that is concerned wants anonymizing bound to a preview. Ask `will-anonymize` (or `…all`) first and send the `ETag` of its answer as `If-Match`. A run over a list of people is started so with the `ETag` of its plan.',
  },
  'result-too-large': {
    status: 413,
    title: 'Too much to list',
    help: 'The answer would list `found` items, or as many bytes of text, more than `limit`. `use` says what to ask for instead.',
  },
  busy: {
    status: 503,
    title: 'Busy',
    help: 'Somebody else is changing the same person, or the OAuth settings of the same site, just now; or lists that read much of a site (a search, a sort, a far page) are under way for others, or yours took too long: ask for less, as a longer word; or too much was asked of the OAuth server at once, or the database had to give up. Nothing was changed, unless `detail` says what was: try again after `Retry-After` seconds.',
  },
  'not-ready': {
    status: 503,
    title: 'Not ready',
    help: 'The service is starting, stopping, or cannot reach its database. Try again after `Retry-After` seconds.',
  },
  'person-being-removed': {
    status: 503,
    title: 'The person is being removed',
    help: 'This person is just being removed at the OAuth server, or was, and cannot come back while that goes on. Try again after `Retry-After` seconds.',
  },
  'oauth-not-configured': {
    status: 400,
    title: 'No such OAuth settings',
    help: 'The site has no OAuth settings of the name in `provider`, or they are incomplete.',
  },
  'oauth-unreachable': {
    status: 502,
    title: 'The OAuth server cannot be reached',
    help: 'The OAuth server is the source of truth for people, and could not be reached. Nothing was changed here. `mayHaveHappened` says whether it may have carried out the change all the same; if it has, this API follows by itself.',
  },
  'oauth-refused': {
    status: 502,
    title: 'The OAuth server refused',
    help: 'The OAuth server did not accept the change or gave an answer that cannot be used. Nothing was changed here. Where our own settings are to be put right (an address that is not allowed, an id and secret that the server does not take), `host` and `setting` tell platform admins which; the log and /health/ready tell the operator. `inRecord`: the server is well, and what it says of this one person is too large, malformed or odd. `mayHaveHappened` says whether it may have carried out the change all the same.',
  },
  'oauth-timeout': {
    status: 504,
    title: 'The OAuth server is too slow',
    help: 'The OAuth server did not answer in time. Nothing was changed here. `mayHaveHappened` says whether it may have carried out the change all the same; if it has, this API follows by itself.',
  },
  'oauth-circuit-open': {
    status: 503,
    title: 'The OAuth server is left in peace',
    help: 'Within ten seconds at least half of what the OAuth server was asked failed, and that was not little: it is not asked for a while. Nothing was changed: try again after `Retry-After` seconds.',
  },
  'oauth-unsupported': {
    status: 501,
    title: 'The OAuth server cannot do this',
    help: 'The kind of OAuth server behind this site has no way to do `what`.',
  },
  'role-unconfirmed': {
    status: 503,
    title: 'Your role cannot be confirmed',
    help: 'The OAuth server says who is moderator, editor or admin. It has not answered for so long that what is known of your role does not count any more, or what it says of you cannot be read. Members go on meanwhile; try again after `Retry-After` seconds.',
  },
  'login-refused': {
    status: 403,
    title: 'This login does not count',
    help: 'The OAuth server does not vouch for the code that came back (`reason` is `code`), the login was begun in another browser or too long ago (`state`), or what the server says of it does not hold (`claims`). Begin the login anew.',
  },
  'token-refused': {
    status: 400,
    title: 'No token for this',
    help: 'The request for a token is not as OAuth 2.0 wants it: `error` says `invalid_request`, `unsupported_grant_type` (only `client_credentials`) or `invalid_scope` (a word that is no scope, or more than the client may ask for).',
  },
  'invalid-client': {
    status: 401,
    title: 'The client is not known',
    help: 'The API key or the secret is wrong, the client was revoked, or the overlap after a rotation is over.',
  },
  'insufficient-scope': {
    status: 403,
    title: 'The token does not reach this far',
    help: 'The call needs a token with the scope that `scope` names; ask for one at /oauth/token.',
  },
  'too-many-requests': {
    status: 429,
    title: 'Too many requests',
    help: 'This caller has asked too often: wait as many seconds as `Retry-After` says. `RateLimit` tells what is left.',
  },
} as const satisfies Record<FaultCode, ProblemRule>;

/** What a failure that nobody expected looks like. It says nothing of itself: its words may be SQL, a person, or another server's. */
export const bug = {
  status: 500,
  title: 'A bug',
  help: 'Something failed that should not. Nothing more is said here; whoever runs the service finds it in the log by the request id in `instance`.',
} as const satisfies ProblemRule;

export type ProblemCode = FaultCode | 'internal-error';
/** Every `type` that an answer can have. */
export const allProblems: Readonly<Record<ProblemCode, ProblemRule>> = { ...problems, 'internal-error': bug };

export const ruleOfProblem = (code: FaultCode): ProblemRule => problems[code];

/** What a call that asks the OAuth server can fail with. */
export const oauthTrouble = [
  'oauth-not-configured',
  'oauth-unreachable',
  'oauth-refused',
  'oauth-timeout',
  'oauth-circuit-open',
  'oauth-unsupported',
  'busy',
] as const satisfies readonly FaultCode[];
