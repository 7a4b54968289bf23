import type { Site } from '../domain/site.ts';

/** Live sites; what is soft-deleted does not exist here, but for `past`. Cached for `freshSeconds`. */
export interface SiteStore {
  byId(id: number): Promise<Site | null>;
  byDomain(domain: string): Promise<Site | null>;
  /** Past the cache, for what cannot be taken back; at most one statement. Those that exist, in id order. */
  readNow(ids: readonly number[]): Promise<readonly Site[]>;
  /** In id order. */
  all(): Promise<readonly Site[]>;
  /** The soft-deleted ones: their people may still have to be removed at an OAuth server, with their credentials. */
  past(): Promise<readonly Site[]>;
  /** Whoever changed a site, or heard that somebody did, makes the next reader look anew. */
  forget(): void;
}
