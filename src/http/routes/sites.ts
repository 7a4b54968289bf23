import { mustBePlatformAdmin } from '../../domain/user-rules.ts';
import { reference } from '../openapi/described.ts';
import { siteBody } from '../present/site.ts';
import { nothing } from '../requests/nothing.ts';
import { route } from '../route.ts';
import { atNamedSite, nowhere } from '../where.ts';

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
    tell: async ({ sites }, { actor }) => {
      mustBePlatformAdmin(actor);
      return { status: 200, body: (await sites.all()).map((site) => siteBody(actor, site)) };
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
    method: 'get',
    path: '/api/site/{siteId}',
    operationId: 'viewSite',
    summary: 'View one site, by id or by domain',
    group: 'Sites',
    who: 'Everybody; the config for editors and above only, its secrets masked.',
    needsToken: false,
    query: nothing,
    where: atNamedSite,
    tell: (_house, { actor, where }) => Promise.resolve({ status: 200, body: siteBody(actor, where.site) }),
    cache: 'private, no-cache',
    answer: { status: 200, description: 'The site.', schema: reference('Site') },
    problems: ['site-not-found'],
  }),
];
