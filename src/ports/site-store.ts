import type { Site, SiteValues } from '../domain/sites/site.ts';

export interface AllSites {
  readonly all: readonly Site[];
  readonly past: readonly Site[];
}

/**
 * Live sites; what is soft-deleted does not exist here, but for `past`. Cached for `freshSeconds`; a unit of work
 * that changed one reads its own change, and no unit waits for what others read.
 */
export interface SiteStore {
  byId(id: number): Promise<Site | null>;
  byDomain(domain: string): Promise<Site | null>;
  /** Past the cache, for what cannot be taken back; at most one statement. Those that exist, in id order. */
  readNow(ids: readonly number[]): Promise<readonly Site[]>;
  /** In id order. */
  all(): Promise<readonly Site[]>;
  /** The soft-deleted ones: their people may still have to be removed at an OAuth server, with their credentials. */
  past(): Promise<readonly Site[]>;
  /** Both past the cache. Who asks at once shares a reading, which began after each of them asked. At most two statements. */
  allNow(): Promise<AllSites>;
  /** Inside a unit: locks the site against every other change of it, and keeps newcomers waiting. Null when it is gone. */
  locked(id: number): Promise<Site | null>;
  /** The live site that has this domain (the oldest, where an old database has several), past the cache. */
  idOfDomain(domain: string): Promise<number | null>;
  /** Fault `invalid-values` for an `areaId` that refers to nothing, here and in `save`. */
  insert(values: SiteValues, at: Date): Promise<number>;
  /** The site is locked. */
  save(id: number, values: SiteValues, at: Date): Promise<void>;
  /** Softly; the site is locked, and nobody stands there who is not anonymized. */
  remove(id: number, at: Date): Promise<void>;
  /** Whoever changed or made a site, or heard that somebody did, makes the next reader look anew at that one. */
  changed(id: number): void;
  /** Makes the next reader look anew at every site. */
  forget(): void;
}

interface SiteChange {
  readonly kind: 'site';
  readonly id: number;
}
/**
 * Something that one instance changed and that any may hold in memory. A new kind is a member here, a line in
 * src/shared-changes.ts and a listener.
 */
export type Change = SiteChange;

/** Tells whoever holds things in memory, here and in the other instances, that something changed. Source: oauth-server.md §3. */
export interface Changes {
  /**
   * After the commit and before the answer: when this is done, every instance that can be reached has forgotten what it held.
   * Waits a moment at most and never fails; who could not be reached learns of it within `freshSeconds`.
   */
  announce(change: Change): Promise<void>;
  /** `everything`: changes may have been missed (this instance was cut off), so whatever is held may be old. */
  listen(listener: (change: Change | 'everything') => void): void;
}
