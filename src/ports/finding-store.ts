import type { Finding, FindingKind } from '../domain/people/finding.ts';
import type { Person } from '../domain/users/user.ts';
import type { UserField } from '../domain/users/user-fields.ts';

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

/** How far the walk over all people is. */
export interface Sweep {
  /** The person looked at last; 0 before the first. */
  readonly position: number;
  /** How many were looked at in this round. */
  readonly checked: number;
  readonly beganAt: Date;
  /** Of the last whole round; null before that. */
  readonly endedAt: Date | null;
}

/** Where the slow walk over all people stands; one instance has it at a time. */
export interface SweepStore {
  /** Takes the walk, or goes on having it, for so long; null while another instance has it. */
  hold(holder: string, ms: number): Promise<Sweep | null>;
  /** People behind this place in id order, with a live row, who were not read since this moment. One statement. */
  next(after: number, notSince: Date, limit: number): Promise<readonly Person[]>;
  /** False when another instance has the walk by now: then nothing is written. */
  moved(holder: string, to: Sweep): Promise<boolean>;
  /** null before the first step. */
  progress(): Promise<Sweep | null>;
}
