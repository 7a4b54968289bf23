import type { JsonObject } from '../../domain/json.ts';
import type { Problem } from '../problem-response.ts';
import type { ProblemCode } from '../problems.ts';
import type { PageLanguage } from '../requests/headers.ts';
import { escaped } from './page.ts';
import { pageEnd, pageHead } from './page.ts';
import { problemWords } from './problem-words.ts';

/**
 * A problem as a page for somebody whose browser was led here: its title and its sentence, and where a login does not count, a link
 * that begins it anew. People really meet it: an e-mail link opens in another browser.
 */
export const problemPage = ({ body }: Problem, language: PageLanguage): string => {
  const { again: linkText, request } = problemWords[language];
  const { title, detail } = inWords(body, language);
  const { again } = body;
  const link = typeof again === 'string' ? `    <p><a href="${escaped(again)}">${escaped(linkText)}</a></p>\n` : '';
  const number = `    <p><small>${escaped(request)}: <code>${escaped(String(body['instance']))}</code></small></p>\n`;
  return `${pageHead(title, language)}    <p>${escaped(detail)}</p>\n${link}${number}${pageEnd}`;
};

const inWords = (
  body: Problem['body'],
  language: PageLanguage,
): { readonly title: string; readonly detail: string } => {
  const { texts, sentences, refused } = problemWords[language];
  const code = String(body['type']).replace('/problems/', '') as ProblemCode;
  const ofReason = code === 'login-refused' ? new Map<unknown, string>(Object.entries(refused ?? {})) : null;
  return {
    title: texts[code].title,
    detail: ofReason?.get(body['reason']) ?? sentences?.[code] ?? String(body['detail']),
  };
};

/** What a `type` means: what happened, what to do about it, and how it looks. */
export interface ProblemExplained {
  readonly code: ProblemCode;
  readonly status: number;
  readonly example: JsonObject;
  /** Names of rules that it can hold, with what each says; none where it holds none. */
  readonly rules: Readonly<Record<string, string>>;
}

/** As a page, for who follows a `type` in a browser … */
export const explanationPage = ({ code, status, example, rules }: ProblemExplained, language: PageLanguage): string => {
  const words = problemWords[language];
  const { title, help } = words.texts[code];
  const named = Object.entries(rules).map(
    ([rule, says]) => `<tr><th scope="row"><code>${escaped(rule)}</code></th><td lang="en">${escaped(says)}</td></tr>`,
  );
  return `${pageHead(title, language)}    <p><code>/problems/${escaped(code)}</code> · ${escaped(words.status)} ${status}</p>
    <p>${withCode(help)}</p>
${named.length === 0 ? '' : `    <h2>${escaped(words.rules)}</h2>\n    <table>\n${named.join('\n')}\n    </table>\n`}    <h2>${escaped(words.example)}</h2>
    <pre>${escaped(JSON.stringify(example, null, 2))}</pre>
${pageEnd}`;
};

/** … and as text, for everybody else. */
export const explanationText = ({ code, status, example, rules }: ProblemExplained): string => {
  const { title, help } = problemWords.en.texts[code];
  const named = Object.entries(rules).map(([rule, says]) => `${rule}: ${says}\n`);
  return `${title} (${status})\n\n${help}\n\n${named.length === 0 ? '' : `${named.join('')}\n`}${JSON.stringify(example, null, 2)}\n`;
};

/** What stands between backticks is code. */
const withCode = (text: string): string =>
  text
    .split('`')
    .map((part, at) => (at % 2 === 1 ? `<code>${escaped(part)}</code>` : escaped(part)))
    .join('');
