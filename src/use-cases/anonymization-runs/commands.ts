import type { OutcomeCount, PersonOutcome, PersonRecord, AnonymizationRun } from '../../ports/runs.ts';
import type { AnonymizeCommand, SiteTotals } from '../anonymization/commands.ts';
import type { AtSite } from '../commands.ts';

/** What callers hand to the use cases of a whole site, and what comes back. Source: docs/adr/0007. */

/** Whether it is the previewed plan, whether it is a repeat, and why: as for one person. */
export type AnonymizeSiteCommand = AtSite & Pick<AnonymizeCommand, 'stillMatches' | 'repeat' | 'reason'>;

export interface SiteSummary {
  /** Over the people in the order of their first rows, those that are left out too. */
  readonly digest: string;
  /** Rows of this site and people that will be anonymized. */
  readonly users: number;
  readonly persons: number;
  /** How many people are not, by the rule that keeps them. */
  readonly leftOut: ReadonlyMap<string, number>;
  /** This site; none where nobody is left to be anonymized. What goes along elsewhere is not told. */
  readonly sites: readonly SiteTotals[];
  /**
   * How many people are to be removed at the OAuth server, and how many stay there. Who was added by address and has not logged in is in
   * neither: it would tell whether they are anywhere else.
   */
  readonly oauth: { readonly removed: number; readonly kept: number };
  /** The highest id of a first row. */
  readonly lastUserId: number;
}

export interface OneRun extends AtSite {
  readonly runId: number;
}
export interface RunStatusCommand extends OneRun {
  /** Which page of the people; undefined: none of them. */
  readonly people?: { readonly page: number; readonly pageSize: number; readonly outcome?: PersonOutcome };
}
export interface RunStatus {
  readonly run: AnonymizationRun;
  readonly counts: readonly OutcomeCount[];
  /** People that are settled, and people in all: as many as were there when it began, or have come since. */
  readonly progress: { readonly done: number; readonly total: number };
  /** When it will be done if it goes on as until now; null while that cannot be told. */
  readonly estimate: Date | null;
  readonly people: {
    readonly page: number;
    readonly pageSize: number;
    readonly totalCount: number;
    readonly records: readonly PersonRecord[];
  } | null;
}
/** `replayed`: begun before, under the same key. */
export interface BegunRun {
  readonly status: RunStatus;
  readonly replayed: boolean;
}
