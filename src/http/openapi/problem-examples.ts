import type { FaultCode, Faults } from '../../domain/fault.ts';

/**
 * An example of each problem, complete for the compiler: `recorded` where the demo answers it when it is asked to
 * (scripts/docs/record-examples.ts), else the facts that it may carry, and its sentence.
 */
export const problemExamples: {
  readonly [C in FaultCode]: 'recorded' | readonly [facts: Faults[C], detail: string];
} = {
  unauthenticated: 'recorded',
  forbidden: 'recorded',
  'site-not-found': 'recorded',
  'user-not-found': 'recorded',
  'not-found': 'recorded',
  'method-not-allowed': 'recorded',
  'malformed-request': 'recorded',
  'invalid-values': 'recorded',
  'body-too-large': 'recorded',
  'unsupported-media-type': 'recorded',
  conflict: 'recorded',
  'precondition-failed': 'recorded',
  'plan-changed': 'recorded',
  'preview-required': 'recorded',
  'result-too-large': [{ limit: 20_000, found: 31_415, use: '?view=summary' }, 'Too much to list.'],
  busy: [{ retryAfterSeconds: 1 }, 'Somebody else is changing the same thing.'],
  'not-ready': [{ retryAfterSeconds: 5 }, 'The database cannot be reached.'],
  'person-being-removed': [{ retryAfterSeconds: 5 }, 'This person is being removed at the OAuth server.'],
  'oauth-not-configured': 'recorded',
  'oauth-unreachable': [{ mayHaveHappened: false }, 'The OAuth server cannot be reached.'],
  'oauth-refused': [{ mayHaveHappened: false }, 'The OAuth server refused.'],
  'oauth-timeout': [{ mayHaveHappened: true }, 'The OAuth server did not answer in time.'],
  'oauth-circuit-open': [{ retryAfterSeconds: 10 }, 'The OAuth server is left alone for a while.'],
  'oauth-unsupported': [{ what: 'create' }, 'The OAuth server of this site cannot do this.'],
  'role-unconfirmed': [{ retryAfterSeconds: 5 }, 'Your role cannot be confirmed just now.'],
  'login-refused': 'recorded',
  'token-refused': 'recorded',
  'invalid-client': 'recorded',
  'insufficient-scope': 'recorded',
  'too-many-requests': [{ retryAfterSeconds: 12 }, 'Too many requests.'],
};
