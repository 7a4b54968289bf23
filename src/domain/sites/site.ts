import type { JsonObject } from '../json/json.ts';
import type { SiteConfig } from './site-config.ts';

export interface Site {
  readonly id: number;
  readonly name: string;
  readonly title: string;
  readonly domain: string;
  readonly areaId: number | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  /** What we read from the config; see site-config.ts. */
  readonly config: SiteConfig;
  /** The config as it stands in the database, secrets included: never presented without `maskedConfig`. */
  readonly rawConfig: JsonObject;
}

/** What can be set of a site. */
export type SiteValues = Pick<Site, 'name' | 'title' | 'domain' | 'areaId'> & { readonly config: JsonObject };

/** What everybody may see of a site, inside a user and in lists. */
export type SiteSummary = Pick<Site, 'id' | 'name' | 'title' | 'domain' | 'areaId' | 'createdAt' | 'updatedAt'>;

export const siteSummary = ({ id, name, title, domain, areaId, createdAt, updatedAt }: Site): SiteSummary => ({
  id,
  name,
  title,
  domain,
  areaId,
  createdAt,
  updatedAt,
});
