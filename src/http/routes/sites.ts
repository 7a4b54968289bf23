import { byEditors, byPlatformAdmins, bySiteAdmins } from '../may.ts';
import { reference } from '../openapi/described.ts';
import type { Site } from '../../domain/site.ts';
import { listText } from '../presenters/json-text.ts';
import { foundSiteAnswer, siteAnswer, siteTagFor, siteText } from '../presenters/site.ts';
import { isAmongTags } from '../requests/conditional.ts';
import { nothing } from '../requests/nothing.ts';
import { parseSiteCreate, parseSiteUpdate, siteCreateBody, siteUpdateBody } from '../requests/site-body.ts';
import { siteConfigErrors } from '../requests/site-config.ts';
import { route } from '../route.ts';
import { atNamedSite, nowhere } from '../where.ts';
import { oauthTrouble } from './oauth-trouble.ts';

export const siteRoutes = [
  route({
    method: 'get',
    path: '/api/site',
    operationId: 'listSites',
    summary: 'List all sites',
    group: 'Sites',
    who: 'Platform admins: a fixed token whose user is admin.',
    needsToken: true,
    query: nothing,
    where: nowhere,
    may: byPlatformAdmins,
    handler: async ({ sites }, { actor }) => {
      return { status: 200, json: listText((await sites.all()).map((site) => siteText(actor, site))) };
    },
    cache: 'private, no-cache',
    answer: {
      status: 200,
      description: 'All sites, in id order.',
      schema: { type: 'array', items: reference('Site') },
    },
    problems: ['forbidden'],
  }),
  route({
    method: 'post',
    path: '/api/site',
    operationId: 'createSite',
    summary: 'Create a site',
    group: 'Sites',
    who: 'Platform admins: a fixed token whose user is admin. Credentials in `config.oauth` are tried at their OAuth server first.',
    needsToken: true,
    query: nothing,
    requestBody: siteCreateBody,
    document: 'config',
    bodyLimit: '1 MB',
    where: nowhere,
    may: byPlatformAdmins,
    handler: async ({ useCases }, { actor, body }) => {
      const change = parseSiteCreate(body);
      return siteAnswer(actor, await useCases.createSite({ actor, change, configErrors: siteConfigErrors }), 201);
    },
    cache: 'private, no-cache',
    answer: {
      status: 201,
      description: 'The new site.',
      schema: reference('Site'),
      headers: ['Location', 'ETag'],
    },
    problems: ['forbidden', 'conflict', 'invalid-values', 'busy', ...oauthTrouble],
  }),
  route({
    method: 'get',
    path: '/api/site/{siteId}',
    operationId: 'viewSite',
    summary: 'View one site, by id or by domain',
    group: 'Sites',
    who: 'Everybody; the config for editors and above only, its secrets masked.',
    needsToken: false,
    query: nothing,
    where: atNamedSite,
    handler: (_services, { actor, where, ifNoneMatch }) =>
      Promise.resolve(foundSiteAnswer(actor, where.site, ifNoneMatch)),
    cache: 'private, no-cache',
    answer: {
      status: 200,
      description: 'The site.',
      schema: reference('Site'),
      headers: ['ETag'],
      notModified: true,
    },
    problems: ['site-not-found'],
  }),
  route({
    method: 'put',
    path: '/api/site/{siteId}',
    operationId: 'updateSite',
    summary: 'Update one site',
    group: 'Sites',
    who: 'Editors and above of the site; `config.allowedDomains` and `domain` its admins; `config.oauth` platform admins: a client’s secret is a key to everybody at its OAuth server. New credentials are tried there before they are kept.',
    needsToken: true,
    query: nothing,
    requestBody: siteUpdateBody,
    document: 'config',
    bodyLimit: '1 MB',
    conditional: true,
    where: atNamedSite,
    may: byEditors,
    handler: async ({ useCases }, { actor, where: { site }, body, ifMatch }) => {
      const tagOf = siteTagFor(actor);
      const condition = ifMatch === undefined ? {} : { stillMatches: (now: Site) => isAmongTags(ifMatch, tagOf(now)) };
      const change = parseSiteUpdate(body);
      const wish = { actor, site, change, configErrors: siteConfigErrors, ...condition };
      return siteAnswer(actor, await useCases.updateSite(wish), 200);
    },
    cache: 'private, no-cache',
    answer: { status: 200, description: 'The site after the change.', schema: reference('Site'), headers: ['ETag'] },
    problems: [
      'forbidden',
      'site-not-found',
      'conflict',
      'precondition-failed',
      'invalid-values',
      'busy',
      ...oauthTrouble,
    ],
  }),
  route({
    method: 'delete',
    path: '/api/site/{siteId}',
    operationId: 'deleteSite',
    refusesUnknown: true,
    summary: 'Delete a site that has ended and whose users are all anonymized',
    group: 'Sites',
    who: 'Admins of the site.',
    needsToken: true,
    query: nothing,
    where: atNamedSite,
    may: bySiteAdmins,
    handler: async ({ useCases }, { actor, where: { site } }) => {
      await useCases.deleteSite({ actor, site });
      return { status: 200, body: { site: 'deleted' } };
    },
    cache: 'private, no-cache',
    answer: { status: 200, description: 'Gone; its contributions stay.', schema: reference('SiteDeleted') },
    problems: ['forbidden', 'site-not-found', 'conflict', 'busy'],
  }),
];
