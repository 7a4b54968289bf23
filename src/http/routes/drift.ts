import { byPlatformAdmins } from '../may.ts';
import { reference } from '../openapi/described.ts';
import { driftAnswer } from '../presenters/drift.ts';
import { driftParameters } from '../requests/drift-query.ts';
import { route } from '../route.ts';
import { nowhere } from '../where.ts';

/** Source: oauth-server.md §3. */
export const driftRoute = route({
  method: 'get',
  path: '/api/user/drift',
  operationId: 'listDrift',
  summary: 'What checks found between our copies of people and the OAuth server',
  group: 'Users',
  who: 'Platform admins: a fixed token whose user is admin. Nobody is asked during the request; no value of anybody is shown.',
  needsToken: true,
  query: driftParameters,
  where: nowhere,
  may: byPlatformAdmins,
  handler: async ({ useCases }, { actor, query, path, rawQuery }) => {
    const { kind = null, page = '0', pageSize = '20' } = query;
    const place = { page: Number(page), pageSize: Number(pageSize) };
    return driftAnswer({ ...place, path, rawQuery }, await useCases.listDrift({ actor, kind, ...place }));
  },
  cache: 'private, no-cache',
  answer: {
    status: 200,
    description:
      'One page of findings by kind and person, with how many there are of each, and how far the walk over all people is.',
    schema: reference('Drift'),
  },
  problems: ['forbidden'],
});
