import { STATUS_CODES } from 'node:http';
import { problemExample } from '../../src/http/openapi/examples.ts';
import type { Recorded, RecordedCall } from '../../src/http/openapi/recorded.ts';
import { allProblems, type ProblemCode, type ProblemRule } from '../../src/http/problems.ts';
import { generated, table } from './table.ts';

/** Every type of a problem, with its status and an example. */
export const problemsPage = (recorded: Recorded): string => {
  const all = Object.entries<ProblemRule>(allProblems).map(([name, rule]) => ({ name: name as ProblemCode, rule }));
  return generated(
    'Problems',
    '`src/http/problems.ts` and what `npm run examples` recorded',
    'Each failure is a problem with `type` `/problems/<name>`: [user-api.md](../user-api.md) §5 says what all have in common. Under `/api/v1` and `/oauth/token` status and headers are the same, and the body is as [management-api.md](../management-api.md) says. Examples with a call were answered by the demo; `…` stands for what differs each time.',
    table(
      ['status', 'type', 'means'],
      all.map(({ name, rule }) => [String(rule.status), `[${name}](#${name})`, rule.title]),
    ),
    ...all.map(({ name, rule }) => section(name, rule, recorded)),
  );
};

const section = (name: ProblemCode, { title, help, status }: ProblemRule, recorded: Recorded): string => {
  const { body, headers } = problemExample(name, recorded);
  return [
    `## ${name}`,
    `**${title}.** ${help}`,
    [
      '```http',
      ...called(recorded.problems[name]),
      `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
      ...Object.entries(headers).map(([header, value]) => `${header}: ${value}`),
      '',
      JSON.stringify(body, null, 2),
      '```',
    ].join('\n'),
  ].join('\n\n');
};

/** The call that was answered so, without its body. */
const called = (call: RecordedCall | undefined): readonly string[] =>
  call === undefined ? [] : [`${call.request.method} ${call.request.address}`, ''];
