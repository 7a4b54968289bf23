import type { AnonymizeCommand } from '../../use-cases/anonymization/commands.ts';
import { byOwnerOrModerators } from '../may.ts';
import { reference } from '../openapi/described.ts';
import { anonymizationText, anonymizedAnswer, digestHeaders } from '../presenters/anonymization.ts';
import { isAmongTags } from '../requests/conditional.ts';
import { reasonOf, sameBody, type WithReason } from '../requests/reason.ts';
import { doBody, doParameters, onlyBody, onlyOf, onlyParameters, viewParameters } from '../requests/site-selection.ts';
import { route, type HandlerInput, type Method, type Route } from '../route.ts';
import { ofUser, type OfUser } from '../where.ts';

type Reach = AnonymizeCommand['reach'];
interface Call {
  readonly verb: 'will' | 'do';
  readonly reach: Reach;
  readonly method: Extract<Method, 'get' | 'put' | 'post'>;
}

/** The four calls with their methods. Source: anonymization.md §1. */
const calls: readonly Call[] = (['this-site', 'all-sites'] as const).flatMap((reach) => [
  ...(['get', 'put', 'post'] as const).map((method) => ({ verb: 'will', reach, method }) as const),
  ...(['put', 'post'] as const).map((method) => ({ verb: 'do', reach, method }) as const),
]);

const anonymizeRoute = ({ verb, reach, method }: Call): Route =>
  route({
    method,
    path: `/api/site/{siteId}/user/{userId}/${verb}-anonymize${reach === 'all-sites' ? 'all' : ''}`,
    operationId: `${verb}Anonymize${reach === 'all-sites' ? 'All' : ''}${{ get: '', put: verb === 'do' ? '' : 'ByPut', post: 'ByPost' }[method]}`,
    summary: `${verb === 'will' ? 'Preview anonymizing' : 'Anonymize'} a user ${reach === 'all-sites' ? 'on all sites' : 'at this site'}`,
    group: 'Anonymize',
    who: 'The owner, or moderators and above at the site of every row concerned. Through the token of one site nobody who is moderator or above anywhere is anonymized at another. An id in `only…` at whose site the actor has no right selects nothing.',
    needsToken: true,
    query: verb === 'do' ? doParameters : method === 'get' ? onlyParameters : viewParameters,
    refusesUnknown: true,
    conditional: verb === 'do',
    repeatable: verb === 'do',
    ...(method === 'get' ? {} : { requestBody: verb === 'do' ? doBody : onlyBody }),
    where: ofUser,
    may: byOwnerOrModerators,
    handler: async ({ useCases }, input) => {
      const command = commandOf(input, reach, method);
      if (verb === 'will') {
        const view = await useCases.previewAnonymization(command);
        return { status: 200, headers: digestHeaders(view), json: anonymizationText(input.actor, view) };
      }
      return anonymizedAnswer(input.actor, await useCases.anonymizeUser(command));
    },
    cache: 'no-store',
    answer: {
      status: 200,
      description:
        verb === 'will'
          ? 'What would be done.'
          : 'What was done; the users as they were before. A repeat under the same `Idempotency-Key` does nothing and answers the summary, with `Idempotency-Replayed: true`.',
      schema: { oneOf: [reference('Anonymization'), reference('AnonymizationSummary')] },
      headers:
        verb === 'do'
          ? ['X-OAuth-Removal', 'X-OAuth-Values', 'X-Plan-Digest', 'Location', 'Link']
          : ['ETag', 'X-Plan-Digest'],
    },
    problems: [
      'forbidden',
      'site-not-found',
      'user-not-found',
      'conflict',
      'result-too-large',
      'busy',
      ...(verb === 'do' ? (['plan-changed', 'preview-required', 'invalid-values'] as const) : []),
    ],
  });

const commandOf = (
  input: HandlerInput<OfUser, { readonly view?: 'summary' } & WithReason>,
  reach: Reach,
  method: Method,
): AnonymizeCommand => {
  const { actor, where, body, rawQuery, query, ifMatch, path, repeatKey } = input;
  const only = onlyOf(method === 'get' ? rawQuery : body);
  // `If-Match: *` binds to nothing, and so is no preview.
  const stillMatches =
    ifMatch === undefined || ifMatch === '*' ? {} : { stillMatches: (digest: string) => isAmongTags(ifMatch, digest) };
  const reason = reasonOf(input);
  const repeat = repeatKey === undefined ? {} : { repeat: { key: repeatKey, path, body: sameBody(body, reason) } };
  return {
    actor,
    ...where,
    reach,
    view: query.view ?? 'lists',
    ...(only === undefined ? {} : { only }),
    ...reason,
    ...stillMatches,
    ...repeat,
  };
};

export const anonymizeRoutes = calls.map(anonymizeRoute);
