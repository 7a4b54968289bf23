import Joi from 'joi';
import { maxEntries, type Json, type JsonObject } from '../../domain/json.ts';
import type { AnonymizeCommand } from '../../use-cases/anonymization/commands.ts';
import { byOwnerOrModerators, idOf, ofUser, type UserOfAddress } from '../where.ts';
import { jsonSchema, reference } from '../openapi/schema.ts';
import { anonymizationAnswer, anonymizedAnswer, digestHeaders } from '../presenters/anonymization.ts';
import { boundByDigest } from '../requests/headers.ts';
import { malformed, reasonOf, sameBody, type WithReason, reasonKeys } from '../requests/validate.ts';
import { route, type HandlerInput, type Method, type Route } from '../route.ts';

const names = ['onlyUserIds', 'onlySiteIds'] as const;

const ids = Joi.alternatives(
  Joi.number().integer().min(1),
  Joi.string(),
  Joi.array().items(Joi.number().integer().min(1), Joi.string()),
);

const idsInQuery = (description: string): Joi.StringSchema =>
  Joi.string()
    .allow('')
    .meta({ swagger: { ...jsonSchema(ids), description, explode: false }, swaggerOverride: true });

/** As documented; read by `onlyOf`, which answers 400 and not 422 for what is no id. */
const onlyBody = Joi.object({
  onlyUserIds: ids.description('A number, a text (`5` or `5,6`) or a list: only these rows of the person.'),
  onlySiteIds: ids.description(
    'The same for rows on these sites; with both: the union. Given but empty selects nothing.',
  ),
});

interface WithView {
  readonly view?: 'summary' | 'changes';
}
const view = {
  view: Joi.string()
    .valid('summary', 'changes')
    .messages({ 'any.only': 'must be `summary` or `changes`' })
    .description(
      '`summary`: counts per site instead of lists. `changes`: those, what changes in each row, and what of the contributions stays and goes; the first hundred of each.',
    ),
};

const onlyParameters = Joi.object<WithView & { readonly onlyUserIds?: string; readonly onlySiteIds?: string }>({
  onlyUserIds: idsInQuery('An id, or several with commas (or as a JSON list): only these rows of the person.'),
  onlySiteIds: idsInQuery('The same for rows on these sites; with both: the union. Given but empty selects nothing.'),
  ...view,
});

const viewParameters = Joi.object<WithView>(view);

/** Of what is done, beside what is previewed: why. */
const doBody = onlyBody.keys(reasonKeys);
const doParameters = Joi.object<WithView & WithReason>({ ...view, ...reasonKeys });

/** Which rows of the person: undefined when neither key is given. Fault `malformed-request` for what is no id. Source: anonymization.md §1. */
const onlyOf = (given: JsonObject): AnonymizeCommand['only'] => {
  const [userIds, siteIds] = names.map((name) =>
    Object.hasOwn(given, name) ? idsOf(name, given[name] ?? null) : undefined,
  );
  if (userIds === undefined && siteIds === undefined) return undefined;
  return { userIds: userIds ?? [], siteIds: siteIds ?? [] };
};

const idsOf = (name: string, value: Json): readonly number[] => {
  const items = listOf(value);
  // Written as one text they are none of the list items that a body is measured by.
  if (items.length > maxEntries) throw malformed(name, `names more than ${maxEntries} ids`);
  const found = items.map((item) =>
    typeof item === 'number' ? idOf(String(item)) : typeof item === 'string' ? idOf(item.trim()) : null,
  );
  return found.map((id) => {
    if (id === null) throw malformed(name, 'holds something that is no id');
    return id;
  });
};

const listOf = (value: Json): readonly Json[] => {
  if (Array.isArray(value)) return value as readonly Json[];
  if (typeof value !== 'string') return [value];
  const text = value
    .trim()
    .replace(/^\[(.*)\]$/s, '$1')
    .trim();
  // As a JSON list the ids may be texts themselves.
  return text === '' ? [] : text.split(',', maxEntries + 1).map((item) => item.trim().replace(/^"(.*)"$/s, '$1'));
};

