/** What back offices keep of a person beside the OAuth server; goes with the person. Source: management-api.md §2. */
export interface PersonFacts {
  readonly isExpert: boolean;
  readonly isSelected: boolean;
  readonly points: number;
  readonly score: number;
}

/** Of somebody of whom nothing was said. */
export const noFacts: PersonFacts = { isExpert: false, isSelected: false, points: 0, score: 0 };
