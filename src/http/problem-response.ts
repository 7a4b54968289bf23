import { Fault, isFault } from '../domain/fault.ts';
import { bug, ruleOfProblem } from './problems.ts';

/** A problem as it goes out. Source: user-api.md §5 (RFC 9457; `error` and `message` are read by OpenStad's clients). */
export interface Problem {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
}

/**
 * A fault in HTTP's words: its facts as members, its headers, the request id as `instance`. `seesSettings`: whether whoever asks
 * hears which OAuth setting has to be put right.
 */
export const problemOf = (wholeFault: Fault, instance: string, seesSettings = false): Problem => {
  const fault = seesSettings ? wholeFault : withoutSettings(wholeFault);
  const { status, title } = ruleOfProblem(fault.code);
  const detail = fault.message === fault.code ? `${title}.` : fault.message;
  return {
    status,
    headers: headersOf(fault.facts),
    body: { ...fault.facts, ...said(fault.code, title, status, detail, instance) },
  };
};

/** How OAuth servers are set up, a neighbour's at that server too, is told to those who set them up; the log has it for everybody. */
const withoutSettings = (fault: Fault): Fault => {
  if (!isFault(fault, 'oauth-refused') || fault.facts.setting === undefined) return fault;
  const { mayHaveHappened } = fault.facts;
  return new Fault(
    'oauth-refused',
    { mayHaveHappened },
    'The OAuth server of this site cannot be used until the settings of the site are put right.',
  );
};

/** Any other error: 500 without a word of it. */
export const bugProblem = (instance: string): Problem => ({
  status: bug.status,
  headers: {},
  body: said('internal-error', bug.title, bug.status, 'Something went wrong on our side.', instance),
});

const said = (code: string, title: string, status: number, detail: string, instance: string): Problem['body'] => ({
  type: `/problems/${code}`,
  title,
  status,
  detail,
  instance,
  error: detail,
  message: detail,
});

/** Headers follow from facts, so that no code is asked for by name. */
const headersOf = (facts: Fault['facts']): Record<string, string> => ({
  ...('reason' in facts && (facts.reason === 'no-token' || facts.reason === 'invalid-token')
    ? { 'WWW-Authenticate': facts.reason === 'invalid-token' ? 'Bearer error="invalid_token"' : 'Bearer' }
    : {}),
  ...('scope' in facts ? { 'WWW-Authenticate': `Bearer error="insufficient_scope", scope="${facts.scope}"` } : {}),
  ...('scheme' in facts ? { 'WWW-Authenticate': `${facts.scheme} realm="civitas"` } : {}),
  ...('allow' in facts ? { Allow: facts.allow.join(', ') } : {}),
  ...('retryAfterSeconds' in facts ? { 'Retry-After': String(Math.max(1, Math.ceil(facts.retryAfterSeconds))) } : {}),
});

/** `management`: as the manual of the management API has it; `oauth`: as RFC 6749 has it. */
export type ErrorForm = 'management' | 'oauth';

interface Form {
  readonly type: string;
  /** `fault` is null for a bug. */
  readonly bodyOf: (problem: Problem, fault: Fault | null) => object;
}

/** How a failure is told, row by row; status and headers are the same in all of them. */
export const errorForms: Readonly<Record<ErrorForm | 'problem', Form>> = {
  problem: { type: 'application/problem+json', bodyOf: ({ body }) => body },
  management: { type: 'application/json', bodyOf: (problem, fault) => managementErrors(problem, fault) },
  oauth: { type: 'application/json', bodyOf: (problem, fault) => oauthError(problem, fault) },
};

/** One entry per wrong parameter or field, else one named after the failure. Source: management-api.md §2. */
const managementErrors = ({ body }: Problem, fault: Fault | null): object => {
  const detail = String(body['detail']);
  const fields = fault !== null && 'errors' in fault.facts ? fault.facts.errors : [];
  const errors =
    fields.length > 0
      ? fields.map(({ pointer, detail: message }) => ({
          name: pointer === '' ? 'body' : pointer.replace(/^\//, ''),
          message,
        }))
      : [{ name: fault?.code ?? 'internal-error', message: detail }];
  const current = fault !== null && 'current' in fault.facts ? { current: fault.facts.current } : {};
  return { success: false, errors, ...current };
};

/** Source: RFC 6749 §5.2, and §4.1.2.1 for its words about the server's own troubles. */
const oauthError = ({ status, body }: Problem, fault: Fault | null): object => {
  const detail = String(body['detail']);
  return { error: oauthWord(status, fault), error_description: detail };
};

const oauthWord = (status: number, fault: Fault | null): string => {
  if (fault !== null && 'error' in fault.facts) return fault.facts.error;
  if (fault?.code === 'invalid-client') return 'invalid_client';
  if (status === 429 || status === 503) return 'temporarily_unavailable';
  return status >= 500 ? 'server_error' : 'invalid_request';
};
