import type { Fault } from '../domain/fault.ts';
import type { Problem } from './problem.ts';

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
