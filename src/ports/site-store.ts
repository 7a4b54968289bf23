import type { Site } from '../domain/site.ts';

/** Live sites; what is soft-deleted does not exist here. Cached for `freshSeconds`. */
export interface SiteStore {
  byId(id: number): Promise<Site | null>;
  byDomain(domain: string): Promise<Site | null>;
  /** In id order. */
  all(): Promise<readonly Site[]>;
}
