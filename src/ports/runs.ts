import type { JsonObject } from '../domain/json.ts';

/** Why a run stands still: somebody asked for that, or going on would not be right any more. */
export type PauseReason =
  | 'asked'
  | 'asker-is-no-admin'
  | 'site-has-not-ended'
  | 'site-is-gone'
  | 'incomplete'
  | 'canary-failed'
  | 'too-many-failures'
  | 'too-old'
  | 'not-written-by-us';
/** Why one that is done is not what was planned: rows of its people were taken out of the database. */
export type EndReason = 'people-are-missing';

/** `planned` and `cancelled`: of a run over a list `planned` is its first state; a cancelled one is never carried on. */
export const runStates = ['planned', 'running', 'paused', 'done', 'cancelled'] as const;
export type RunState = (typeof runStates)[number];

/** In whose name a run goes on. */
export interface RunAsker {
  /** The id of their user; 0: an operator on the machine itself. */
  readonly actorId: number;
  /** They asked with a fixed token, whose role holds on every site. */
  readonly everywhere: boolean;
  /** The name of whoever asked on the machine itself; null: a user did. */
  readonly operator: string | null;
  /** They asked by a session at the console: with the role of each of their rows, at the sites that its login reached (true: at all). Absent: by a token. */
  readonly atConsole?: true | readonly number[] | undefined;
}

/** What runs over whole sites and over lists of people have in common. */
interface CommonRun extends RunAsker {
  readonly id: number;
  /** As addresses call it: its number, or of a run over a list 22 random characters. */
  readonly name: string;
  /** The number of a ticket, as whoever began it gave it; null: none given. */
  readonly statedReason: string | null;
  readonly state: RunState;
  readonly reason: PauseReason | EndReason | null;
  /** How many people it had to visit when it was planned, those that are left out too. */
  readonly planned: number;
  /** The highest user id among them: who has a higher one came after. */
  readonly lastUserId: number;
  /** How long was worked on it, rests included; pauses and times when no instance was there are not. */
  readonly workedMs: number;
  /** Of a run over a list that has not been started: when it was planned. */
  readonly startedAt: Date;
  readonly finishedAt: Date | null;
  /** When somebody resumed it last: failures up to here do not stop it any more. Null: nobody has. */
  readonly forgivenAt: Date | null;
}
/** Everybody at an ended site: whom next is asked of the database. */
interface SiteRunRow extends CommonRun {
  readonly kind: 'site';
  readonly siteId: number;
}
/** People who were written down when it was planned. */
interface PeopleRunRow extends CommonRun {
  readonly kind: 'people';
  /** The site that it was planned for; null: planned for wherever these people are. */
  readonly forSiteId: number | null;
  /** Where it may reach anybody. It never becomes more, whoever resumes it. */
  readonly siteIds: readonly number[] | 'all';
  /** How much of each person: their rows at the site of the row that names them, or everywhere. */
  readonly extent: 'this-site' | 'all-sites';
  readonly plannedAt: Date;
  /** Who planned it, whoever it goes on for by now: ticket and digest are theirs. */
  readonly planner: RunAsker;
  /** How many people were not visited any more, once it was cancelled; null: it was not. */
  readonly cancelled: number | null;
}
/** As lists have them: with nothing that only the whole row tells. */
export type ListedRun = SiteRunRow | PeopleRunRow;

interface WholeRun {
  /** The summary as it was when it was planned, as answers show it. */
  readonly plan: JsonObject;
  /** Whether this program wrote who asked for what, and the state: whoever writes the database asks for nothing. */
  readonly isOurs: boolean;
  /** How many people came to what, kept from before they were forgotten; null: they are not. */
  readonly keptCounts: readonly OutcomeCount[] | null;
}
export type SiteRun = SiteRunRow & WholeRun;
export type PeopleRun = PeopleRunRow & WholeRun;
/** An anonymization of many people, one after the other: who asked for it, what was planned, and how far it is. */
export type AnonymizationRun = SiteRun | PeopleRun;

