import type { Finding, FindingKind } from '../domain/finding.ts';
import type { UserField } from '../domain/user-fields.ts';

export interface FoundPerson {
  readonly personId: number;
  readonly kind: FindingKind;
  readonly fields: readonly UserField[];
  /** When the check was; null where there was none. */
  readonly at: Date | null;
  /** The person's live rows. */
  readonly users: readonly { readonly id: number; readonly siteId: number }[];
}
export interface FindingCounts {
  readonly people: number;
  readonly byKind: Readonly<Record<FindingKind, number>>;
  /** When the person who has not been read for longest was read; null while nobody was. */
  readonly oldestFetchedAt: Date | null;
}

/** The only writer of what checks at the OAuth server found of people. It goes with the person. */
export interface FindingStore {
  /**
   * What a check found, in place of what the one before found; but that rows differed once stays known until they differ again.
   * Two statements at most. A person who is gone: nothing.
   */
  note(personId: number, found: readonly Finding[], at: Date): Promise<void>;
  /** By kind and person. Two statements. */
  page(kind: FindingKind | null, limit: number, offset: number): Promise<readonly FoundPerson[]>;
  /** `never-fetched` walks all whom nobody has read: not for every scrape. */
  counts(): Promise<FindingCounts>;
  /** Forgets that rows differed before this moment. */
  forgetBefore(moment: Date): Promise<void>;
}
