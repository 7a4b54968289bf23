import { scopes } from '../../domain/actor.ts';
import { conflictRules, type FaultCode, type Faults } from '../../domain/fault.ts';
import { rules } from '../../domain/refusals.ts';
import { bug, problems, ruleOfProblem } from '../problems.ts';
import { listOf, object, reference, text, type Schema } from './schema.ts';

const flag: Schema = { type: 'boolean' };
const count: Schema = { type: 'integer', minimum: 0 };
const words = (...said: readonly string[]): Schema => ({ type: 'string', enum: said });

/** A fact that is not always there. */
interface Perhaps {
  readonly perhaps: Schema;
}
const perhaps = (schema: Schema): Perhaps => ({ perhaps: schema });
type Fact<T> = undefined extends T ? Perhaps : Schema;

const fieldErrors = listOf(object({ pointer: text, detail: text }, ['pointer', 'detail']));
const retry = { retryAfterSeconds: { type: 'number' } };
const mayHaveHappened = { mayHaveHappened: flag };

/** What each kind of problem says beside what all say; complete for the compiler. Source: domain/fault.ts. */
const facts = {
  unauthenticated: { reason: words('no-token', 'invalid-token') },
  forbidden: { rule: words(...Object.keys(rules)), field: perhaps(text) },
  'site-not-found': {},
  'user-not-found': {},
  'not-found': {},
  'method-not-allowed': { allow: listOf(text) },
  'malformed-request': { errors: fieldErrors },
  'invalid-values': { errors: fieldErrors },
  'body-too-large': { limit: text },
  'unsupported-media-type': {},
  conflict: { rule: words(...conflictRules), setting: perhaps(text), field: perhaps(text) },
  'precondition-failed': {},
  'plan-changed': {
    current: {
      anyOf: ['AnonymizationSummary', 'SiteSummaryOfAnonymization', 'RunPlan'].map(reference),
      description: 'The summary of the plan as it is now.',
    },
  },
  'preview-required': {},
  'result-too-large': { limit: count, found: count, use: text },
  busy: retry,
  'not-ready': retry,
  'person-being-removed': retry,
  'oauth-not-configured': { provider: text },
  'oauth-unreachable': mayHaveHappened,
  'oauth-refused': { ...mayHaveHappened, host: perhaps(text), setting: perhaps(text), inRecord: perhaps(flag) },
  'oauth-timeout': mayHaveHappened,
  'oauth-circuit-open': retry,
  'oauth-unsupported': { what: text },
  'role-unconfirmed': retry,
  'login-refused': { reason: words('code', 'state', 'claims'), again: perhaps(text) },
  'token-refused': { error: words('invalid_request', 'unsupported_grant_type', 'invalid_scope') },
  'invalid-client': { scheme: words('Basic') },
  'insufficient-scope': { scope: words(...scopes) },
  'too-many-requests': retry,
} as const satisfies { readonly [C in FaultCode]: { readonly [F in keyof Faults[C]]-?: Fact<Faults[C][F]> } };

const codes = Object.keys(problems) as readonly FaultCode[];

/** `site-not-found` → `SiteNotFoundProblem`. */
const nameOf = (code: string): string =>
  `${code
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('')}Problem`;

const said = (code: string, status: number): Readonly<Record<string, Schema>> => ({
  type: { type: 'string', const: `/problems/${code}` },
  title: text,
  status: { type: 'integer', const: status },
  detail: text,
  instance: { ...text, description: 'The request id, also in `X-Request-Id`.' },
  error: text,
  message: text,
});

const isPerhaps = (fact: Schema | Perhaps): fact is Perhaps => 'perhaps' in fact;

const problemSchema = (code: FaultCode): Schema => {
  const { status, title } = ruleOfProblem(code);
  const all = said(code, status);
  const own = Object.entries<Schema | Perhaps>(facts[code]);
  // What all say stands after the facts, and wins: `error` of a refused token is the sentence.
  const properties = {
    ...Object.fromEntries(own.map(([name, fact]) => [name, isPerhaps(fact) ? fact.perhaps : fact])),
    ...all,
  };
  const always = own.flatMap(([name, fact]) => (isPerhaps(fact) ? [] : [name]));
  return { ...object(properties, [...new Set([...always, ...Object.keys(all)])]), description: `${title}.` };
};

/** Each kind of problem by a name of its own, and any of them. */
export const problemSchemas: Readonly<Record<string, Schema>> = {
  ...Object.fromEntries(codes.map((code) => [nameOf(code), problemSchema(code)])),
  InternalErrorProblem: {
    ...object(said('internal-error', bug.status), Object.keys(said('internal-error', bug.status))),
    description: `${bug.title}.`,
  },
  Problem: {
    oneOf: [...codes.map((code) => reference(nameOf(code))), reference('InternalErrorProblem')],
    description: 'Any problem; `type` says which.',
  },
};

/** What a call can answer with one status. */
export const problemOfAny = (of: readonly FaultCode[]): Schema => {
  const [first, ...others] = [...new Set(of)].map((code) => reference(nameOf(code)));
  return first === undefined || others.length > 0 ? { oneOf: [first ?? {}, ...others] } : first;
};
