import type { PersonFacts } from '../domain/people/person-facts.ts';
import type { User } from '../domain/users/user.ts';

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
  /** The statements that read through the sites end after so long, where the database can; undefined: whenever they are done. */
  readonly maxSeconds?: number;
}
/** One person with their live rows at those sites that are not anonymized, in id order; never without a row. */
export interface PersonAtSites {
  readonly rows: readonly [User, ...User[]];
  /** `noFacts` of whom has no live row at the client's sites to which they came. */
  readonly facts: PersonFacts;
}

/** Reads people over several sites, one entry a person; a row without a person is a person of its own. */
export interface PeopleStore {
  /** In the order of their first rows there. Two statements whatever their number. */
  page(query: PeopleQuery, limit: number, offset: number): Promise<readonly PersonAtSites[]>;
  /** One statement. */
  count(query: PeopleQuery): Promise<number>;
  /** How many rows these sites have, about, and however many they are: from what is counted already. One statement. */
  sizeOf(siteIds: readonly number[]): Promise<number>;
}

/** Of whom, and which client keeps it. */
export interface KeptBy {
  readonly personId: number;
  readonly clientId: number;
}
/** The only writer of `civitas_person_facts`. A row goes with its person, and with its client. */
export interface PersonFactsStore {
  /** `noFacts` of whom this client said nothing. */
  of(kept: KeptBy): Promise<PersonFacts>;
  /** In a transaction that holds the person. */
  save(kept: KeptBy, facts: PersonFacts): Promise<void>;
  /** What clients kept of a person at none of whose sites they stay; in a transaction that holds the person. One statement. */
  removeOfPerson(personId: number, stayingAt: readonly number[]): Promise<void>;
  /** All that a client kept, of whomever. */
  removeOfClient(clientId: number): Promise<void>;
}
