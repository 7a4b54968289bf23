import { roleAt, type Actor } from '../../domain/actor.ts';
import { atLeast } from '../../domain/role.ts';
import { siteSummary, type Site } from '../../domain/site.ts';
import { maskedConfig } from './masked-config.ts';

/** A site as this actor may see it: its config for editors and above only, without secrets. Source: user-api.md §3 "Around it". */
export const siteBody = (actor: Actor, site: Site): object => ({
  ...siteSummary(site),
  ...(atLeast(roleAt(actor, site.id), 'editor') ? { config: maskedConfig(site.rawConfig) } : {}),
});
