import type { SiteStore } from '../../../src/ports/site-store.ts';
import type { FakeDatabase } from './state.ts';

/** Never stale. Soft-deleted sites are simply not put in. */
export const fakeSiteStore = (database: FakeDatabase): SiteStore => {
  const all = () => [...database.state.sites.values()].sort((one, other) => one.id - other.id);
  return {
    byId: async (id) => database.state.sites.get(id) ?? null,
    byDomain: async (domain) => all().find((site) => site.domain.toLowerCase() === domain.toLowerCase()) ?? null,
    all: async () => all(),
    past: async () => [],
    forget: () => undefined,
    readNow: async (ids) => all().filter((site) => ids.includes(site.id)),
  };
};
