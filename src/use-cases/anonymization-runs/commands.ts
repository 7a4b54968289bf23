import type { Actor } from '../../domain/actor.ts';
import type { JsonObject } from '../../domain/json.ts';
import type { Site } from '../../domain/sites/site.ts';
import type {
  AnonymizationRun,
  ListedRun,
  OutcomeCount,
  PersonOutcome,
  PersonRecord,
  RunState,
} from '../../ports/runs.ts';
import type { Condition } from '../../ports/user-store.ts';
import type { AnonymizeCommand, SiteTotals } from '../anonymization/commands.ts';
import type { OauthProgress } from '../audit/read-operation.ts';
import type { AtSite } from '../commands.ts';

/** What callers hand to the use cases of whole sites and of lists of people, and what comes back. Source: docs/adr/0007. */

/** Whether it is the previewed plan, whether it is a repeat, and why: as for one person. */
export type AnonymizeSiteCommand = AtSite & Pick<AnonymizeCommand, 'stillMatches' | 'repeat' | 'reason'>;

/** What anonymizing many people would do, in numbers. */
export interface PlanSummary {
  /** Over the people in the order of their first rows, those that are left out too. */
  readonly digest: string;
  /** Rows that answers count, and people that will be anonymized. */
  readonly users: number;
  readonly persons: number;
  /** How many people are not, by the rule that keeps them. */
  readonly leftOut: ReadonlyMap<string, number>;
  /** By site, in the order of ids: of a whole site that one. None where nobody is left to be anonymized. */
  readonly sites: readonly SiteTotals[];
  /**
   * How many people are to be removed at the OAuth server, and how many stay there. Who was added by address and has not logged in is in
   * neither: it would tell whether they are anywhere else.
   */
  readonly oauth: { readonly removed: number; readonly kept: number };
}
export interface SiteSummary extends PlanSummary {
  /** The highest id of a first row. */
  readonly lastUserId: number;
}

/** Whom a run is to be over: users by id, or whom a site's list shows the actor by these conditions and words. */
export type Choice =
  | { readonly by: 'id'; readonly userIds: readonly number[] }
  | {
      readonly by: 'filter';
      readonly site: Site;
      readonly conditions: readonly Condition[];
      readonly words: readonly string[];
    };
export interface PlanRunCommand extends Pick<AnonymizeCommand, 'repeat' | 'reason'> {
  readonly actor: Actor;
  readonly choice: Choice;
  /** Each person at all their sites, for platform admins; else at the site of the row that names them. */
  readonly everywhere: boolean;
}

export interface OneRun extends AtSite {
  readonly runId: number;
}
/** A run of either kind, as addresses call it. */
export interface NamedRun {
  readonly actor: Actor;
  readonly name: string;
}
export type StartRunCommand = NamedRun & Pick<AnonymizeCommand, 'stillMatches'>;

/** Which page of the people; undefined: none of them. */
export interface PeoplePage {
  readonly people?: { readonly page: number; readonly pageSize: number; readonly outcome?: PersonOutcome };
}
export type RunStatusCommand = OneRun & PeoplePage;

/** One of a run's people, as this actor is told. */
export interface ToldPerson extends Omit<PersonRecord, 'operation'> {
  /** For who did it, and platform admins. */
  readonly operation: string | null;
  /** What came of the removal at the OAuth server; null: nothing was done, or it is not for this actor to hear. */
  readonly oauth: OauthProgress | null;
}
export interface RunStatus {
  readonly run: AnonymizationRun;
  readonly counts: readonly OutcomeCount[];
  /** People that are settled, and people in all: as many as were there when it began, or have come since. */
  readonly progress: { readonly done: number; readonly total: number };
  /** When it will be done if it goes on as until now; null while that cannot be told. */
  readonly estimate: Date | null;
  /** How many people are still to be removed at the OAuth server, of those of whom this actor may hear. */
  readonly awaitingRemoval: number;
  /** Until when its people are told one by one; null: it is not over. */
  readonly peopleKeptUntil: Date | null;
  /** The plan as this actor is shown it: without what binds to it where that is not theirs. */
  readonly plan: JsonObject;
  /** Whether digest and ticket are told: to platform admins, and whoever asked for it. */
  readonly isOwn: boolean;
  readonly people: {
    readonly page: number;
    readonly pageSize: number;
    readonly totalCount: number;
    /** How many more there were, who were forgotten since. */
    readonly forgotten: number;
    readonly records: readonly ToldPerson[];
  } | null;
}
/** `replayed`: begun, or planned, before, under the same key. */
export interface BegunRun {
  readonly status: RunStatus;
  readonly replayed: boolean;
}

export interface ListRunsCommand {
  readonly actor: Actor;
  readonly state: RunState | null;
  readonly cursor: string | null;
  readonly pageSize: number;
}
export interface ListedRuns {
  /** Newest first. */
  readonly runs: readonly (ListedRun & { readonly isOwn: boolean })[];
  /** Null: that was all. */
  readonly cursor: string | null;
}
