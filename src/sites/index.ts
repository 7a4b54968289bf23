import type { Ports } from '../ports/index.ts';
import type { StoriesOfSites } from './commands.ts';
import { createSite } from './create-site.ts';
import { deleteSite } from './delete-site.ts';
import { updateSite } from './update-site.ts';

/** Every story about sites, given what it needs. */
export const siteStoriesOf = (ports: Ports): StoriesOfSites => ({
  createSite: createSite(ports),
  updateSite: updateSite(ports),
  deleteSite: deleteSite(ports),
});
