import type { PersonFacts } from '../domain/person-facts.ts';

/** The only writer of `civitas_person_facts`. A row goes with its person. */
export interface PersonFactsStore {
  /** `noFacts` of whom nothing was said. */
  of(personId: number): Promise<PersonFacts>;
  /** In a transaction that holds the person. */
  save(personId: number, facts: PersonFacts): Promise<void>;
}
