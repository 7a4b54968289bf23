import type { EntryRow, Person, User } from '../domain/users/user.ts';
import type { PersonFacts } from '../domain/people/person-facts.ts';
import type { Finding, FindingKind } from '../domain/people/finding.ts';
import type { UserField } from '../domain/users/user-fields.ts';
import type { Actor } from '../domain/actor.ts';
import type { Lease } from './unit-of-work.ts';
import type { PersonRows } from './user-store.ts';
import type { SeenRow, Sight } from '../domain/people/sight.ts';

/** The only writer of `civitas_persons` and tombstones. */
export interface PersonStore {
  find(id: number): Promise<Person | null>;
  byExternalId(issuer: string, externalId: string): Promise<Person | null>;
  /**
   * The id of the person with this external id, if a live row of theirs is at one of these sites. One statement, which takes the same way
   * whether the person is at other sites or unknown: who may know of these sites alone must not tell one from the other.
   */
  idAt(siteIds: readonly number[], issuer: string, externalId: string): Promise<number | null>;
  /**
   * Finds or makes the person, and locks it; two at once make one. Ask `hasTombstone` afterwards: a removal may have been settled
   * while this waited. `isOursToRemove` only ever goes from false to true. Inside a transaction.
   */
  ensure(issuer: string, externalId: string, isOursToRemove: boolean): Promise<Person>;
  /**
   * The same, with all their rows, locked as by `UserStore.person`, and whether they have a tombstone. `lease`: asserted first (Fault `busy`). `isNewByPost`: the OAuth server
   * has just made them for a POST, so that hardly anybody knows them: whoever nobody knew is unclaimed, and read just now.
   */
  ensureWithRows(
    issuer: string,
    externalId: string,
    isOursToRemove: boolean,
    how?: { readonly lease?: Lease; readonly isNewByPost?: boolean },
  ): Promise<PersonRows & { readonly person: Person; readonly wasRemoved: boolean }>;
  /** Nothing is locked, and nobody made. Null: nobody knows them here. One statement. */
  withRows(issuer: string, externalId: string): Promise<PersonRows | null>;
  setState(id: number, state: Person['state']): Promise<void>;
  /** Made by a POST; or no more, as somebody logged in. The person is locked. */
  setUnclaimed(id: number, isUnclaimed: boolean): Promise<void>;
  /** Who vouches for by what they log in; see `Person`. The person is locked. */
  setLoginSetAt(id: number, siteIds: Person['loginSetAt']): Promise<void>;
  /**
   * Remembers, without keeping who it was (an HMAC), that somebody whom the OAuth server keeps when their last row here goes had by
   * what they log in set here: whoever `ensure` makes of them again, and `loginSetAt` tells of, is vouched for by nobody.
   */
  rememberLoginSet(issuer: string, externalId: string): Promise<void>;
  /** As of the person's row, or what is remembered without one. */
  loginSetAt(issuer: string, externalId: string): Promise<Person['loginSetAt']>;
  /** All that rows of an adopted database held is known at the issuer by now: absent means absent. */
  setSaid(id: number): Promise<void>;
  setFetchedAt(id: number, fetchedAt: Date): Promise<void>;
  /**
   * Unlinks whatever row still points here (the caller saw, under the lock, that none keeps the person), and removes the person
   * row. `hasRows` false: the caller saw that none points here, and none can have come since; one that has makes this fail.
   */
  remove(id: number, hasRows?: boolean): Promise<void>;
  /** Remembers for 30 days that this person was removed at the OAuth server, without keeping who it was (an HMAC). */
  addTombstone(issuer: string, externalId: string): Promise<void>;
  hasTombstone(issuer: string, externalId: string): Promise<boolean>;
  /** Removes tombstones and leases that ran out before this moment. */
  forgetExpired(now: Date): Promise<void>;
}

/** What an OpenStad API beside us writes into `users` without telling. Source: docs/adr/0017. */
export interface ForeignWrites {
  /** Ids of people of whom a row was anonymized or given to somebody else, as far as SQL can tell; at most `limit`. */
  touchedPeople(limit: number): Promise<readonly number[]>;
  /** Ids of people without a live row at a site that is there, not noted yet and not on their way out, behind `after` in order. */
  leftBehind(after: number, limit: number): Promise<readonly number[]>;
  /** Gives rows with an external id and no person theirs, as adoption does; answers how many. */
  link(globalIssuer: string | null, now: Date): Promise<number>;
  /** Puts totals of lists right; answers how many were wrong. */
  putCountsRight(): Promise<number>;
  /** Compares the search words of rows behind `after` with their names; answers the last row looked at, null after the last of all. */
  putWordsRight(after: number, limit: number): Promise<number | null>;
}