type Extent = AnonymizeCommand['extent'];
interface Call {
  readonly verb: 'will' | 'do';
  readonly extent: Extent;
  readonly method: Extract<Method, 'get' | 'put' | 'post'>;
}

/** will-anonymize, will-anonymizeall, do-anonymize and do-anonymizeall, with their methods. Source: anonymization.md §1. */
const calls: readonly Call[] = (['this-site', 'all-sites'] as const).flatMap((extent) => [
  ...(['get', 'put', 'post'] as const).map((method) => ({ verb: 'will', extent, method }) as const),
  ...(['put', 'post'] as const).map((method) => ({ verb: 'do', extent, method }) as const),
]);

const anonymizeRoute = ({ verb, extent, method }: Call): Route =>
  route({
    method,
    path: `/api/site/{siteId}/user/{userId}/${verb}-anonymize${extent === 'all-sites' ? 'all' : ''}`,
    operationId: `${verb}Anonymize${extent === 'all-sites' ? 'All' : ''}${{ get: '', put: verb === 'do' ? '' : 'ByPut', post: 'ByPost' }[method]}`,
    summary: `${verb === 'will' ? 'Preview anonymizing' : 'Anonymize'} a user ${extent === 'all-sites' ? 'on all sites' : 'at this site'}`,
    group: 'Anonymize',
    who: 'The owner, or moderators and above at the site of every row concerned. Through the token of one site nobody who is moderator or above anywhere is anonymized at another. An id in `only…` at whose site the actor has no right selects nothing.',
    needsToken: true,
    query: verb === 'do' ? doParameters : method === 'get' ? onlyParameters : viewParameters,
    refusesUnknown: true,
    looksOnly: verb === 'will',
    conditional: verb === 'do',
    repeatable: verb === 'do',
    ...(method === 'get' ? {} : { requestBody: verb === 'do' ? doBody : onlyBody }),
    where: ofUser,
    may: byOwnerOrModerators,
    handler: async ({ useCases }, input) => {
      const command = commandOf(input, extent, method);
      if (verb === 'will') {
        if (command.view !== 'summary') await input.beginLarge();
        const view = await useCases.previewAnonymization(command);
        return { ...anonymizationAnswer(view), headers: digestHeaders(view) };
      }
      return anonymizedAnswer(await useCases.anonymizeUser(command));
    },
    cache: 'no-store',
    answer: {
      status: 200,
      description:
        verb === 'will'
          ? 'What would be done.'
          : 'What was done; the users as they were before. A repeat under the same `Idempotency-Key` does nothing and answers the summary, with `Idempotency-Replayed: true`.',
      schema: {
        oneOf: [reference('Anonymization'), reference('AnonymizationSummary'), reference('AnonymizationChanges')],
      },
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
  input: HandlerInput<UserOfAddress, WithView & WithReason>,
  extent: Extent,
  method: Method,
): AnonymizeCommand => {
  const { actor, where, body, rawQuery, query, ifMatch, path, repeatKey, inTurn, beginLarge } = input;
  const only = onlyOf(method === 'get' ? rawQuery : body);
  const reason = reasonOf(input);
  const repeat = repeatKey === undefined ? {} : { repeat: { key: repeatKey, path, body: sameBody(body, reason) } };
  return {
    actor,
    ...where,
    extent,
    view: query.view ?? 'lists',
    whenMuch: async (work, bytes) => {
      // It is held until the OAuth server has answered, and whoever asked has read it: longer than its turn.
      await beginLarge({ bytes });
      return inTurn(work, { holdsMuch: true });
    },
    ...(only === undefined ? {} : { only }),
    ...reason,
    ...boundByDigest(ifMatch),
    ...repeat,
  };
};

export const anonymizeRoutes = calls.map(anonymizeRoute);
