import type { JsonObject } from '../../src/domain/json.ts';
import { siteConfigOf, type Site } from '../../src/domain/sites/site.ts';

/** What the demo's sites have in common: how people describe themselves. */
const extraData: JsonObject = {
  bio: {},
  expertise: {},
  wijk: { type: 'string' },
  interesses: { type: 'array', auth: { viewableBy: ['member', 'owner'] } },
  motto: { sitespecific: true },
  notitie: { auth: { viewableBy: 'moderator', updateableBy: 'moderator' } },
};

const common: JsonObject = { allowedDomains: ['localhost', '127.0.0.1'] };

const site = (id: number, name: string, title: string, created: string, config: JsonObject): Site => ({
  id,
  name,
  title,
  domain: `${name}.localhost`,
  areaId: null,
  createdAt: new Date(created),
  updatedAt: new Date(created),
  rawConfig: { ...common, ...config },
  config: siteConfigOf({ ...common, ...config }),
});

/** Who the platform's own site is at the demo's OAuth server: nobody else is that there. */
export interface PlatformClient {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** 1 and 2 voting, 3 voting closed, 4 ended, and 5, the platform's own. Source: running.md. */
export const demoSites = ({ clientId, clientSecret }: PlatformClient): readonly Site[] => [
  ...sites,
  site(platformSiteId, 'platform', 'Het platform zelf', '2022-01-10T09:00:00Z', {
    users: { canCreateNewUsers: false },
    votes: { isActive: false },
    oauth: { default: { 'auth-client-id': clientId, 'auth-client-secret': clientSecret } },
  }),
];
export const platformSiteId = 5;

const sites: readonly Site[] = [
  site(1, 'binnenstad', 'Plannen voor de binnenstad', '2024-01-08T09:00:00Z', {
    users: { canCreateNewUsers: true, allowUseOfNicknames: true, extraData },
    votes: { isActive: true, isViewable: true, voteType: 'likes' },
  }),
  site(2, 'parken', 'Meer groen in de wijk', '2024-02-05T09:00:00Z', {
    users: { canCreateNewUsers: true, allowUseOfNicknames: true, extraData },
    votes: {
      isActive: null,
      isActiveFrom: '2024-03-01',
      isActiveTo: '2099-12-31 23:59:59',
      isViewable: true,
      voteType: 'likes',
    },
  }),
  site(3, 'havenkade', 'De nieuwe havenkade', '2023-09-04T09:00:00Z', {
    users: { canCreateNewUsers: true, extraData, anonymize: { firstName: 'Oud-deelnemer', lastName: 'havenkade' } },
    votes: { isActive: false, isActiveFrom: '2023-10-01', isActiveTo: '2023-12-01', isViewable: false },
  }),
  site(4, 'speeltuinen', 'Speeltuinen 2022', '2022-03-07T09:00:00Z', {
    project: { projectHasEnded: true },
    users: { canCreateNewUsers: false, extraData },
    votes: { isActive: false, isViewable: true },
  }),
];
