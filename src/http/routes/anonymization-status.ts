import { byModerators, ofUser } from '../where.ts';
import { reference } from '../openapi/described.ts';
import { statusBody } from '../presenters/anonymization-status.ts';
import { nothing } from '../requests/validate.ts';
import { route } from '../route.ts';

/** Source: anonymization.md §5. */
export const anonymizationStatusRoute = route({
  method: 'get',
  path: '/api/site/{siteId}/user/{userId}/anonymization',
  operationId: 'anonymizationStatus',
  summary: 'How a user was anonymized, and how far their removal at the OAuth server is',
  group: 'Anonymize',
  who: "Moderators and above: this site's part. Platform admins, and who made the call: all of it.",
  needsToken: true,
  query: nothing,
  where: ofUser,
  may: byModerators,
  handler: async ({ useCases }, { actor, where: { site, userId } }) => ({
    status: 200,
    body: statusBody(await useCases.anonymizationStatus({ actor, site, userId })),
  }),
  cache: 'no-store',
  answer: {
    status: 200,
    description:
      'What was done to this user; `whole` for platform admins and who made the call, as it joins the rows of one person.',
    schema: reference('AnonymizationStatus'),
  },
  problems: ['forbidden', 'site-not-found', 'user-not-found', 'conflict'],
});