export type NewSiteRun = Pick<
  SiteRun,
  'siteId' | 'actorId' | 'everywhere' | 'atConsole' | 'statedReason' | 'plan' | 'planned' | 'lastUserId'
>;
export type NewPeopleRun = RunAsker & Pick<PeopleRun, 'forSiteId' | 'siteIds' | 'extent' | 'statedReason' | 'plan'>;
/** Somebody on the list of a run, by a row. */
export interface PlannedPerson {
  readonly userId: number;
  readonly siteId: number;
  /** Over what is to be done to whom; their visit must come to the same. */
  readonly digest: string;
  /** The rule by which they are not visited at all; null: they are. */
  readonly refusal: string | null;
}
/** Held by one instance. */
export type ClaimedRun = AnonymizationRun & { readonly claim: string };

/**
 * Whom to visit next: in a run over a site named by their first row there, in one over a list by the row that stands in it (`planned`).
 * `later`: only failures are left, which are not due yet. `forged`: somebody else wrote who is next.
 */
export type NextPerson =
  | {
      readonly kind: 'person';
      readonly userId: number;
      readonly attempts: number;
      readonly planned: Pick<PlannedPerson, 'siteId' | 'digest'> | null;
    }
  | { readonly kind: 'later' }
  | { readonly kind: 'nobody' }
  | { readonly kind: 'forged' };

/** `planned`: on the list, and not visited yet. */
export const personOutcomes = ['planned', 'anonymized', 'left-out', 'failed'] as const;
export type PersonOutcome = (typeof personOutcomes)[number];
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
  /** What anonymized them, in the audit; null: nothing did, or an older process. */
  readonly operation: string | null;
}
export interface OutcomeCount extends Pick<RunPerson, 'outcome' | 'reason'> {
  readonly people: number;
  /** Of these: how many came to the site after the run began. */
  readonly cameAfter: number;
  /** Of these: how many are tried again. */
  readonly waiting: number;
}
/** What says whether a run may go on. */
export interface RunTrial {
  /** How many were anonymized, counted up to `most`. */
  readonly anonymized: number;
  /** How many failed since it was last resumed; those who were busy only where they are not tried again. */
  readonly failed: number;
}
export interface RunListQuery {
  /** Runs over these sites, and over lists for these sites; `all`: every one. */
  readonly siteIds: readonly number[] | 'all';
  readonly state: RunState | null;
  /** Behind the run of this number; null: from the newest. */
  readonly before: number | null;
  readonly limit: number;
}

/** For what a list is planned: one site, all those together of which somebody is admin, or the whole platform. */
export type PlannedFor = number | PeopleRunRow['siteIds'];

