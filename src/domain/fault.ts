import type { Scope } from './actor.ts';

/** Why something does not fit as things stand; each is said where it is thrown. What is refused by right: `rules` of refusals.ts. */
export const conflictRules = [
  'address-taken',
  'admin-of-the-site',
  'already-anonymized',
  'already-at-this-site',
  'audit-not-whole',
  'domain-taken',
  'found-anonymized',
  'has-not-come',
  'incomplete',
  'kept-answer-was-changed',
  'named-by-fixed-token',
  'needs-a-user',
  'not-written-by-us',
  'not-your-plan',
  'older-openstad',
  'person-was-changed',
  'referred-to',
  'rows-are-left',
  'run-is-cancelled',
  'run-is-done',
  'run-is-paused',
  'run-is-planned',
  'run-is-too-old',
  'site-has-not-ended',
  'site-has-people',
  'too-many-runs',
] as const;
export type ConflictRule = (typeof conflictRules)[number];

/** Every way a request can fail, with its facts. http/problems.ts maps each to a status, complete for the compiler. */
export interface Faults {
  unauthenticated: { reason: 'no-token' | 'invalid-token' };
  forbidden: { rule: string; field?: string };
  'site-not-found': Facts;
  'user-not-found': Facts;
  'not-found': Facts;
  'method-not-allowed': { allow: readonly string[] };
  'malformed-request': { errors: readonly FieldError[] };
  'invalid-values': { errors: readonly FieldError[] };
  'body-too-large': { limit: string };
  'unsupported-media-type': Facts;
  conflict: { rule: ConflictRule; setting?: string; field?: string };
  'precondition-failed': Facts;
  /** The plan is another one by now; `current` is its summary as an answer would show it. */
  'plan-changed': { current: Readonly<Record<string, unknown>> };
  'preview-required': Facts;
  'result-too-large': { limit: number; found: number; use: string };
  busy: { retryAfterSeconds: number };
  'not-ready': { retryAfterSeconds: number };
  'person-being-removed': { retryAfterSeconds: number };
  'oauth-not-configured': { provider: string };
  'oauth-unreachable': { mayHaveHappened: boolean };
  /**
   * `host` and `setting`: what to put right, where it is ours: an address that is not allowed, credentials that the server does not
   * take. `inRecord`: the server is well; what it says of this one person is too large, malformed or odd.
   */
  'oauth-refused': { mayHaveHappened: boolean; host?: string; setting?: string; inRecord?: true };
  'oauth-timeout': { mayHaveHappened: boolean };
  'oauth-circuit-open': { retryAfterSeconds: number };
  'oauth-unsupported': { what: string };
  /** A role above member that is not gone by: the OAuth server has not answered for too long, or its record of the person cannot be read. */
  'role-unconfirmed': { retryAfterSeconds: number };
  /** The OAuth server, or the browser's own cookie, does not vouch for this login; `again`: the address that begins it anew. */
  'login-refused': { reason: 'code' | 'state' | 'claims'; again?: string };
  /** A management client asked for a token, or about one, in a way that OAuth has a word for. */
  'token-refused': { error: 'invalid_request' | 'unsupported_grant_type' | 'invalid_scope' };
  /** The key or the secret of a management client is wrong: nothing says which. */
  'invalid-client': { scheme: 'Basic' };
  'insufficient-scope': { scope: Scope };
  'too-many-requests': { retryAfterSeconds: number };
}
/** No facts beside the code. */
type Facts = Readonly<Record<string, never>>;
export interface FieldError {
  /** JSON pointer into the body (`/extraData/bio`), or the name of a query parameter. */
  readonly pointer: string;
  readonly detail: string;
}
export type FaultCode = keyof Faults;

/** An expected failure: a code, typed facts, and a sentence for whoever called. No personal value in any of them. */
export class Fault<C extends FaultCode = FaultCode> extends Error {
  readonly code: C;
  readonly facts: Faults[C];
  /** For the compiler alone: what only looks like a fault is none. */
  declare protected readonly isMade: true;
  constructor(code: C, facts: Faults[C], detail?: string, options?: ErrorOptions) {
    super(detail ?? code, options);
    this.name = 'Fault';
    this.code = code;
    this.facts = facts;
  }
}

export const isFault = <C extends FaultCode>(error: unknown, code?: C): error is Fault<C> =>
  error instanceof Fault && (code === undefined || error.code === code);

/** Whether the trouble lies in what the OAuth server says of this one person. */
export const isInRecord = (error: unknown): error is Fault<'oauth-refused'> =>
  isFault(error, 'oauth-refused') && error.facts.inRecord === true;

/** Whether the OAuth server may have executed what was asked although no good answer came. */
export const mayHaveHappened = (error: unknown): boolean =>
  (isFault(error, 'oauth-unreachable') || isFault(error, 'oauth-refused') || isFault(error, 'oauth-timeout')) &&
  error.facts.mayHaveHappened;

/** Who sends ten thousand mistakes need not read them all. Source: user-api.md §5. */
export const maxFaults = 100;
/** In the sentence, which goes out three times. */
const maxInDetail = 20;

/** What is wrong with the values of a request. At most a hundred are told, so that no answer grows with what was sent. */
export const invalidValues = (errors: readonly FieldError[]): Fault<'invalid-values'> => {
  const told = errors.slice(0, maxFaults);
  return new Fault('invalid-values', { errors: told }, sentenceOf(told));
};

/** The first of them, as one sentence. */
export const sentenceOf = (errors: readonly FieldError[]): string =>
  errors
    .slice(0, maxInDetail)
    .map(({ pointer, detail }) => (pointer === '' ? detail : `${pointer}: ${detail}`))
    .join('; ');

const maxToken = 64;

/** One step of a JSON pointer (RFC 6901) as it is told: of a key that nobody can read its beginning is enough. */
export const pointerToken = (key: string): string =>
  (key.length > maxToken ? `${key.slice(0, maxToken)}…` : key).replaceAll('~', '~0').replaceAll('/', '~1');
