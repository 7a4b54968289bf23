import { STATUS_CODES } from 'node:http';
import { Fault, type FaultCode } from '../../src/domain/fault.ts';
import { bugProblem, problemOf, type Problem } from '../../src/http/problem-response.ts';
import { bug, problems, ruleOfProblem, type ProblemRule } from '../../src/http/problems.ts';
import { problemExamples } from './problem-examples.ts';
import { generated, table } from './table.ts';

/** Every type of a problem, with its status and an example. */
export const problemsPage = (): string => {
  const types = (Object.keys(problems) as FaultCode[]).map((name) => ({ name, rule: ruleOfProblem(name) }));
  const all = [...types, { name: 'internal-error', rule: bug }];
  return generated(
    'Problems',
    '`src/http/problems.ts`',
    'Each failure is a problem with `type` `/problems/<name>`: [user-api.md](../user-api.md) §5 says what all have in common. Under `/api/v1` and `/oauth/token` status and headers are the same, and the body is as [management-api.md](../management-api.md) says.',
    table(
      ['status', 'type', 'means'],
      all.map(({ name, rule }) => [String(rule.status), `[${name}](#${name})`, rule.title]),
    ),
    ...types.map(({ name, rule }) => section(name, rule, exampleOf(name))),
    section('internal-error', bug, bugProblem(requestId)),
  );
};

const requestId = 'f3b6c1e0-5d0e-4a53-9d0c-2f1a7b8c9d0e';

const exampleOf = (name: FaultCode): Problem => {
  const [facts, detail] = problemExamples[name];
  return problemOf(new Fault(name, facts, detail), requestId);
};

const section = (name: string, { title, help }: ProblemRule, { status, headers, body }: Problem): string =>
  [
    `## ${name}`,
    `**${title}.** ${help}`,
    [
      '```http',
      `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
      'Content-Type: application/problem+json',
      ...Object.entries(headers).map(([header, value]) => `${header}: ${value}`),
      '',
      JSON.stringify(body, null, 2),
      '```',
    ].join('\n'),
  ].join('\n\n');
