interface SiteChange {
  readonly kind: 'site';
  readonly id: number;
}
/** Something that one instance changed and that any may hold in memory. A new kind is a member here, a line in src/changes.ts and a listener. */
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
