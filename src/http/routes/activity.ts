import { reference } from '../openapi/described.ts';
import { activityText } from '../presenters/activity.ts';
import { activityOf, activityParameters } from '../requests/activity-query.ts';
import { route } from '../route.ts';
import { ofUser } from '../where.ts';

export const activityRoutes = [
  route({
    method: 'get',
    path: '/api/site/{siteId}/user/{userId}/activity',
    operationId: 'listActivity',
    summary: 'List what a user contributed',
    group: 'Activity',
    who: 'The owner sees everything; a moderator of this site everything at the sites where they are one; anybody else what is public at this site.',
    needsToken: false,
    query: activityParameters,
    where: ofUser,
    handler: async ({ useCases }, { actor, where, query }) => ({
      status: 200,
      json: activityText(await useCases.listActivity({ actor, ...where, ...activityOf(query) })),
    }),
    cache: 'private, no-cache',
    answer: {
      status: 200,
      description: 'The kinds that were asked for, and all of them as one list.',
      schema: reference('Activity'),
    },
    problems: ['site-not-found', 'user-not-found'],
  }),
];
