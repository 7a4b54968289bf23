import { mustBePlatformAdmin } from '../../domain/refusals.ts';
import type { Actor } from '../../domain/actor.ts';
import type { FindingKind } from '../../domain/people/finding.ts';
import type { Ports } from '../../ports/index.ts';
import type { FindingCounts, FoundPerson, Sweep } from '../../ports/people.ts';
import { actorNow, type ActorNowNeeds } from '../actor-now.ts';

interface ListDriftCommand {
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

/**
 * What the last checks found between our copies of people and the OAuth server; nobody is asked for it now. Faults:
 * `unauthenticated`, `forbidden`. Six statements and one for the walk. Source: oauth-server.md §3.
 */
export const listDrift =
  (ports: Pick<Ports, 'findings' | 'sweeps'> & ActorNowNeeds) =>
  async ({ actor, kind, page, pageSize }: ListDriftCommand): Promise<Drift> => {
    const { findings, sweeps } = ports;
    // They may have waited for their turn.
    mustBePlatformAdmin(await actorNow(ports, actor));
    const [counts, sweep, found] = await Promise.all([
      findings.counts(),
      sweeps.progress(),
      findings.page(kind, pageSize, page * pageSize),
    ]);
    const totals = Object.entries(counts.byKind).filter(([name]) => kind === null || name === kind);
    return { counts, sweep, found, totalCount: totals.reduce((sum, [, count]) => sum + count, 0) };
  };
