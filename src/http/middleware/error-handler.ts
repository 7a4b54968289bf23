import type { ErrorRequestHandler, Request, RequestHandler } from 'express';
import { Fault, isFault } from '../../domain/fault.ts';
import type { Log } from '../../ports/platform.ts';
import { languageOf, wantsPage } from '../requests/headers.ts';
import { errorForms, bugProblem, problemOf, type Problem } from '../problem-response.ts';
import { pageHeaders } from '../presenters/page.ts';
import { problemPage } from '../presenters/problem-page.ts';
import { traceOf, type Trace } from './request-logger.ts';

/** Nothing lives at this address. */
export const nothingHere: RequestHandler = () => {
  throw new Fault('not-found', {});
};

/** The end of every failed request: an expected failure in its own words, any other as 500 without a word of it. */
export const faultAnswer =
  (log: Log): ErrorRequestHandler =>
  // oxlint-disable-next-line @typescript-eslint/no-unused-vars -- express knows a fault handler by its four parameters
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
    const form = errorForms[trace.errors ?? (isOfManagement(request) ? 'management' : 'problem')];
    for (const name of ['ETag', 'Location', 'Content-Type', 'Content-Encoding']) response.removeHeader(name);
    if (String(response.getHeader('Cache-Control')).includes('immutable')) response.set('Cache-Control', 'no-store');
    response.status(problem.status).set(problem.headers);
    if (trace.forBrowsers === true && wantsPage(request)) {
      const language = languageOf(request);
      response.set(pageHeaders(language)).type('html').send(problemPage(problem, language));
    } else response.type(form.type).send(JSON.stringify(form.bodyOf(problem, isFault(error) ? error : null)));
  };

/** Also where no route of theirs was met: an address with broken percent-encoding meets none. */
const isOfManagement = ({ originalUrl }: Request): boolean => originalUrl.startsWith('/api/v1/');

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
