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

/** 1 and 2 voting, 3 voting closed, 4 ended. Source: running.md. */
export const demoSites: readonly Site[] = [
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
