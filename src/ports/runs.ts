import type { JsonObject } from '../domain/json.ts';

/** Why a run stands still: somebody asked for that, or going on would not be right any more. */
export type PauseReason =
  'asked' | 'asker-is-no-admin' | 'site-has-not-ended' | 'site-is-gone' | 'incomplete' | 'not-written-by-us';

/** The anonymization of a whole site: who asked for it, what was planned, and how far it is. */
export interface AnonymizationRun {
  readonly id: number;
  readonly siteId: number;
  /** In whose name it goes on. */
  readonly actorId: number;
  /** They asked with a fixed token, whose role holds on every site. */
  readonly everywhere: boolean;
  /** The number of a ticket, as whoever began it gave it; null: none given. */
  readonly statedReason: string | null;
  readonly state: 'running' | 'paused' | 'done';
  readonly reason: PauseReason | null;
  /** The summary as it was when the run began, as answers show it. */
  readonly plan: JsonObject;
  /** How many people it had to visit then, those that are left out too. */
  readonly planned: number;
  /** The highest user id at the site then: who has a higher one came after. */
  readonly lastUserId: number;
  /** How long was worked on it, rests included; pauses and times when no instance was there are not. */
  readonly workedMs: number;
  readonly startedAt: Date;
  readonly finishedAt: Date | null;
  /** Whether this program wrote who asked for what, and the state: whoever writes the database asks for nothing. */
  readonly isOurs: boolean;
}
export type NewRun = Pick<
  AnonymizationRun,
  'siteId' | 'actorId' | 'everywhere' | 'statedReason' | 'plan' | 'planned' | 'lastUserId'
>;
/** Held by one instance. */
export interface ClaimedRun extends AnonymizationRun {
  readonly claim: string;
}

/** Whom to visit next, named by their first row at the site; `later`: only failures are left, which are not due yet. */
export type NextPerson =
  | { readonly kind: 'person'; readonly userId: number; readonly attempts: number }
  | { readonly kind: 'later' }
  | { readonly kind: 'nobody' };

export type PersonOutcome = 'anonymized' | 'left-out' | 'failed';
export interface RunPerson {
  readonly userId: number;
  readonly outcome: PersonOutcome;
  /** A word of ours: a rule, a fault's code or an error's class. Null where they were anonymized. */
  readonly reason: string | null;
}
export interface PersonRecord extends RunPerson {
  /** How often it was tried. */
  readonly attempts: number;
  readonly at: Date;
}
export interface OutcomeCount extends Pick<RunPerson, 'outcome' | 'reason'> {
  readonly people: number;
  /** Of these: how many came to the site after the run began. */
  readonly cameAfter: number;
  /** Of these: how many are tried again. */
  readonly waiting: number;
}

/** The only writer of `civitas_anonymization_runs` and `civitas_anonymization_run_people`: user ids, and no personal value. Source: docs/adr/0007. */
export interface RunStore {
  /** In a transaction. At most one run is open (not done) at a site: where there is one, that one is answered. */
  begin(run: NewRun): Promise<AnonymizationRun>;
  /** The run of this site, or null. */
  find(siteId: number, runId: number): Promise<AnonymizationRun | null>;
  openAt(siteId: number): Promise<AnonymizationRun | null>;
  /** False where it is not running, or not ours. Whoever works on it finds its claim lost. */
  pause(runId: number, reason: Exclude<PauseReason, 'not-written-by-us'>): Promise<boolean>;
  /** Goes on in the name of whoever resumes it. False where it is not paused, or not ours. */
  resume(runId: number, by: Pick<AnonymizationRun, 'actorId' | 'everywhere'>): Promise<boolean>;
  /** One that is not ours stands still for ever (`not-written-by-us`), and leaves its site free for another. */
  disown(runId: number): Promise<void>;
  /** Takes a running one that nobody holds, the one that has waited longest, by a conditional UPDATE with a lease; null: none. */
  claim(except: readonly number[]): Promise<ClaimedRun | null>;
  /** Gives it back for others, and for later turns. A claim that is lost by then is nobody's loss. */
  release(run: ClaimedRun): Promise<void>;
  /** One or two statements, whatever the size of the site. */
  next(run: ClaimedRun): Promise<NextPerson>;
  /**
   * Writes what came of a person over what an earlier attempt came to, holds on to the claim, and counts the time; in the
   * transaction of the operation, if there is one. `retryAt`: a failure that is tried again. Throws `ClaimLost`: then nothing holds.
   */
  record(
    run: ClaimedRun,
    visited: RunPerson,
    time: { readonly tookMs: number; readonly retryAt: Date | null },
  ): Promise<void>;
  /** Throws `ClaimLost`. */
  finish(run: ClaimedRun): Promise<void>;
  /** By outcome and reason. One statement. */
  counts(run: AnonymizationRun): Promise<readonly OutcomeCount[]>;
  /** In the order of user ids, behind `offset`; with `outcome` only these. */
  people(
    runId: number,
    page: { readonly offset: number; readonly limit: number; readonly outcome?: PersonOutcome },
  ): Promise<readonly PersonRecord[]>;
}
