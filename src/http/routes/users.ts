import Joi from 'joi';
import { byCreators } from '../may.ts';
import { reference } from '../openapi/described.ts';
import { jsonArray, pageAnswer } from '../presenters/user-list.ts';
import { userAnswer } from '../presenters/user.ts';
import { listParameters, pagingOf, selectionOf } from '../requests/list-query.ts';
import { useOauth } from '../requests/login-query.ts';
import { createBody, parseCreate } from '../requests/user-body.ts';
import { route } from '../route.ts';
import { atSite } from '../where.ts';
import { oauthTrouble } from './oauth-trouble.ts';

const createParameters = Joi.object<{ readonly useOauth?: string }>({
  useOauth,
});

export const usersRoutes = [
  route({
    method: 'get',
    path: '/api/site/{siteId}/user',
    operationId: 'listUsers',
    summary: 'List the users of a site',
    group: 'Users',
    who: 'Everybody; listed are those whose `listableByRole` allows it (else for moderators and above only), and always oneself.',
    needsToken: false,
    query: listParameters,
    where: atSite,
    handler: async ({ useCases, timeZone }, { actor, where: { site }, query, path, rawQuery, inTurn }) => {
      const selection = { actor, site, ...selectionOf(query, actor, site, timeZone), inTurn };
      const paging = pagingOf(query, actor, site);
      if (paging.by === 'everybody')
        return { status: 200, stream: jsonArray({ actor, site }, useCases.streamUsers(selection)) };
      const { pageSize } = paging;
      const part = paging.by === 'page' ? { page: paging.page } : { page: 0, cursor: paging.cursor };
      return pageAnswer(
        { actor, site, path, rawQuery },
        paging,
        await useCases.listPage({ ...selection, pageSize, ...part }),
      );
    },
    cache: 'private, no-cache',
    answer: {
      status: 200,
      description: 'One page with its metadata; without `page` and `cursor` an array of everybody.',
      schema: { oneOf: [reference('UserPage'), { type: 'array', items: reference('User') }] },
    },
    problems: ['site-not-found', 'busy'],
  }),
  route({
    method: 'post',
    path: '/api/site/{siteId}/user',
    operationId: 'createUser',
    guarded: 'address',
    summary: 'Create a user',
    group: 'Users',
    who: 'Moderators and above.',
    needsToken: true,
    query: createParameters,
    requestBody: createBody,
    document: 'extraData',
    where: atSite,
    may: byCreators,
    handler: async ({ useCases }, { actor, where: { site }, query, body }) => {
      const provider = query.useOauth === undefined ? {} : { provider: query.useOauth };
      return userAnswer(
        { actor, site },
        await useCases.createUser({ actor, site, change: parseCreate(body), ...provider }),
        201,
      );
    },
    cache: 'private, no-cache',
    answer: {
      status: 201,
      description: 'The user as the actor may see it.',
      schema: reference('User'),
      headers: ['Location', 'ETag'],
    },
    problems: [
      'forbidden',
      'site-not-found',
      'conflict',
      'invalid-values',
      'busy',
      'person-being-removed',
      ...oauthTrouble,
    ],
  }),
];
