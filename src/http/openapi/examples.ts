import { Fault, type FaultCode, type Faults } from '../../domain/fault.ts';
import type { JsonObject } from '../../domain/json.ts';
import { rules } from '../../domain/refusals.ts';
import { bugProblem, errorForms, problemOf, type ErrorForm, type Problem } from '../problem-response.ts';
import type { ProblemExplained } from '../presenters/problem-page.ts';
import { allProblems, ruleOfProblem, type ProblemCode, type ProblemRule } from '../problems.ts';
import type { Route } from '../route.ts';
import { openapi } from './document.ts';
import { recordedExamples, type Recorded } from './recorded.ts';
import type { Schema } from './schema.ts';

/** A request id in examples. */
const exampleRequestId = 'f3b6c1e0-5d0e-4a53-9d0c-2f1a7b8c9d0e';

/** The whole OpenAPI document, with what the demo answered to each call, and an example of each problem. Source: people.md §5. */
export const documentedApi = async (routes: readonly Route[]): Promise<Schema> => {
  const recorded = await recordedExamples();
  return openapi(routes, {
    ofCall: (operationId) => recorded.calls[operationId],
    ofProblem: (code, form) => (form === undefined ? reference(code) : inForm(code, form, recorded)),
    problems: Object.fromEntries(
      Object.entries<ProblemRule>(allProblems).map(([code, { status, title, help }]) => [
        code,
        {
          summary: title,
          description: help,
          value: problemExample(code as ProblemCode, recorded).body,
          'x-status': status,
          ...(ruledBy(code, recorded) === undefined ? {} : { 'x-rules': ruledBy(code, recorded) }),
        },
      ]),
    ),
  });
};

const reference = (code: FaultCode): Schema => ({ $ref: `#/components/examples/${code}` });

/** What whoever follows a `type` is told. */
export const explainProblem = async (code: ProblemCode): Promise<ProblemExplained> => {
  const recorded = await recordedExamples();
  return {
    code,
    status: allProblems[code].status,
    example: problemExample(code, recorded).body,
    rules: ruledBy(code, recorded) ?? {},
  };
};

/** What its member `rule` can be, with what each says. */
const ruledBy = (code: string, { conflictRules }: Recorded): Readonly<Record<string, string>> | undefined => {
  if (code === 'forbidden') return rules;
  return code === 'conflict' ? conflictRules : undefined;
};

interface ProblemExample {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: JsonObject;
}
/** A problem as an answer has it: recorded where the demo can be brought to say it. */
export const problemExample = (code: ProblemCode, recorded: Recorded): ProblemExample => {
  if (code === 'internal-error') return written(bugProblem(exampleRequestId));
  const example = problemExamples[code];
  if (example !== 'recorded') {
    const [facts, detail] = example;
    return written(problemOf(new Fault(code, facts, detail), exampleRequestId));
  }
  const answer = recorded.problems[code]?.answer;
  return { headers: answer?.headers ?? {}, body: answer?.json === undefined ? {} : (answer.json as JsonObject) };
};

const written = ({ headers, body }: Problem): ProblemExample => ({
  headers: { 'Content-Type': 'application/problem+json', ...headers },
  body: body as JsonObject,
});

/** A fault's example where answers have another form than problems. What was recorded in that form stands as it is. */
const inForm = (code: FaultCode, form: ErrorForm, recorded: Recorded): Schema => {
  const summary = ruleOfProblem(code).title;
  const { body } = problemExample(code, recorded);
  if (body['type'] === undefined) return { summary, value: body };
  const { type, title, status, detail, instance, error, message, ...facts } = body;
  const fault = new Fault(code, facts as never, typeof detail === 'string' ? detail : '');
  const problem = {
    status: Number(status),
    headers: {},
    body: { type, title, status, detail, instance, error, message, ...facts },
  };
  return { summary, value: errorForms[form].bodyOf(problem, fault) };
};

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
