import { siteConfigOf, type Site } from '../../../src/domain/sites/site.ts';
import type { SiteStore } from '../../../src/ports/site-store.ts';
import type { FakeDatabase } from './state.ts';

/** Never stale, so that there is nothing to forget. */
export const fakeSiteStore = (database: FakeDatabase): SiteStore => {
  const inOrder = (sites: ReadonlyMap<number, Site>) => [...sites.values()].sort((one, other) => one.id - other.id);
  const all = () => inOrder(database.state.sites);
  const ofDomain = (domain: string) => all().find((site) => site.domain.toLowerCase() === domain.toLowerCase()) ?? null;
  return {
    byId: async (id) => database.state.sites.get(id) ?? null,
    byDomain: async (domain) => ofDomain(domain),
    all: async () => all(),
    past: async () => inOrder(database.state.pastSites),
    allNow: async () => ({ all: all(), past: inOrder(database.state.pastSites) }),
    readNow: async (ids) => all().filter((site) => ids.includes(site.id)),
    locked: async (id) => {
      if (!database.isInTransaction) throw new Error('locked reads need a transaction');
      return database.state.sites.get(id) ?? null;
    },
    idOfDomain: async (domain) => ofDomain(domain)?.id ?? null,
    insert: ({ config, ...values }, at) =>
      database.write((state) => {
        const id = database.nextId();
        const dates = { createdAt: at, updatedAt: at };
        state.sites.set(id, { id, ...values, ...dates, config: siteConfigOf(config), rawConfig: config });
        return id;
      }),
    save: (id, { config, ...values }, at) =>
      database.write((state) => {
        const site = state.sites.get(id);
        if (site === undefined) return;
        const written = { ...values, config: siteConfigOf(config), rawConfig: config };
        state.sites.set(id, { ...site, ...written, updatedAt: at });
      }),
    remove: (id) =>
      database.write((state) => {
        const site = state.sites.get(id);
        if (site === undefined) return;
        state.sites.delete(id);
        state.pastSites.set(id, site);
      }),
    changed: () => undefined,
    forget: () => undefined,
  };
};
