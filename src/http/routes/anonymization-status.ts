import { byModerators, ofUser } from '../where.ts';
import { reference } from '../openapi/schema.ts';
import { statusBody, operationBody } from '../presenters/anonymization.ts';
import { nothing } from '../requests/validate.ts';
import { route } from '../route.ts';
import { Fault } from '../../domain/fault.ts';

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

/** As `do-` names them: 32 bytes in base64url. What is no name is not looked for. */
const isName = (id: string): boolean => /^[\w-]{43}$/.test(id);

/** Where the `Location` of a `do-` call leads. Source: anonymization.md §5. */
export const operationRoute = route({
  method: 'get',
  path: '/api/operation/{operationId}',
  operationId: 'readOperation',
  summary: 'How far an anonymization is at the OAuth server, what came of it, and where its receipt is',
  group: 'Anonymize',
  who: 'Platform admins, and who made the call; to everybody else there is no such operation. Who anonymized themself has no session any more: the address of the receipt is their proof.',
  needsToken: true,
  guarded: 'secret-path',
  ofCallersSite: true,
  query: nothing,
  where: ({ operationId = '' }) => Promise.resolve(operationId),
  handler: async ({ useCases }, { actor, where: operation }) => {
    if (!isName(operation)) throw new Fault('not-found', {}, 'There is no such operation.');
    return { status: 200, body: operationBody(await useCases.readOperation({ actor, operation })) };
  },
  cache: 'no-store',
  answer: {
    status: 200,
    description: '`running` until the OAuth server has answered; why a person was kept there is for platform admins.',
    schema: reference('Operation'),
  },
  problems: ['not-found', 'conflict'],
});
