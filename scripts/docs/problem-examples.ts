import type { FaultCode, Faults } from '../../src/domain/fault.ts';

/** Facts that each problem may carry, and its sentence; complete for the compiler. */
export const problemExamples: { readonly [C in FaultCode]: readonly [facts: Faults[C], detail: string] } = {
  unauthenticated: [{ reason: 'no-token' }, 'A token is needed for this.'],
  forbidden: [{ rule: 'field-not-writable', field: 'role' }, 'You may not set this field.'],
  'site-not-found': [{}, 'There is no such site.'],
  'user-not-found': [{}, 'There is no such user at this site.'],
  'not-found': [{}, 'Nothing lives at this address.'],
  'method-not-allowed': [{ allow: ['GET', 'HEAD', 'POST'] }, 'Not with this method.'],
  'malformed-request': [
    { errors: [{ pointer: 'pageSize', detail: 'must be a number from 1 to 1000' }] },
    'pageSize must be a number from 1 to 1000.',
  ],
  'invalid-values': [
    { errors: [{ pointer: '/email', detail: 'must be an e-mail address' }] },
    'Some values are wrong.',
  ],
  'body-too-large': [{ limit: '256 kB' }, 'The body is larger than 256 kB.'],
  'unsupported-media-type': [{}, 'Send application/json.'],
  conflict: [{ rule: 'already-at-this-site' }, 'This person already is a user of this site.'],
  'precondition-failed': [{}, 'The user changed meanwhile.'],
  'plan-changed': [
    { current: { digest: 'nd5…', users: 1, sites: [{ id: 1, votesRemoved: 4 }], oauth: 'removed' } },
    'What would be done is not what was previewed.',
  ],
  'preview-required': [{}, 'Preview first, and send the ETag of its answer as If-Match.'],
  'result-too-large': [{ limit: 20_000, found: 31_415, use: '?view=summary' }, 'Too much to list.'],
  busy: [{ retryAfterSeconds: 1 }, 'Somebody else is changing this person.'],
  'not-ready': [{ retryAfterSeconds: 5 }, 'The database cannot be reached.'],
  'person-being-removed': [{ retryAfterSeconds: 5 }, 'This person is being removed at the OAuth server.'],
  'oauth-not-configured': [{ provider: 'default' }, 'This site has no complete OAuth settings of this name.'],
  'oauth-unreachable': [{ mayHaveHappened: false }, 'The OAuth server cannot be reached.'],
  'oauth-refused': [{ mayHaveHappened: false }, 'The OAuth server refused.'],
  'oauth-timeout': [{ mayHaveHappened: true }, 'The OAuth server did not answer in time.'],
  'oauth-circuit-open': [{ retryAfterSeconds: 10 }, 'The OAuth server is left alone for a while.'],
  'oauth-unsupported': [{ what: 'create' }, 'The OAuth server of this site cannot do this.'],
  'role-unconfirmed': [{ retryAfterSeconds: 5 }, 'Your role cannot be confirmed just now.'],
  'login-refused': [
    { reason: 'state', again: '/oauth/site/1/login?redirectUrl=…' },
    'This login was begun in another browser, or too long ago.',
  ],
  'token-refused': [{ error: 'invalid_scope' }, 'The client may not ask for this scope.'],
  'invalid-client': [{ scheme: 'Basic' }, 'The client is not known.'],
  'insufficient-scope': [{ scope: 'authentication' }, 'The token lacks a scope.'],
  'too-many-requests': [{ retryAfterSeconds: 12 }, 'Too many requests.'],
};
