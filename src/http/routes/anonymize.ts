import { reference } from '../openapi/described.ts';
import { anonymizationBody, oauthHeaders } from '../present/anonymization.ts';
import { malformed } from '../requests/malformed.ts';
import { onlyBody, onlyOf, onlyParameters, refuseOnlyIn } from '../requests/only.ts';
import { nothing } from '../requests/nothing.ts';
import { route, type Asked, type Method, type Route } from '../route.ts';
import type { AnonymizeCommand } from '../../users/commands.ts';
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
    who: 'The owner, or moderators and above at the site of every row concerned.',
    needsToken: true,
    query: method === 'get' ? onlyParameters : nothing,
    ...(method === 'get' ? {} : { requestBody: onlyBody }),
    where: ofUser,
    tell: async ({ stories }, asked) => {
      const command = commandOf(asked, reach, method);
      if (verb === 'will')
        return { status: 200, body: anonymizationBody(asked.actor, await stories.previewAnonymization(command)) };
      const { lists, oauth } = await stories.anonymizeUser(command);
      return { status: 200, headers: oauthHeaders(oauth), body: anonymizationBody(asked.actor, lists) };
    },
    cache: 'no-store',
    answer: {
      status: 200,
      description: verb === 'will' ? 'What would be done.' : 'What was done; the users as they were before.',
      schema: reference('Anonymization'),
      ...(verb === 'do' ? { headers: ['X-OAuth-Removal', 'X-OAuth-Values'] } : {}),
    },
    problems: ['forbidden', 'site-not-found', 'user-not-found', 'conflict', 'too-much-to-list', 'busy'],
  });

const commandOf = (
  { actor, where, body, rawQuery }: Asked<OfUser, unknown>,
  reach: Reach,
  method: Method,
): AnonymizeCommand => {
  if (rawQuery['view'] !== undefined) throw malformed('view', 'is not supported yet');
  if (method !== 'get') refuseOnlyIn(rawQuery);
  const only = onlyOf(method === 'get' ? rawQuery : body);
  return { actor, ...where, reach, ...(only === undefined ? {} : { only }) };
};

export const anonymizeRoutes = calls.map(anonymizeRoute);