/** Some people, and rows without a person. */
export interface FewPeople {
  readonly personIds: readonly number[];
  readonly ids: readonly number[];
}
/** Which people of some sites. */
export interface PeopleQuery {
  readonly siteIds: readonly number[];
  /** The client that asks: what others keep of somebody is none of its business. */
  readonly clientId: number;
  /** All sites of that client: what is kept of somebody is told once they have logged in to one of these, whichever are asked about. */
  readonly clientSiteIds: readonly number[];
  /** People of other OAuth servers are nobody here: their external ids would name somebody else. */
  readonly issuer: string;
  /** `listed`: only rows whose owner is listable to everybody. */
  readonly audience: 'everybody' | 'listed';
  readonly isExpert?: boolean;
  readonly isSelected?: boolean;
  /** Only these: they are looked up by themselves. */
  readonly among?: FewPeople;
  /** The statements that read through the sites end after so long, where the database can; undefined: whenever they are done. */
  readonly maxSeconds?: number;
}
/** One person with their live rows at those sites that are not anonymized, in id order; never without a row. */
export interface PersonAtSites {
  readonly rows: readonly [User, ...User[]];
  /** `noFacts` of whom has no live row at the client's sites to which they came. */
  readonly facts: PersonFacts;
}

/** A person of such a page by the ids of the rows that count, in their order: what these hold is read by few, as their sites may have filled them. */
export interface ListedPerson {
  readonly personId: number | null;
  readonly rowIds: readonly [number, ...number[]];
}

/** Reads people over several sites, one entry a person; a row without a person is a person of its own. */
export interface PeopleStore {
  /** In the order of their first rows there. Two statements. */
  page(query: PeopleQuery, limit: number, offset: number): Promise<readonly ListedPerson[]>;
  /** Of some of a page, in their order, all that their rows hold; without whom nothing is left of. One statement. */
  rowsOf(query: PeopleQuery, some: readonly ListedPerson[]): Promise<readonly PersonAtSites[]>;
  /** One statement. */
  count(query: PeopleQuery): Promise<number>;
  /**
   * Of whom one of these rows has exactly this address, but for its case: they are looked up by its words, as addresses have no index.
   * Two statements.
   */
  withAddress(query: PeopleQuery, address: string): Promise<FewPeople>;
  /** How many rows these sites have, about, and however many they are: from what is counted already. One statement. */
  sizeOf(siteIds: readonly number[]): Promise<number>;
}

/** What people across sites are searched by. */
export interface SearchAsked {
  /** Each begins a word of one row that the actor may know of. `isWhole`: is one of its e-mail address. */
  readonly words: readonly string[];
  /** The one of them whose bearers are looked at one by one. */
  readonly lead: string;
  readonly isWhole: boolean;
}
export interface WordPosition {
  readonly word: string;
  readonly userId: number;
}
export interface Candidate extends WordPosition {
  /** By which its row is joined to others; null where it is not. */
  readonly personId: number | null;
  /** The row fits, and none of the same person does that stands before it. */
  readonly isFirst: boolean;
}

export type RowWithAddress = SeenRow & Pick<User, 'email'>;

/** Looks for people over the sites of a sight, by their words and ids. */
export interface PeopleSearch {
  /** How many entries begin with each word (`isWhole`: are it), counted up to `most`. One statement. */
  countWords(sight: Sight, asked: Pick<SearchAsked, 'words' | 'isWhole'>, most: number): Promise<readonly number[]>;
  /**
   * All that bear the word that leads, found or not, in the order of word and id, behind `after`: as many as are looked at at a time.
   * One statement for each sixty sites, ended after `maxSeconds` where the database can.
   */
  candidates(
    asking: { readonly actor: Actor; readonly sight: Sight },
    asked: SearchAsked,
    part: { readonly after: WordPosition | null; readonly limit: number; readonly maxSeconds: number },
  ): Promise<readonly Candidate[]>;
  /** All rows at the sites of the sight that have one of these ids or people. One statement. */
  rowsOf(sight: Sight, chosen: FewPeople): Promise<readonly EntryRow[]>;
  /** Of those rows little more than their address, as many may bear its words as are looked at. One statement. */
  addressesOf(sight: Sight, chosen: FewPeople): Promise<readonly RowWithAddress[]>;
  /** Rows whose person has this external id at one of these OAuth servers, or that hold it and are nobody's yet. One statement. */
  byExternalId(sight: Sight, issuers: readonly string[], externalId: string): Promise<readonly RowWithAddress[]>;
}

/** Of whom, and which client keeps it. */
export interface KeptBy {
  readonly personId: number;
  readonly clientId: number;
}
/** The only writer of `civitas_person_facts`. A row goes with its person, and with its client. */
interface Went {
  /** Sites, by id. */
  readonly stayingAt: readonly number[];
  readonly goneFrom: readonly number[] | 'everywhere';
}
export interface PersonFactsStore {
  /** `noFacts` of whom this client said nothing. */
  of(kept: KeptBy): Promise<PersonFacts>;
  /** What clients keep of a person: all of them, or those that serve this site and no other. One statement. */
  ofPerson(personId: number, siteId: number | 'any'): Promise<readonly (PersonFacts & { readonly clientId: number })[]>;
  /** In a transaction that holds the person. */
  save(kept: KeptBy, facts: PersonFacts): Promise<void>;
  /**
   * What clients kept of a person who stays at none of their sites, and went from one of them, or from everywhere; in a transaction
   * that holds the person. One statement.
   */
  removeOfPerson(personId: number, went: Went): Promise<void>;
  /** All that a client kept, of whomever. */
  removeOfClient(clientId: number): Promise<void>;
}

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
  /** Of one person, by kind; none of `never-fetched`, which `fetchedAt` tells. One statement. */
  ofPerson(personId: number): Promise<readonly Pick<FoundPerson, 'kind' | 'fields' | 'at'>[]>;
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