/** The only writer of `civitas_anonymization_runs` and `civitas_anonymization_run_people`: user ids, and no personal value. Source: docs/adr/0007. */
export interface RunStore {
  /** In a transaction. At most one run over a whole site is open (not done) there: where there is one, that one is answered. */
  begin(run: NewSiteRun): Promise<SiteRun>;
  /** In a transaction. Writes down a list of people, in this order; each user once, at least one. A statement for each 500. */
  plan(run: NewPeopleRun, people: readonly PlannedPerson[]): Promise<PeopleRun>;
  /** The run over this site, or null. */
  find(siteId: number, runId: number): Promise<SiteRun | null>;
  /** The run that addresses call so, of either kind; null: none. */
  named(name: string): Promise<AnonymizationRun | null>;
  openAt(siteId: number): Promise<SiteRun | null>;
  /** Newest first. One statement. */
  list(query: RunListQuery): Promise<readonly ListedRun[]>;
  /** How many runs over lists, planned for these, are neither done nor cancelled. One statement. */
  countOpen(planFor: PlannedFor): Promise<number>;
  /** In a transaction: until it ends, nobody else plans a list for these. Two statements at most. */
  lockLists(planFor: PlannedFor): Promise<void>;
  /** Who stands on the list of a run, in its order, behind this rank. One statement. */
  listed(
    runId: number,
    after: number,
    limit: number,
  ): Promise<readonly (Pick<PlannedPerson, 'userId' | 'siteId'> & { readonly rank: number })[]>;
  /** Begins in the name of whoever starts it. False where it is not planned (any more), or not ours. */
  start(runId: number, by: RunAsker): Promise<boolean>;
  /** False where it is not running, or not ours. Whoever works on it finds its claim lost. */
  pause(runId: number, reason: Exclude<PauseReason, 'not-written-by-us'>): Promise<boolean>;
  /** Goes on in the name of whoever resumes it; what failed before stops it no more. False where it is not paused, or not ours. */
  resume(runId: number, by: RunAsker): Promise<boolean>;
  /**
   * In a transaction. Ends a run for good, whoever is working on it, and forgets whom it has not visited. False where it is over, or not ours.
   */
  cancel(runId: number): Promise<boolean>;
  /** In a transaction. Removes a run that was never started, with its list. False where it was, or is gone. */
  removePlan(runId: number): Promise<boolean>;
  /** Runs that were planned before this moment and never started. */
  plannedBefore(moment: Date): Promise<readonly number[]>;
  /** One that is not ours stands still for ever (`not-written-by-us`), and leaves its site free for another. */
  disown(runId: number): Promise<void>;
  /**
   * Takes a running one that nobody holds, the one that has waited longest, by a conditional UPDATE with a lease; null: none. Of the
   * runs over lists for one site none while another is held.
   */
  claim(except: readonly number[]): Promise<ClaimedRun | null>;
  /** Gives it back for others, and for later turns. A claim that is lost by then is nobody's loss. */
  release(run: ClaimedRun): Promise<void>;
  /** Three statements at most, whatever the number of people. `busyFirst`: nobody new while somebody who was busy is to be tried again. */
  next(run: ClaimedRun, order?: 'busyFirst'): Promise<NextPerson>;
  /**
   * Holds on to the claim, counts the time, and writes what came of a person over what an earlier attempt came to; in the transaction
   * of the operation, if there is one. `retryAt`: a failure that is tried again. Throws `ClaimLost`: then nothing holds.
   */
  record(
    run: ClaimedRun,
    visited: RunPerson,
    how: { readonly tookMs: number; readonly retryAt: Date | null; readonly operation?: string },
  ): Promise<void>;
  /** One statement. */
  trial(run: AnonymizationRun, most: number): Promise<RunTrial>;
  /** Throws `ClaimLost`. */
  finish(run: ClaimedRun, reason?: EndReason): Promise<void>;
  /** By outcome and reason; as they were kept, where its people are forgotten. One statement at most. */
  counts(run: AnonymizationRun): Promise<readonly OutcomeCount[]>;
  /** Of how many people the removal at the OAuth server is still waited for; `told`: only of whom nobody was merely added. One statement. */
  awaitingRemoval(runId: number, which: 'all' | 'told'): Promise<number>;
  /** In the order of the list, or of user ids, behind `offset`; with `outcome` only these. */
  people(
    run: Pick<ListedRun, 'id' | 'kind'>,
    page: { readonly offset: number; readonly limit: number; readonly outcome?: PersonOutcome },
  ): Promise<readonly PersonRecord[]>;
  /** How many `people` lists: of a run whose people are forgotten only those who are not yet. One statement. */
  countPeople(runId: number, outcome?: PersonOutcome): Promise<number>;
  /** Runs whose people are not all forgotten, in the order of their ids behind this one. One statement. */
  remembered(after: number, limit: number): Promise<readonly ListedRun[]>;
  /** In a transaction, of a run that nobody carries on any more. Keeps what its people came to, once, so that they can be forgotten. */
  keepCounts(run: ListedRun): Promise<void>;
  /**
   * In a transaction, after `keepCounts`. Forgets some of its people, and who they were; not of whom the removal at the OAuth server is
   * still waited for. Answers how many; with 0 it is noted where nobody is left.
   */
  forgetPeople(runId: number): Promise<number>;
}
