import type { ErrorRequestHandler, RequestHandler } from 'express';
import { Fault, isFault, type Faults } from '../../domain/fault.ts';
import type { Log } from '../../ports/platform.ts';
import { languageOf, wantsPage, type PageLanguage } from '../requests/headers.ts';
import { errorForms, bugProblem, problemOf, type Problem } from '../problem-response.ts';
import { escaped } from '../presenters/escaped.ts';
import { traceOf, type Trace } from './request-logger.ts';

/** Nothing lives at this address. */
export const nothingHere: RequestHandler = () => {
  throw new Fault('not-found', {});
};

/** The end of every failed request: an expected failure in its own words, any other as 500 without a word of it. */
export const faultAnswer =
  (log: Log): ErrorRequestHandler =>
  // eslint-disable-next-line @typescript-eslint/no-unused-vars -- express knows a fault handler by its four parameters
  (error: unknown, request, response, _next) => {
    const trace = traceOf(request);
    const problem = problemFor(error, trace);
    trace.problem = String(problem.body['type']).replace('/problems/', '');
    if (problem.status === 500)
      log.error(
        { requestId: trace.id, route: trace.route, error: withoutWords(error) },
        'a request failed as none should',
      );
    if (response.headersSent) {
      // Half an answer must not be taken for a whole one.
      response.destroy();
      return;
    }
    const form = errorForms[trace.errors ?? 'problem'];
    for (const name of ['ETag', 'Location', 'Content-Type']) response.removeHeader(name);
    response.status(problem.status).set(problem.headers);
    if (trace.forBrowsers === true && wantsPage(request)) {
      response
        .vary('Accept-Language')
        .type('html')
        .send(problemPage(problem, languageOf(request)));
    } else response.type(form.type).send(JSON.stringify(form.bodyOf(problem, isFault(error) ? error : null)));
  };

const problemFor = (error: unknown, { id, seesSettings }: Trace): Problem => {
  if (isFault(error)) return problemOf(error, id, seesSettings);
  // Express refuses an address with broken percent-encoding by an error of its own, before any route.
  if (error instanceof URIError) return problemOf(new Fault('not-found', {}), id);
  return bugProblem(id);
};

/** Messages of a driver or another server quote values, so only those that the language itself writes are kept. */
const withoutWords = (error: unknown): object => {
  if (!(error instanceof Error)) return { name: typeof error };
  const words = error instanceof TypeError || error instanceof ReferenceError ? { message: error.message } : {};
  const at = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  const code = 'code' in error ? { code: String(error.code) } : {};
  return {
    name: error.name,
    ...words,
    ...code,
    at,
    ...(error.cause === undefined ? {} : { cause: withoutWords(error.cause) }),
  };
};

/**
 * A problem as a page for somebody whose browser was led here: its title and its sentence, and where a login does not count, a link
 * that begins it anew. That page people really meet (an e-mail link opens in another browser), so it speaks Dutch, too.
 */
const problemPage = ({ body }: Problem, language: PageLanguage): string => {
  const { title, detail, lang } = wordsOf(body, language);
  const { again } = body;
  const link =
    typeof again === 'string' ? `\n    <p><a href="${escaped(again)}">${escaped(linkText[lang])}</a></p>` : '';
  return `<!doctype html>
<html lang="${lang}">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>${escaped(title)}</title>
  </head>
  <body>
    <h1>${escaped(title)}</h1>
    <p>${escaped(detail)}</p>${link}
    <p><small>${escaped(String(body['instance']))}</small></p>
  </body>
</html>
`;
};

const linkText: Readonly<Record<PageLanguage, string>> = { en: 'Log in again', nl: 'Opnieuw inloggen' };

interface Words {
  readonly title: string;
  readonly detail: string;
  readonly lang: PageLanguage;
}
const wordsOf = (body: Problem['body'], language: PageLanguage): Words => {
  const dutch = language === 'nl' ? sentenceInDutch(body) : undefined;
  if (dutch !== undefined) return { title: 'Deze inlog telt niet', detail: dutch, lang: 'nl' };
  return { title: String(body['title']), detail: String(body['detail']), lang: 'en' };
};

const sentenceInDutch = ({ type, reason }: Problem['body']): string | undefined =>
  type === '/problems/login-refused' ? new Map<unknown, string>(Object.entries(refusedInDutch)).get(reason) : undefined;

const refusedInDutch: Readonly<Record<Faults['login-refused']['reason'], string>> = {
  state:
    'Deze inlog is in een andere browser begonnen of te lang geleden, of is al gebruikt. Een link uit een e-mail opent vaak in een andere browser. Log opnieuw in.',
  code: 'De inlogserver heeft deze inlog niet doorgelaten, of hij is al gebruikt of duurde te lang. Log opnieuw in.',
  claims: 'De inlogserver staat niet meer in voor dit account.',
};
