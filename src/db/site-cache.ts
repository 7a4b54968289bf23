import NodeCache from 'node-cache';
import type { Site } from '../domain/site.ts';

type Sites = readonly Site[];
type Read = () => Promise<Sites>;

export interface SiteCache {
  /** What is kept under this key, else what is read now; kept where it found something, as who asks for sites that do not exist must not fill the memory. */
  kept(key: string, read: Read): Promise<Sites>;
  /** The same for a key of our own, of which there is one. */
  keptThoughEmpty(key: string, read: Read): Promise<Sites>;
  /** Past what is kept: what is read now is kept in its place, and where it differs from that, all else is forgotten, too. */
  anew<K extends string>(read: () => Promise<Readonly<Record<K, Sites>>>): Promise<Readonly<Record<K, Sites>>>;
  forget(): void;
}

/**
 * Bounded in time and number. Several that ask at once share one reading. A reading that began before `forget` is not kept, nor
 * shared with who asks after it: it may have seen what was there before the change.
 */
export const siteCache = (freshSeconds: number, most: number): SiteCache => {
  // checkperiod 0: no timer that keeps a process alive; entries go when they are asked for, or with all others.
  const known = new NodeCache({ stdTTL: freshSeconds, useClones: false, checkperiod: 0 });
  const underWay = new Map<string, Promise<Sites>>();
  let generation = 0;

  const keep = (key: string, sites: Sites): void => {
    if (freshSeconds <= 0) return;
    // Full of what nobody asked for again: to begin anew is simpler than to choose, and hardly ever happens.
    if (known.keys().length >= most) known.flushAll();
    known.set(key, sites);
  };

  const reading = async (key: string, read: Read, isWorthKeeping: (sites: Sites) => boolean): Promise<Sites> => {
    const begun = generation;
    try {
      const sites = await read();
      if (begun === generation && isWorthKeeping(sites)) keep(key, sites);
      return sites;
    } finally {
      if (begun === generation) underWay.delete(key);
    }
  };

  const look = (key: string, read: Read, isWorthKeeping: (sites: Sites) => boolean): Promise<Sites> => {
    const sites = known.get<Sites>(key);
    if (sites !== undefined) return Promise.resolve(sites);
    const shared = underWay.get(key);
    if (shared !== undefined) return shared;
    const own = reading(key, read, isWorthKeeping);
    underWay.set(key, own);
    return own;
  };

  const forget = (): void => {
    generation += 1;
    known.flushAll();
    underWay.clear();
  };

  return {
    kept: (key, read) => look(key, read, (sites) => sites.length > 0),
    keptThoughEmpty: (key, read) => look(key, read, () => true),
    anew: async (read) => {
      const begun = generation;
      const found = await read();
      if (begun !== generation) return found;
      const lists = Object.entries<Sites>(found);
      if (!lists.every(([key, sites]) => isSame(known.get(key), sites))) forget();
      for (const [key, sites] of lists) keep(key, sites);
      return found;
    },
    forget,
  };
};

const isSame = (one: Sites | undefined, other: Sites): boolean =>
  one?.length === other.length && one.every((site, at) => site === other[at]);
