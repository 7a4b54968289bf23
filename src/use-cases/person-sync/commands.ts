import type { Actor } from '../../domain/actor.ts';
import type { FindingKind } from '../../domain/people/finding.ts';
import type { FindingCounts, FoundPerson } from '../../ports/finding-store.ts';
import type { Sweep } from '../../ports/finding-store.ts';

export interface ListDriftCommand {
  readonly actor: Actor;
  /** null: every kind. */
  readonly kind: FindingKind | null;
  /** From 0. */
  readonly page: number;
  readonly pageSize: number;
}

export interface Drift {
  readonly counts: FindingCounts;
  /** How far the walk over all people is; null before its first step. */
  readonly sweep: Sweep | null;
  readonly found: readonly FoundPerson[];
  readonly totalCount: number;
}
