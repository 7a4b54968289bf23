import type { User } from '../../domain/users/user.ts';
import { byOwnerOrModerators, ofUser } from '../where.ts';
import { reference } from '../openapi/schema.ts';
import { oauthHeaders } from '../presenters/anonymization.ts';
import { foundUserAnswer, tagFor, userAnswer } from '../presenters/user-records.ts';
import { isAmongTags } from '../requests/headers.ts';
import { nothing } from '../requests/validate.ts';
import { parseUpdate, updateBody } from '../requests/user-body.ts';
import { route } from '../route.ts';
import { oauthTrouble } from '../problems.ts';

const one = '/api/site/{siteId}/user/{userId}';

export const userRoutes = [
  route({
    method: 'get',
    path: one,
    operationId: 'viewUser',
    summary: 'View one user',
    group: 'Users',
    who: 'Everybody, each as much as they may see; a site may say `users.viewableByRole`.',
    needsToken: false,
    query: nothing,
    where: ofUser,
    handler: async ({ useCases }, { actor, where: { site, userId }, ifNoneMatch, wantsFresh }) =>
      foundUserAnswer(site, await useCases.getUser({ actor, site, userId, refresh: wantsFresh }), ifNoneMatch),
    cache: 'private, no-cache',
    answer: {
      status: 200,
      description: 'The user as the actor may see it.',
      schema: reference('User'),
      headers: ['ETag', 'Age', 'X-Cache'],
      notModified: true,
    },
    problems: ['site-not-found', 'user-not-found', ...oauthTrouble],
  }),
  route({
    method: 'put',
    path: one,
    operationId: 'updateUser',
    guessesAddresses: true,
    summary: 'Update one user',
    group: 'Users',
    who: 'The owner, or moderators and above; each field has its own rule. `email` and, of others, `phoneNumber` need an editor of every site where the person is.',
    needsToken: true,
    query: nothing,
    requestBody: updateBody,
    document: 'extraData',
    conditional: true,
    where: ofUser,
    may: byOwnerOrModerators,
    handler: async ({ useCases }, { actor, where: { site, userId }, body, ifMatch }) => {
      const tagOf = tagFor({ actor, site });
      const condition =
        ifMatch === undefined ? {} : { stillMatches: (user: User) => isAmongTags(ifMatch, tagOf(user)) };
      const change = await parseUpdate(body, (texts) => useCases.storedTexts({ actor, site, userId, texts }));
      const changed = await useCases.updateUser({ actor, site, userId, change, ...condition });
      return userAnswer({ actor: changed.actor, site }, changed.user, 200);
    },
    cache: 'private, no-cache',
    answer: { status: 200, description: 'The user after the change.', schema: reference('User'), headers: ['ETag'] },
    problems: [
      'forbidden',
      'site-not-found',
      'user-not-found',
      'conflict',
      'precondition-failed',
      'invalid-values',
      'person-being-removed',
      ...oauthTrouble,
    ],
  }),
  route({
    method: 'delete',
    path: one,
    operationId: 'deleteUser',
    refusesUnknown: true,
    summary: 'Delete one user with all they contributed at this site',
    group: 'Users',
    who: 'The owner, or moderators and above. Through the token of one site nobody who is moderator or above anywhere is deleted at another.',
    needsToken: true,
    query: nothing,
    where: ofUser,
    may: byOwnerOrModerators,
    handler: async ({ useCases }, { actor, where: { site, userId } }) => ({
      status: 200,
      headers: oauthHeaders(actor, await useCases.deleteUser({ actor, site, userId })),
      body: { user: 'deleted' },
    }),
    cache: 'private, no-cache',
    answer: {
      status: 200,
      description: 'Gone.',
      schema: reference('Deleted'),
      headers: ['X-OAuth-Removal', 'X-OAuth-Values'],
    },
    problems: ['forbidden', 'site-not-found', 'user-not-found', 'conflict', 'busy'],
  }),
];
